/** Functions of one number, and the softmax: C1, C6. */
import fc from "fast-check";
import type { Kernels } from "../kernels/kernels.ts";
import { exp } from "../kernels/reference/math.ts";
import type { Layer } from "../layers/layer.ts";
import { type Shape, type Tensor, zeros } from "../tensor.ts";
import { filled, integers, labels, seeds } from "./arbitraries.ts";
import { equal, equalNumbers, holds } from "./compare.ts";
import { type Law, law } from "./law.ts";
import { imageShapes } from "./layers.ts";
import { casesOf, float64, type LawOptions, LayerCase, type Shapes, type Subject, trial } from "./subject.ts";

/** Half the distance of 1 to the next number: how much a single rounding can be wrong, relatively. */
export function unitRoundoff({ dtype }: Kernels): number {
  return dtype === "float32" ? 2 ** -24 : 2 ** -53;
}

/** A tensor from one value for each element of another. */
function mapped(x: Tensor, f: (value: number) => number): Tensor {
  const result = zeros(x.shape, x.dtype);
  const [X, R] = [x.data, result.data];
  for (let e = 0; e < R.length; e++) R[e] = f(X[e]);
  return result;
}

/** An activation function looks at each number by itself, and a larger number never gives a smaller one. C1 */
export function elementwise(subject: Subject, shapes: Shapes = imageShapes(), options: LawOptions = {}): Law {
  const { kernels = float64 } = options;
  const name = "an activation function looks at each number by itself, and is monotone";
  return law(["C1"], name, casesOf("elementwise", subject, shapes), (drawn) => {
    trial(drawn, { kernels }, ({ x, forward }) => {
      const y = forward(x).copy();
      for (let e = 0; e < x.size; e++) {
        // The value in the place of all others: they must not matter.
        const alone = forward(mapped(x, () => x.data[e])).data;
        equalNumbers(y.data[e], alone[0], [`= f(${x.data[e]}) among others`, "alone"]);
        for (let other = 0; other < e; other++) {
          const ordered = (x.data[e] - x.data[other]) * (y.data[e] - y.data[other]) >= 0;
          holds(ordered, () => `f(${x.data[e]}) = ${y.data[e]}, but f(${x.data[other]}) = ${y.data[other]}`);
        }
      }
    });
  });
}

/** relu x = (x + |x|)/2, and a second time it changes nothing; relu(a·x) = a·relu(x) for a > 0. C1 */
export function rectifies(make: () => Layer, { kernels = float64 }: LawOptions = {}): Law {
  const name = "relu x = (x + |x|)/2; twice is once; relu(4x) = 4·relu(x)";
  return law(["C1"], name, casesOf("rectifies", make, imageShapes()), (drawn) => {
    trial(drawn, { kernels }, ({ x, forward }) => {
      const y = forward(x).copy();
      equal(
        y,
        mapped(x, (value) => (value + Math.abs(value)) / 2),
        ["= relu x", "= (x + |x|)/2"],
      );
      equal(forward(y), y, ["= relu relu x", "= relu x"]);
      equal(
        forward(mapped(x, (value) => 4 * value)),
        mapped(y, (value) => 4 * value),
        ["= relu 4x", "= 4 relu x"],
      );
    });
  });
}

/**
 * σ(−x) = 1 − σ(x), tanh(−x) = −tanh x, and tanh x = 2·σ(2x) − 1; σ is in [0, 1], tanh in [−1, 1]. C1
 * exp is wrong by less than 2 units in the last place and tanh by less than 5, so σ by less than 4, each at most 2u: the
 * two sides differ by at most 16u and 32u.
 */
