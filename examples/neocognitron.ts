/**
 * The Neocognitron of 1980 (D3, A8) learns five shapes without being told what they are, and finds them again where they
 * are shifted, stretched or broken. `npx tsx examples/neocognitron.ts`
 */
import { digitShapes, neocognitron, type Tensor } from "../src/index.ts";

const NAMES = ["0", "1", "2", "3", "4"];
const SHADES = " .:+#";

/** Rows of text, a picture of numbers from 0 up; the largest is the darkest. */
function drawn(numbers: ArrayLike<number>, width: number): string[] {
  const most = Math.max(...Array.from(numbers), 1e-300);
  const cells = Array.from(numbers, (value) => SHADES[Math.round((value / most) * (SHADES.length - 1))]);
  return Array.from({ length: cells.length / width }, (_, row) => cells.slice(row * width, (row + 1) * width).join(""));
}

/** Pictures side by side. */
function beside(pictures: readonly string[][], gap = "   "): string {
  return pictures[0].map((_, row) => `  ${pictures.map((picture) => picture[row]).join(gap)}`).join("\n");
}

const imagesOf = (shapes: Tensor) => NAMES.map((_, n) => shapes.data.slice(n * 361, (n + 1) * 361));

const network = neocognitron();
const shapes = digitShapes();
console.log(`the shapes:\n${beside(imagesOf(shapes).map((image) => drawn(image, 19)))}\n`);
network.learn(shapes);

const { a, b, c, options } = network.stages[0];
const strokes = [...b.keys()].filter((k) => b[k] > 0);
const picture = (k: number) => Array.from(c.data, (weight, place) => a.data[place * options.planes + k] / weight);
console.log(`what the ${strokes.length} planes of the first stage that were needed have learnt, 3×3 pixels each:`);
console.log(`${beside(strokes.map((k) => drawn(picture(k), 3)))}\n`);
for (const [stage, { b }] of network.stages.entries()) {
  console.log(
    `stage ${stage + 1}: ${b.filter((value) => value > 0).length} of ${b.length} planes have learnt something`,
  );
}

const planes = network.winners(shapes);
console.log(`\nthe last stage's cell for each shape: ${NAMES.map((name, n) => `${name} → ${planes[n]}`).join(", ")}\n`);

console.log("shifted by down (rows) and right (columns), which shape the winning cell stands for:");
const shifts = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
console.log(`      ${shifts.map((right) => String(right).padStart(7)).join("")}`);
for (const down of shifts) {
  const cells = shifts.map((right) => named(network.winners(digitShapes([down, right]))));
  console.log(`  ${String(down).padStart(3)}   ${cells.join("  ")}`);
}

/** The shapes whose cells have won; · where none responds. */
function named(winners: readonly number[]): string {
  return winners.map((plane) => NAMES[planes.indexOf(plane)] ?? "·").join("");
}

const side = 19;
const deformations: readonly [string, (i: number, j: number) => number][] = [
  ["taller", (i, j) => (i <= 9 ? i : i - 1) * side + j],
  ["narrower", (i, j) => i * side + (j <= 7 || j === side - 1 ? j : j + 1)],
  ["slanted", (i, j) => i * side + (Math.max(0, j - (i < 8 ? 1 : i > 10 ? -1 : 0)) % side)],
];
for (const [how, from] of deformations) {
  const other = digitShapes();
  for (let e = 0; e < other.size; e++) {
    const [n, i, j] = [Math.floor(e / 361), Math.floor((e % 361) / side), e % side];
    other.data[e] = shapes.data[n * 361 + from(i, j)];
  }
  console.log(
    `\n${how}: ${named(network.winners(other))}\n${beside(imagesOf(other).map((image) => drawn(image, side)))}`,
  );
}
