import type { Parameter } from "../layers/parameter.ts";
import type { Connection } from "./connection.ts";
import { labelledValues } from "./labels.ts";
import { parametersOf } from "./run.ts";

/** A line of the table, cell by cell. */
type Row = readonly string[];

const HEAD: Row = ["Layer (type)", "Output Shape", "Param #", "Connected to"];
/** How wide each column is at least; the third is a number and stands at the right. */
const LEAST = [30, 24, 15, 20];
const NUMBER = 2;

/**
 * A model as a table, in Keras' form: each layer with its output shape and its number of parameters, and the totals; where
 * it is no chain, also what each layer is connected to.
 */
export function summaryOf(name: string, connection: Connection): string {
  const { graph } = connection;
  const columns = graph.isChain ? 3 : 4;
  const rows = (graph.isChain ? chainRows(connection) : graphRows(connection)).map((row) => row.slice(0, columns));
  const parameters = parametersOf(graph.layers);
  const trainable = parameters.filter((parameter) => parameter.trainable);
  const frozen = parameters.filter((parameter) => !parameter.trainable);
  return [
    `Model: "${name}"`,
    ...table(HEAD.slice(0, columns), rows),
    ` Total params: ${size(parameters)}`,
    ` Trainable params: ${size(trainable)}`,
    ` Non-trainable params: ${size(frozen)}`,
    "",
  ].join("\n");
}

function chainRows(connection: Connection): Row[] {
  const names = connection.graph.nodes.map(({ layer }) => layer.name);
  return labelledValues(connection)
    .slice(1)
    .map(({ kind, shape, parameters }, index) => [`${names[index]} (${kind})`, shape, number(parameters)]);
}

function graphRows(connection: Connection): Row[] {
  const values = labelledValues(connection);
  return values.map(({ label, kind, shape, parameters, shared, inputs }) => {
    const from = inputs.map((value) => values[value].label).join(", ");
    return [`${label} (${kind})`, shape, shared && parameters > 0 ? "shared" : number(parameters), from || "–"];
  });
}

function table(head: Row, rows: readonly Row[]): string[] {
  const widths = head.map((title, column) => {
    return Math.max(LEAST[column], ...[title, ...rows.map((row) => row[column])].map(({ length }) => length + 2));
  });
  const rule = (left: string, line: string, cross: string, right: string) =>
    left + widths.map((count) => line.repeat(count)).join(cross) + right;
  const line = (row: Row, bar: string) => {
    const cells = row.map((cell, column) =>
      column === NUMBER ? `${cell} `.padStart(widths[column]) : ` ${cell}`.padEnd(widths[column]),
    );
    return bar + cells.join(bar) + bar;
  };
  const body = rows.flatMap((row, index) =>
    index > 0 ? [rule("├", "─", "┼", "┤"), line(row, "│")] : [line(row, "│")],
  );
  return [rule("┏", "━", "┳", "┓"), line(head, "┃"), rule("┡", "━", "╇", "┩"), ...body, rule("└", "─", "┴", "┘")];
}

function elements(parameters: readonly Parameter[]): number {
  return parameters.reduce((total, { size }) => total + size, 0);
}

function number(count: number): string {
  return count.toLocaleString("en-US");
}

/** "34,826 (136.04 KB)", at four bytes each. */
function size(parameters: readonly Parameter[]): string {
  const count = elements(parameters);
  let bytes = count * 4;
  const units = ["B", "KB", "MB", "GB"];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${number(count)} (${bytes.toFixed(2)} ${units[unit]})`;
}
