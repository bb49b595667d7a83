import { command } from "../arguments.ts";
import { MODEL_OPTION, readRun } from "../saved-run.ts";
import { count, duration, paint } from "../terminal.ts";

export const check = command({
  name: "check",
  summary: "checks gradients and laws of every layer of a saved model",
  options: {
    model: MODEL_OPTION,
    runs: { type: "whole", least: 1, default: 20, help: "cases a law" },
    elements: { type: "whole", least: 1, default: 32, help: "elements of each tensor in the gradient check" },
    seed: { type: "whole", least: 0, default: 0, help: "draws the same cases again" },
    json: { type: "flag", help: "one JSON object, for machines" },
  },
  examples: ["neocog check --model runs/fashion-mnist-part", "neocog check --model runs/mnist --runs 100 --seed 7"],
  async run({ model: directory, runs, elements, seed, json }) {
    const { model } = readRun(directory);
    // Here and not above: nobody else has to wait for what draws the cases.
    const { checkLayer, layersOf, textOf } = await import("../checking.ts");
    const { bold } = paint(process.stdout);
    const start = performance.now();
    const reports = [];
    for (const [layer, shape] of layersOf(model)) {
      const report = checkLayer(layer, shape, { runs, elements, seed });
      reports.push(report);
      if (!json) process.stdout.write(textOf(report, bold));
    }
    const results = reports.flatMap((report) => report.results);
    const refuted = results.filter(({ refutation }) => refutation !== undefined).length;
    if (json) {
      process.stdout.write(`${JSON.stringify({ model: model.name, passed: refuted === 0, layers: reports })}\n`);
    } else {
      const took = duration((performance.now() - start) / 1000);
      const sum =
        refuted > 0 ? `${count(refuted)} of ${count(results.length)} refuted` : `all ${count(results.length)} hold`;
      process.stdout.write(`${directory}: ${count(reports.length)} layers, ${sum}, ${took}\n`);
    }
    return refuted > 0 ? 1 : 0;
  },
});
