import { fail, NeocogError } from "../errors.ts";
import { Accuracy } from "./accuracy.ts";
import { MeanIoU } from "./mean-iou.ts";
import { Metric } from "./metric.ts";
import { TopKCategoricalAccuracy } from "./top-k.ts";

const KINDS = { accuracy: Accuracy, meanIoU: MeanIoU, topKCategoricalAccuracy: TopKCategoricalAccuracy } as const;

export type MetricName = keyof typeof KINDS;

/** Metrics from their names, or as they are. @throws NeocogError that lists the names, or names one given twice. */
export function metricsFrom(metrics: readonly (MetricName | Metric)[]): Metric[] {
  if (!Array.isArray(metrics)) fail("compile", "metrics", metrics, 'give a list, such as ["accuracy"]');
  const made = metrics.map((metric: MetricName | Metric) => {
    if (metric instanceof Metric) return metric;
    if (typeof metric !== "string" || !Object.hasOwn(KINDS, metric)) {
      fail(
        "compile",
        "a metric",
        metric,
        `use one of ${Object.keys(KINDS).join(", ")}, or a Metric; the loss is always there`,
      );
    }
    return new KINDS[metric]();
  });
  const names = made.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index || name === "loss");
  if (twice !== undefined) throw new NeocogError(`compile: the metric "${twice}" is there twice; give each name once`);
  return made;
}

export type { OutputKind } from "./metric.ts";
export { Accuracy, MeanIoU, Metric, TopKCategoricalAccuracy };
