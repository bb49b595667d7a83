import { existsSync } from "node:fs";
import { type Analysis, analyze, type LayerAnalysis } from "../../analysis/analyze.ts";
import type { Sight } from "../../analysis/receptive-field.ts";
import { loadModel } from "../../model/load.ts";
import type { Model } from "../../model/model.ts";
import { ARCHITECTURES } from "../architectures.ts";
import { command, UsageError } from "../arguments.ts";
import { bytes, count } from "../terminal.ts";

export const analyzeCommand = command({
  name: "analyze",
  summary: "counts what each layer of a model is made of, and measures what its units see",
  operands: "DIR | ARCHITECTURE",
  options: {
    "batch-size": { type: "whole", least: 1, default: 1, help: "images whose activations are in memory at once" },
    json: { type: "flag", help: "one JSON object, for machines" },
  },
  examples: ["neocog analyze lenet5", "neocog analyze runs/fashion-mnist-part --batch-size 32"],
  run({ "batch-size": batchSize, json }, operands) {
    const model = modelOf(operands);
    const analysis = analyze(model, { batchSize });
    process.stdout.write(json ? `${JSON.stringify({ model: model.name, ...analysis })}\n` : asText(model, analysis));
    return 0;
  },
});

/** A directory stands before an architecture of the same name: a path that exists cannot be meant otherwise. */
function modelOf(operands: readonly string[]): Model {
  const known = Object.keys(ARCHITECTURES).join(", ");
  if (operands.length !== 1) {
    throw new UsageError(`neocog analyze: give one directory of a saved model, or one architecture: ${known}`);
  }
  const [name] = operands;
  if (existsSync(name)) return loadModel(name);
  if (Object.hasOwn(ARCHITECTURES, name)) return ARCHITECTURES[name]();
  throw new UsageError(`${JSON.stringify(name)}: no such directory and no such architecture; there are ${known}`);
}

const HEAD = ["layer", "output", "parameters", "neurons", "connections", "multiply-adds", "memory", "sees", "takes"];
/** Columns that are numbers stand at the right. */
const NUMBERS = [2, 3, 4, 5, 6];

function asText({ name, connection }: Model, { batchSize, rows, totals }: Analysis): string {
  const columns = connection.graph.isChain ? HEAD.length - 1 : HEAD.length;
  const sum = [...["total", ""], ...cellsOf(totals), ...["", ""]];
  const body = rows.map((row) => [
    `${row.name} (${row.kind})`,
    row.outputShape.join("×"),
    ...cellsOf(row),
    sightOf(row),
    row.inputs.join(", "),
  ]);
  const table = [HEAD, ...body, sum].map((row) => row.slice(0, columns));
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => (NUMBERS.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join("  ")
      .trimEnd(),
  );
  return [
    `${name}: ${count(totals.parameters)} parameters, ${bytes(4 * totals.parameters)} in float32`,
    "",
    ...lines,
    "",
    `memory: outputs in float32, ${batchSize === 1 ? "one image" : `${count(batchSize)} images`}`,
    "sees: pixels of the image, / pixels from one unit to the next, @ the first pixel of the first unit",
    "",
  ].join("\n");
}

function cellsOf(row: Analysis["totals"]): string[] {
  const { parameters, neurons, connections, multiplyAdds, activationBytes } = row;
  return [...[parameters, neurons, connections, multiplyAdds].map(count), bytes(activationBytes)];
}

/** "14×14 /2 @-2", rows before columns where they differ. */
function sightOf({ receptiveField }: LayerAnalysis): string {
  if (!receptiveField) return "-";
  const { rows, columns } = receptiveField;
  const pair = (of: (sight: Sight) => number) =>
    of(rows) === of(columns) ? String(of(rows)) : `${of(rows)},${of(columns)}`;
  return `${rows.size}×${columns.size} /${pair(({ stride }) => stride)} @${pair(({ first }) => first)}`;
}
