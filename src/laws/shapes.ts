import fc from "fast-check";
import type { Layer } from "../layers/layer.ts";
import { sameShape } from "../tensor.ts";
import type { Axis, Padding, Pair } from "../window.ts";
import { geometries, seeds } from "./arbitraries.ts";
import { equal, holds } from "./compare.ts";
import { imagesFrom, reader } from "./images.ts";
import { type Law, law } from "./law.ts";
import { CELLS, everyWindowTouches } from "./layers.ts";
import { casesOf, float64, type LawOptions, LayerCase, type Shapes, type Subject, trial } from "./subject.ts";
import { windowOf } from "./translation.ts";

/**
 * Output sizes: the shape that the layer says is that of the y it gives, and along each direction there are as many
 * outputs as there are positions 0, s, 2s, … where the window fits into the padded image, counted one by one. B3, B4
 */
export function outputSize(subject: Subject, shapes?: Shapes, { kernels = float64 }: LawOptions = {}): Law {
  const name =
    "there are as many outputs as positions 0, s, 2s, … where the window fits, and y has the shape announced";
  return law(["B3", "B4"], name, casesOf("outputSize", subject, shapes), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const announced = layer.outputShape(x.shape);
      const y = forward(x);
      holds(sameShape(y.shape, announced), () => `y has the shape [${y.shape}], announced is [${announced}]`);
      const { rows, columns } = windowOf(layer, x.shape);
      const counted = [x.shape[0], positions(rows), positions(columns)];
      holds(sameShape(y.shape.slice(0, 3), counted), () => `y has the shape [${y.shape}], counted are [${counted}]`);
    });
  });
}

function positions({ input, kernel, stride, dilation, before, after }: Axis): number {
  const last = (start: number) => start + (kernel - 1) * dilation;
  let count = 0;
  for (let start = -before; last(start) < input + after; start += stride) count++;
  return count;
}

/**
 * (J + 1 − M) with stride 1, 1 + (J − M)/s with stride s, 1 + (J + 2P − M)/s with padding P; where the division leaves a
 * remainder, it is rounded down, and the last pixels are not looked at. B3
 */
export function sizeFormulas(make: (options: { kernelSize: number; strides: number; padding: number }) => Layer): Law {
  const cases = fc.record({
    size: fc.integer({ min: 1, max: 12 }),
    kernelSize: fc.integer({ min: 1, max: 5 }),
    strides: fc.integer({ min: 1, max: 4 }),
    padding: fc.nat(3),
  });
  const name = "output sizes are J + 1 − M, 1 + (J − M)/s and 1 + (J + 2P − M)/s, rounded down";
  return law(["B3"], name, cases, ({ size: J, kernelSize: M, strides: s, padding: P }) => {
    fc.pre(J >= M);
    const outputs = (strides: number, padding: number) =>
      make({ kernelSize: M, strides, padding }).outputShape([1, J, J, 1])[1];
    const is = (found: number, expected: number, formula: string) =>
      holds(found === expected, () => `${found} outputs, ${formula} is ${expected}`);
    is(outputs(1, 0), J + 1 - M, "J + 1 − M");
    const [plain, wide] = [(J - M) % s, (J + 2 * P - M) % s];
    is(outputs(s, 0), 1 + (J - M - plain) / s, "1 + (J − M)/s");
    is(outputs(s, P), 1 + (J + 2 * P - M - wide) / s, "1 + (J + 2P − M)/s");
  });
}

/** Padding "same": ⌈size / stride⌉ outputs, so with stride 1 the size stays; the odd pixel is at the bottom and the right. B3 */
export function sameKeepsSize(make: (options: { kernelSize: Pair; strides: Pair; padding: "same" }) => Layer): Law {
  const some = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }));
  const size = fc.integer({ min: 1, max: 9 });
  const cases = fc.record({ kernelSize: some, strides: some, height: size, width: size });
  return law(["B3"], 'padding "same" gives ⌈size / stride⌉ outputs', cases, ({ height, width, ...options }) => {
    const layer = make({ ...options, padding: "same" });
    const shape = layer.outputShape([1, height, width, 1]);
    const expected = [height, width].map((input, axis) => Math.ceil(input / options.strides[axis]));
    holds(sameShape(shape.slice(1, 3), expected), () => `${shape.slice(1, 3)} outputs, ${expected} are expected`);
    const { rows, columns } = windowOf(layer, [1, height, width, 1]);
    for (const { before, after } of [rows, columns]) {
      holds(after === before || after === before + 1, () => `${before} zeros before and ${after} behind`);
    }
  });
}

/** Makes a layer with these strides. */
export type MakeStrided = (options: { kernelSize: Pair; strides: Pair; padding: Padding }) => Layer;

/**
 * A stride is down-sampling: with strides (s, t), y is every s-th row and every t-th column of what the layer gives with
 * stride 1, exactly. B9
 *
 * ```ts
 * check(strideIsDownSampling((options) => new Conv2D({ filters: 2, ...options })));
 * check(strideIsDownSampling(({ kernelSize: poolSize, ...options }) => new MaxPooling2D({ poolSize, ...options })));
 * ```
 */
export function strideIsDownSampling(make: MakeStrided, { kernels = float64 }: LawOptions = {}): Law {
  const cases = fc.record({
    geometry: geometries({ kernel: 3, stride: 4, output: 3 }).filter(everyWindowTouches),
    batch: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 1, max: 3 }),
    seed: seeds,
  });
  return law(["B9"], "a stride is down-sampling of what stride 1 gives", cases, (drawn) => {
    const { height, width, kernelSize, padding, strides } = drawn.geometry;
    const shape = [drawn.batch, height, width, drawn.channels];
    const run = (strides: Pair) => {
      const one = new LayerCase(() => make({ kernelSize, padding, strides }), shape, drawn.seed, CELLS);
      return trial(one, { kernels }, ({ x, forward }) => forward(x));
    };
    const [y, every] = [run(strides), reader(run(1))];
    const sampled = imagesFrom(y.shape, y, (n, i, j, c) => every(n, i * strides[0], j * strides[1], c));
    equal(y, sampled, ["with strides", "with stride 1, down-sampled"]);
  });
}