export function sigmoidAndTanh(sigmoid: () => Layer, tanh: () => Layer, { kernels = float64 }: LawOptions = {}): Law {
  const cases = fc.record({ shape: imageShapes(), seed: seeds });
  const u = unitRoundoff(kernels);
  return law(["C1"], "σ(−x) = 1 − σ(x), tanh(−x) = −tanh x = 1 − 2σ(2x)", cases, ({ shape, seed }) => {
    const x = integers(shape, seed, kernels.dtype);
    const run = (make: () => Layer, x: Tensor) =>
      trial(new LayerCase(make, shape, seed), { kernels }, ({ forward }) => forward(x).copy());
    const minus = mapped(x, (value) => -value);
    const [s, t] = [run(sigmoid, x), run(tanh, x)];
    holds(
      s.data.every((y) => y >= 0 && y <= 1) && t.data.every((y) => Math.abs(y) <= 1),
      () => `σ ${s.data}, tanh ${t.data}`,
    );
    equal(
      run(sigmoid, minus),
      mapped(s, (y) => 1 - y),
      ["= σ(−x)", "= 1 − σ(x)"],
      16 * u,
    );
    equal(
      run(tanh, minus),
      mapped(t, (y) => -y),
      ["= tanh(−x)", "= −tanh x"],
    );
    const double = run(
      sigmoid,
      mapped(x, (value) => 2 * value),
    );
    equal(
      t,
      mapped(double, (y) => 2 * y - 1),
      ["= tanh x", "= 2σ(2x) − 1"],
      32 * u,
    );
  });
}

const rows: fc.Arbitrary<Shape> = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 6 }));

/**
 * softmax(x + a) = softmax(x), exactly, because the maximum is taken off first; each row sums to 1. C6
 * The quotients are wrong by u each, the sum they are divided by, and ours, by n − 1 roundings: (3n + 2)·u in all.
 */
export function softmaxOfShifted(subject: Subject, { kernels = float64 }: LawOptions = {}): Law {
  const cases = fc.record({ layer: casesOf("softmaxOfShifted", subject, rows), a: fc.integer({ min: -64, max: 64 }) });
  const name = "softmax(x + a) = softmax(x), and its rows sum to 1";
  return law(["C6"], name, cases, ({ layer: drawn, a }) => {
    trial(drawn, { kernels }, ({ x, forward }) => {
      const y = forward(x).copy();
      equal(forward(mapped(x, (value) => value + a)), y, ["= softmax(x + a)", "= softmax(x)"]);
      const [N, n] = x.shape;
      for (let row = 0; row < N; row++) {
        let sum = 0;
        for (const value of y.data.subarray(row * n, (row + 1) * n)) sum += value;
        equalNumbers(sum, 1, [`is the sum of row ${row}`, "expected"], (3 * n + 2) * unitRoundoff(kernels));
      }
    });
  });
}

/**
 * The negative log-likelihood of a class t is −log softmax(x)[t]; its gradient softmax(x) − one-hot pushes the right class
 * up and all others down, the most active of them most, and sums to 0. C6
 * |x| ≤ 8: x − max and log Σ are wrong by at most 3 roundings of numbers up to 16 each, so all comparisons by 64u.
 */
export function crossEntropyGradient({ kernels = float64 }: LawOptions = {}): Law {
  const name =
    "the gradient of −log softmax pushes the right class up, the others down, the most active wrong one most";
  return law(["C6"], name, fc.record({ shape: rows, seed: seeds }), ({ shape: [N, n], seed }) => {
    const { dtype } = kernels;
    const [x, t] = [integers([N, n], seed, dtype), labels([N], seed + 1, n, dtype)];
    const make = (shape: Shape) => zeros(shape, dtype);
    const [losses, dx, y, log] = [make([N]), make([N, n]), make([N, n]), make([N, n])];
    kernels.loss(
      "softmaxCrossEntropy",
      losses,
      dx,
      x,
      t,
      filled([N], 0, dtype, () => 1),
    );
    kernels.softmaxForward(y, x);
    kernels.logSoftmaxForward(log, x);
    const bound = 64 * unitRoundoff(kernels);
    equal(mapped(log, exp), y, ["= exp of log-softmax", "= softmax"], bound);
    for (let row = 0; row < N; row++) {
      const right = t.data[row];
      equalNumbers(losses.data[row], -log.data[row * n + right], ["is the loss", "= −log-softmax of the class"], bound);
      for (let k = 0; k < n; k++) {
        const slope = dx.data[row * n + k];
        const expected = y.data[row * n + k] - (k === right ? 1 : 0);
        equalNumbers(slope, expected, [`is the gradient by x[${row},${k}]`, "= softmax − one-hot"], bound);
        holds(k === right ? slope <= 0 : slope >= 0, () => `class ${right} is right, the gradient of ${k} is ${slope}`);
        for (let other = 0; other < n; other++) {
          if (k === right || other === right || x.data[row * n + k] < x.data[row * n + other]) continue;
          holds(slope >= dx.data[row * n + other], () => `${k} is more active than ${other}, but pushed down less`);
        }
      }
    }
  });
}
