import type { Connection } from "./connection.ts";
import { type LabelledValue, labelledValues } from "./labels.ts";
import { layOut } from "./layout.ts";

/**
 * A graph in the language of Graphviz, for whoever wants to draw it by other means.
 *
 * ```
 * digraph "model" {
 *   node [shape=box];
 *   v0 [label="input\nInput (None, 4)"];
 *   v1 [label="dense\nDense (None, 2)"];
 *   v0 -> v1;
 * }
 * ```
 */
export function dotOf(name: string, connection: Connection): string {
  const values = labelledValues(connection);
  const nodes = values.map(({ label, kind, shape }, value) => {
    return `  v${value} [label="${quoted(label)}\\n${quoted(kind)} ${shape}"];`;
  });
  const edges = values.flatMap(({ inputs }, value) => inputs.map((from) => `  v${from} -> v${value};`));
  return [`digraph "${quoted(name)}" {`, "  node [shape=box];", ...nodes, ...edges, "}", ""].join("\n");
}

const BOX = { width: 190, height: 44 };
/** Letters that fit into a box. */
const LETTERS = 27;

/** A graph as a picture: inputs above, outputs below; colours are those of whoever shows it, by CSS, or grey. */
export function svgOf(name: string, connection: Connection): string {
  const values = labelledValues(connection);
  const { width, height, boxes, lines } = layOut(
    values.map(({ inputs }) => inputs),
    BOX,
  );
  const paths = lines.map(({ points }) => `  <path d="${curve(points)}"/>`);
  const labels = values.map((value, index) => boxOf(value, boxes[index].x, boxes[index].y));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    ` <title>${escaped(name)}</title>`,
    ' <g class="connections" fill="none" stroke="#888" stroke-width="1.5">',
    ...paths,
    " </g>",
    ' <g class="layers" font-family="sans-serif" font-size="12" text-anchor="middle">',
    ...labels,
    " </g>",
    "</svg>",
    "",
  ].join("\n");
}

function boxOf({ label, kind, shape, parameters, isOutput }: LabelledValue, x: number, y: number): string {
  const [left, top] = [x - BOX.width / 2, y - BOX.height / 2];
  const place = kind === "Input" ? "input" : isOutput ? "output" : "inner";
  const fill = { input: "#e8f0fe", output: "#fdecd9", inner: "#f6f6f6" }[place];
  const details = `${label}: ${kind} ${shape}, ${parameters.toLocaleString("en-US")} parameters`;
  return [
    `  <g class="${place}"><title>${escaped(details)}</title>`,
    `   <rect x="${left}" y="${top}" width="${BOX.width}" height="${BOX.height}" rx="6" fill="${fill}" stroke="#888"/>`,
    `   <text x="${x}" y="${y - 4}" font-weight="bold">${escaped(short(label))}</text>`,
    `   <text x="${x}" y="${y + 13}" fill="#555">${escaped(short(`${kind} ${shape}`))}</text>`,
    "  </g>",
  ].join("\n");
}

/** Between rows an S, within a row straight down. */
function curve(points: readonly (readonly [number, number])[]): string {
  const parts = points.map(([x, y], index) => {
    if (index === 0) return `M${x} ${y}`;
    const [fromX, fromY] = points[index - 1];
    const middle = (fromY + y) / 2;
    return x === fromX ? `V${y}` : `C${fromX} ${middle} ${x} ${middle} ${x} ${y}`;
  });
  return parts.join("");
}

function short(text: string): string {
  return text.length > LETTERS ? `${text.slice(0, LETTERS - 1)}…` : text;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

function quoted(text: string): string {
  return text.replace(/[\\"]/g, "\\$&");
}
