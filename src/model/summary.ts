import type { Parameter } from "../layers/parameter.ts";
import type { Connection } from "./connection.ts";
import { parametersOf } from "./run.ts";

/** One line of the table. */
interface Row {
  readonly name: string;
  readonly shape: string;
  readonly count: string;
}

/**
 * A model as a table, in Keras' form: each layer with its output shape and its number of parameters, and the totals.
 *
 * @param inputShape of one example, without the batch
 */
export function summaryOf(name: string, { graph }: Connection): string {
  const rows = graph.nodes.map(({ layer, shape }): Row => {
    return {
      name: `${layer.name} (${layer.kind})`,
      shape: `(${["None", ...shape].join(", ")})`,
      count: elements(layer.parameters).toLocaleString("en-US"),
    };
  });
  const parameters = parametersOf(graph.layers);
  const trainable = parameters.filter((parameter) => parameter.trainable);
  const frozen = parameters.filter((parameter) => !parameter.trainable);
  return [
    `Model: "${name}"`,
    ...table({ name: "Layer (type)", shape: "Output Shape", count: "Param #" }, rows),
    ` Total params: ${size(parameters)}`,
    ` Trainable params: ${size(trainable)}`,
    ` Non-trainable params: ${size(frozen)}`,
    "",
  ].join("\n");
}

function table(head: Row, rows: readonly Row[]): string[] {
  const width = (cell: keyof Row) => Math.max(...[head, ...rows].map((row) => row[cell].length)) + 2;
  const widths = [Math.max(width("name"), 30), Math.max(width("shape"), 24), Math.max(width("count"), 15)];
  const rule = (left: string, line: string, cross: string, right: string) =>
    left + widths.map((count) => line.repeat(count)).join(cross) + right;
  const line = ({ name, shape, count }: Row, bar: string) => {
    const cells = [` ${name}`.padEnd(widths[0]), ` ${shape}`.padEnd(widths[1]), `${count} `.padStart(widths[2])];
    return bar + cells.join(bar) + bar;
  };
  const body = rows.flatMap((row, index) =>
    index > 0 ? [rule("├", "─", "┼", "┤"), line(row, "│")] : [line(row, "│")],
  );
  return [rule("┏", "━", "┳", "┓"), line(head, "┃"), rule("┡", "━", "╇", "┩"), ...body, rule("└", "─", "┴", "┘")];
}

function elements(parameters: readonly Parameter[]): number {
  return parameters.reduce((total, { value }) => total + value.size, 0);
}

/** "34,826 (136.04 KB)", at four bytes each. */
function size(parameters: readonly Parameter[]): string {
  const count = elements(parameters);
  let bytes = count * 4;
  const units = ["B", "KB", "MB", "GB"];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${count.toLocaleString("en-US")} (${bytes.toFixed(2)} ${units[unit]})`;
}
