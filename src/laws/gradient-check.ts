import fc from "fast-check";
import { checkOptions, fail, wholeNumber } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import type { Tensor } from "../tensor.ts";
import { floats } from "./arbitraries.ts";
import { type Comparison, compareWithDifferences } from "./differences.ts";
import { type Law, law, Refutation } from "./law.ts";
import { casesOf, converted, float64, LayerCase, type Shapes, type Subject, type Trial, trial } from "./subject.ts";

export interface GradientCheckOptions {
  /** Whether the layer is in training: whether dropout drops. Default: false. */
  training?: boolean;
  /** Of the cotangent dy, the weights and all randomness of the layer. Default: 0. */
  seed?: number;
  /** Default: "random", because a bias of zeros hides mistakes; "own" takes the layer's. */
  weights?: "random" | "own";
  /** How many elements of each tensor are compared, evenly chosen. Default: all. */
  elements?: number;
}

export interface GradientReport {
  /** x, then the parameters that are trained. */
  readonly rows: readonly Comparison[];
  readonly passed: boolean;
  /** For people: a line a tensor. */
  readonly table: string;
}

/**
 * Compares what a layer's backward pass gives with central differences in float64, for a random cotangent dy:
 *
 *   L = Σ dy·y     ∂L/∂e ≈ (L(e + h) − L(e − h)) / 2h   at every element e of x and of every parameter
 *
 * Where a kink (of a ReLU, or of a maximum) is within h, no derivative exists; such elements are counted, not compared.
 * The layer's parameters are its own again afterwards.
 *
 * ```ts
 * console.log(gradientCheck(new Dense({ units: 1 }), tensor([[1, 2]])).table);
 * // gradients of dense on x [1,2]
 * //   of      shape  compared  kinks  largest error     at     backward   difference
 * //   x       [1,2]       2/2      0        5.9e-13  [0,1]  0.074102546  0.074102546
 * //   kernel  [2,1]       2/2      0         0.0e+0  [0,0]   0.38822886   0.38822886
 * //   bias      [1]       1/1      0         0.0e+0    [0]   0.38822886   0.38822886
 * ```
 * @throws Refutation with the table, where a gradient is wrong, or where every element of a tensor is at a kink.
 */
export function gradientCheck(layer: Layer, x: Tensor, options: GradientCheckOptions = {}): GradientReport {
  checkOptions("gradientCheck", options, ["training", "seed", "weights", "elements"]);
  const { training = false, seed = 0, weights = "random", elements = Infinity } = options;
  if (elements !== Infinity) wholeNumber("gradientCheck", "elements", elements, 1);
  if (weights !== "own" && weights !== "random") fail("gradientCheck", "weights", weights, 'use "random" or "own"');
  const own = layer.parameters.map(({ value }) => value);
  if (weights === "own" && !layer.built)
    fail("gradientCheck", "weights", weights, "build the layer, or use random ones");
  const drawn = weights === "own" ? own.values() : undefined;
  const report = trial(
    new LayerCase(() => layer, x.shape, seed),
    {
      ...{ kernels: float64, training, numbers: small },
      weights: (shape, seed, dtype) => (drawn ? converted(drawn.next().value!, dtype) : small(shape, seed)),
    },
    (at) => reportOf(at, converted(x, "float64"), elements),
  );
  if (!report.passed) throw new Refutation(`wrong ${report.table}`);
  return report;
}

/**
 * The gradient check as a law: the gradients are those of central differences, at every element, whatever the numbers. A2
 *
 * ```ts
 * check(gradients(new SquaredReLU(), [2, 3]));
 * ```
 */
export function gradients(subject: Subject, shapes?: Shapes, { training = false }: { training?: boolean } = {}): Law {
  const name = "gradients are those of central differences, at every element, for a random cotangent";
  return law(["A2"], name, casesOf("gradients", subject, shapes), (drawn) => {
    const { passed, rows, table } = trial(drawn, { kernels: float64, training, weights: small, numbers: small }, (at) =>
      reportOf(at, at.x, Infinity),
    );
    fc.pre(rows.every((row) => row.compared > row.kinks || row.compared === 0));
    if (!passed) throw new Refutation(`wrong ${table}`);
  });
}

const small = (shape: readonly number[], seed: number) => floats(shape, seed, 1, "float64");

function reportOf({ layer, draw, forward, gradients }: Trial, x: Tensor, elements: number): GradientReport {
  const { y, dy, dx, parameters } = gradients(x, (shape) => draw(shape, 1));
  const compare = (name: string, value: Tensor, gradient: Tensor) =>
    compareWithDifferences({ name, value, gradient, y, dy, elements }, () => forward(x));
  const rows = [compare("x", x, dx)];
  layer.parameters.forEach(({ name, value }, index) => {
    const gradient = parameters[index];
    if (gradient) rows.push(compare(name, value, gradient));
  });
  const passed = rows.every((row) => row.wrong === undefined && (row.compared === 0 || row.compared > row.kinks));
  return { rows, passed, table: tableOf(`gradients of ${layer.name} on x [${x.shape}]`, rows) };
}

function tableOf(title: string, rows: readonly Comparison[]): string {
  const head = ["of", "shape", "compared", "kinks", "largest error", "at", "backward", "difference", ""];
  const lines = rows.map(({ name, shape, size, compared, kinks, worst, wrong }) => {
    const verdict = wrong ? "← wrong" : compared > 0 && kinks === compared ? "← only kinks: give another x" : "";
    const { error, place, backward, difference } = wrong ?? worst ?? {};
    const numbers = [
      error?.toExponential(1),
      place && `[${place}]`,
      backward?.toPrecision(8),
      difference?.toPrecision(8),
    ];
    return [name, `[${shape}]`, `${compared}/${size}`, `${kinks}`, ...numbers.map((text) => text ?? "-"), verdict];
  });
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column].length)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("  ")}`;
  return [title, ...[head, ...lines].map((cells) => line(cells).trimEnd())].join("\n");
}
