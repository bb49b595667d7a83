import { finiteNumber, NeocogError } from "../errors.ts";
import { type Loss, type LossName, lossFrom } from "../losses/index.ts";
import { type Metric, type MetricName, metricsFrom } from "../metrics/index.ts";
import { byName, type Each, inOrder, isRecord } from "./structure.ts";

/** What training wants of one output. */
export interface Objective {
  /** The output's name. */
  readonly output: string;
  readonly loss: Loss;
  /** How much this loss counts in the sum of all. */
  readonly weight: number;
  readonly metrics: readonly Metric[];
}

type MetricOption = MetricName | Metric;

/** What is trained and reported: for a model with one output one loss and a list of metrics, for others one each. */
export interface ObjectiveOptions {
  /** One for all outputs, a list in their order, or by name. */
  loss: Each<LossName | Loss>;
  /** How much each loss counts: a list, or by name. Default: 1 each. */
  lossWeights?: readonly number[] | Readonly<Record<string, number>>;
  /** What is reported beside the loss: a list for every output, or lists by name. Default: nothing. */
  metrics?: readonly MetricOption[] | Readonly<Record<string, readonly MetricOption[]>>;
}

/** @throws NeocogError for unknown names of losses, metrics and outputs, and for names that would be in the logs twice. */
export function objectivesFrom(
  { loss, lossWeights, metrics }: ObjectiveOptions,
  outputs: readonly string[],
): Objective[] {
  const losses = each("loss", loss, outputs);
  const weights = lossWeights === undefined ? undefined : each<number>("lossWeights", lossWeights, outputs);
  const scored = metricsOf(metrics ?? [], outputs);
  const objectives = outputs.map((output, index) => ({
    output,
    loss: lossFrom(losses[index] as LossName | Loss),
    weight: weights ? finiteNumber("compile", `the weight of the loss of ${output}`, weights[index], 0) : 1,
    metrics: metricsFrom(scored[index]),
  }));
  refuseNamesTwice(objectives);
  return objectives;
}

/** "digit" and "accuracy" are `digitAccuracy`, "dense_1" and "loss" are `dense1Loss`. */
export function prefixed(output: string, name: string): string {
  const camel = output.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "");
  return `${camel}${name[0].toUpperCase()}${name.slice(1)}`;
}

/** One for each output; one that stands alone is for all. */
function each<Thing>(argument: string, given: Each<Thing>, outputs: readonly string[]): readonly Thing[] {
  if (Array.isArray(given)) return inOrder("compile", argument, given, outputs);
  if (isRecord(given)) return byName("compile", argument, given as Readonly<Record<string, Thing>>, outputs);
  return outputs.map(() => given as Thing);
}

function metricsOf(
  metrics: NonNullable<ObjectiveOptions["metrics"]>,
  outputs: readonly string[],
): (readonly MetricOption[])[] {
  if (!isRecord(metrics)) return outputs.map(() => metrics);
  // Outputs without metrics may be left out.
  const missing = outputs.filter((name) => !Object.hasOwn(metrics, name)).map((name) => [name, []]);
  return byName("compile", "metrics", { ...Object.fromEntries(missing), ...metrics }, outputs);
}

function refuseNamesTwice(objectives: readonly Objective[]): void {
  if (objectives.length === 1) return;
  const names = ["loss", ...objectives.flatMap(({ output, metrics }) => ["loss", ...metrics.map(({ name }) => name)].map((name) => prefixed(output, name)))]; // biome-ignore format: one list
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  const outputs = objectives.map(({ output }) => output);
  throw new NeocogError(
    `compile: "${twice}" would be in the logs twice; rename one of the outputs ${outputs.join(", ")}`,
  );
}
