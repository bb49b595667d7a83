/** Pooling: C2, C4, C9. */
import fc from "fast-check";
import type { Kernels } from "../kernels/kernels.ts";
import { type Layer, MaxUnpooling2D, type Merge } from "../layers/index.ts";
import type { Pooling2DOptions } from "../layers/pooling2d.ts";
import { Pass } from "../pass.ts";
import { Random } from "../random.ts";
import { type Shape, type Tensor, zeros } from "../tensor.ts";
import { Window } from "../window.ts";
import { filled, integers, seeds } from "./arbitraries.ts";
import { equal, equalNumbers, holds, innerProduct } from "./compare.ts";
import { channelsOf, imagesFrom, reader, stacked } from "./images.ts";
import { type Law, law } from "./law.ts";
import { CELLS, imageShapes, type MakeConv2D, type MakePooling2D, maxPooling2D, poolingCases } from "./layers.ts";
import { apply, casesOf, float64, type LawOptions, LayerCase, type Shapes, type Subject, trial } from "./subject.ts";
import { windowOf } from "./translation.ts";

/** Depth slices are independent: pooling all channels is pooling each. C2, C4 */
export function slicesAreIndependent(subject: Subject, shapes?: Shapes, { kernels = float64 }: LawOptions = {}): Law {
  const name = "pooling all channels is pooling each by itself, and has no parameters";
  return law(["C2", "C4"], name, casesOf("slicesAreIndependent", subject, shapes), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      holds(layer.parameters.length === 0, () => `it has ${layer.parameters.length} parameters`);
      const slices = Array.from({ length: x.shape[3] }, (_, c) => forward(channelsOf(x, c, 1)));
      equal(forward(x), stacked(slices), ["of all channels", "of each alone"]);
    });
  });
}

/** The numbers of x that each output's window lays hold of; padding is none of them. */
function eachWindow(layer: Layer, x: Tensor, visit: (values: number[], place: readonly number[]) => void): void {
  const { rows, columns } = windowOf(layer, x.shape);
  const [N, H, W, C] = x.shape;
  const at = reader(x);
  for (let n = 0; n < N; n++)
    for (let i = 0; i < rows.output; i++)
      for (let j = 0; j < columns.output; j++)
        for (let c = 0; c < C; c++) {
          const values: number[] = [];
          for (let u = 0; u < H; u++)
            for (let v = 0; v < W; v++) {
              const [p, q] = [u - i * rows.stride + rows.before, v - j * columns.stride + columns.before];
              if (p >= 0 && p < rows.kernel && q >= 0 && q < columns.kernel) values.push(at(n, u, v, c));
            }
          visit(values, [n, i, j, c]);
        }
}

/**
 * The maximum of each window: one of its numbers, and none is larger; also where all are negative, and padding (which is
 * not read) would win if it were 0. C2
 */
export function maximumIsOneOfThem(subject: Subject, shapes?: Shapes, { kernels = float64 }: LawOptions = {}): Law {
  const name = "each output is the largest number of its window, also where all are negative";
  return law(["C2"], name, casesOf("maximumIsOneOfThem", subject, shapes), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const negative = imagesFrom(x.shape, x, (n, u, v, c) => reader(x)(n, u, v, c) - 9 * CELLS);
      for (const image of [x, negative]) {
        const at = reader(forward(image));
        eachWindow(layer, image, (values, place) => {
          const [n, i, j, c] = place;
          const largest = Math.max(...values);
          holds(at(n, i, j, c) === largest, () => `output [${place}] is ${at(n, i, j, c)}, its window holds ${values}`);
        });
      }
    });
  });
}

/** Average pooling is the mean of the numbers of each window, padding not counted; over all of an image: global. C4 */
export function meanOfWindow(subject: Subject, shapes?: Shapes, { kernels = float64 }: LawOptions = {}): Law {
  const name = "each output is the mean of its window's numbers, padding not counted";
  return law(["C4"], name, casesOf("meanOfWindow", subject, shapes), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const at = reader(forward(x));
      eachWindow(layer, x, (values, place) => {
        const [n, i, j, c] = place;
        const mean = values.reduce((a, b) => a + b) / values.length;
        holds(
          at(n, i, j, c) === mean,
          () => `output [${place}] is ${at(n, i, j, c)}, the mean of ${values} is ${mean}`,
        );
      });
    });
  });
}

/**
 * Global pooling says what is in an image and not where: permuting the pixels of every image changes nothing, and dx is
 * permuted with them. C3, C4
 * The pixels of an image are all different, so that no tie of a maximum is broken by their order.
 */
export function seesNoPlace(subject: Subject, shapes?: Shapes, { kernels = float64 }: LawOptions = {}): Law {
  const name = "permuting the pixels of an image changes nothing in y, and permutes dx";
  return law(["C3", "C4"], name, casesOf("seesNoPlace", subject, shapes), (drawn) => {
    const [, H, W] = drawn.shape;
    const order = new Random(drawn.seed).permutation(H * W);
    const permuted = (x: Tensor) => {
      const at = reader(x);
      const from = (u: number, v: number) => order[u * W + v];
      return imagesFrom(x.shape, x, (n, u, v, c) => at(n, Math.floor(from(u, v) / W), from(u, v) % W, c));
    };
    trial(drawn, { kernels }, ({ x: any, draw, gradients }) => {
      const at = reader(any);
      const x = imagesFrom(any.shape, any, (n, u, v, c) => at(n, u, v, c) + 17 * drawn.unit * order[u * W + v]);
      const dy = (shape: readonly number[]) => draw(shape, 1);
      const [own, other] = [gradients(x, dy), gradients(permuted(x), dy)];
      equal(other.y, own.y, ["of the permuted pixels", "of the pixels as they were"]);
      equal(other.dx, permuted(own.dx), ["dx of the permuted pixels", "dx, permuted"]);
    });
  });
}

/**
 * Global pooling is pooling with one window as large as the image, forward and backward. C4
 * @param make with keepDims, so that y is an image
 */
export function globalIsOneWindow(
  make: (options: { keepDims: true }) => Layer,
  makePooling: MakePooling2D,
  { kernels = float64 }: LawOptions = {},
  shapes: fc.Arbitrary<Shape> = imageShapes(),
): Law {
  const name = "global pooling is pooling with one window as large as the image";
  const cases = fc.record({ shape: shapes, seed: seeds });
  return law(["C4"], name, cases, ({ shape, seed }) => {
    const [, H, W] = shape;
    const [whole, window] = [make({ keepDims: true }), makePooling({ poolSize: [H, W] })].map((layer) =>
      trial(new LayerCase(() => layer, shape, seed), { kernels }, ({ x, draw, gradients }) => {
        return gradients(x, (shape) => draw(shape, 1));
      }),
    );
    equal(whole.y, window.y, ["of global pooling", "of the window"]);
    equal(whole.dx, window.dx, ["dx of global pooling", "dx of the window"]);
  });
}

/**
 * Pooling by 2 × 2 with stride 2 halves an image and leaves out an odd row; by 3 × 3 with stride 2 it takes 55 to 27, and
 * any odd size J to (J − 1)/2. C2
 */
export function poolingSizes(make: MakePooling2D): Law {
  const name = "2 × 2 with stride 2 halves, 3 × 3 with stride 2 takes J to ⌊(J − 1)/2⌋, as 55 to 27";
  return law(["C2"], name, fc.oneof(fc.constant(55), fc.integer({ min: 3, max: 60 })), (size) => {
    const outputs = (poolSize: number) => make({ poolSize, strides: 2 }).outputShape([1, size, size, 3]);
    for (const [poolSize, expected] of [
      [2, Math.floor(size / 2)],
      [3, Math.floor((size - 1) / 2)],
    ]) {
      const shape = outputs(poolSize);
      const wanted = [1, expected, expected, 3];
      holds(
        String(shape) === String(wanted),
        () => `${size} becomes [${shape}] with ${poolSize}, expected [${wanted}]`,
      );
    }
  });
}

/**
 * Average pooling is a depthwise convolution with one weight for all cells; LeNet's trainable subsampling (a weight and a
 * bias a map) is that convolution with another weight. C4
 */
export function averageIsConvolution(
  make: MakePooling2D,
  makeConv: MakeConv2D,
  { kernels = float64 }: LawOptions = {},
): Law {
  const few = fc.integer({ min: 1, max: 3 });
  const cases = fc.record({
    poolSize: fc.tuple(few, few),
    strides: fc.tuple(few, few),
    channels: few,
    more: fc.nat(4),
    seed: seeds,
  });
  const name = "average pooling is a depthwise convolution whose weights are all alike";
  return law(["C4"], name, cases, ({ poolSize, strides, channels: C, more, seed }) => {
    const shape = [1, poolSize[0] + more, poolSize[1] + more, C];
    const drawn = new LayerCase(() => make({ poolSize, strides }), shape, seed, CELLS);
    trial(drawn, { kernels }, ({ x, forward }) => {
      const conv = makeConv({ filters: C, kernelSize: poolSize, strides, groups: C, useBias: false });
      const ones = filled([...poolSize, 1, C], 0, kernels.dtype, () => 1);
      const sums = apply(conv, x, [ones], { kernels });
      for (let e = 0; e < sums.size; e++) sums.data[e] /= poolSize[0] * poolSize[1];
      equal(forward(x), sums, ["of the pooling", "of the convolution, divided by the cells"]);
    });
  });
}

/**
 * Unpooling with switches is a right inverse of max pooling: it puts each (positive) number where the maximum was, zeros
 * elsewhere, and pooling that gives the number back; and pooling then unpooling keeps of x its maxima. C9
 * Unpooling is the contract's `maxPooling2dBackward`, with y for dy.
 */
export function unpoolingIsRightInverse({ kernels = float64 }: LawOptions = {}): Law {
  const few = fc.integer({ min: 1, max: 3 });
  const cases = fc.record({ poolSize: fc.tuple(few, few), outputs: fc.tuple(few, few), channels: few, seed: seeds });
  const name = "pooling what was unpooled with switches gives it back, and unpooling keeps of x the maxima";
  return law(["C9"], name, cases, ({ poolSize, outputs, channels, seed }) => {
    const [H, W] = [poolSize[0] * outputs[0], poolSize[1] * outputs[1]];
    const window = Window.over("unpooling", H, W, { kernelSize: poolSize, strides: poolSize }, "poolSize");
    const positive = (shape: number[], seed: number) =>
      filled(shape, seed, kernels.dtype, (random) => 1 + random.below(8));
    const x = positive(window.inputShape(1, channels), seed);
    const { y, switches } = pooled(kernels, x, window);
    const values = positive(y.shape, seed + 1);
    const unpool = (y: Tensor) => {
      const result = zeros(x.shape, kernels.dtype);
      kernels.maxPooling2dBackward(result, y, switches, window);
      return result;
    };
    equal(pooled(kernels, unpool(values), window).y, values, ["after unpooling and pooling", "before"]);
    const [kept, at] = [unpool(y), reader(y)];
    const count = kept.data.filter((value) => value !== 0).length;
    holds(count === y.size, () => `${count} numbers are kept of ${y.size} windows`);
    const maxima = imagesFrom(x.shape, x, (n, u, v, c) => {
      const value = reader(x)(n, u, v, c);
      const isKept = reader(kept)(n, u, v, c) !== 0;
      return isKept && value === at(n, Math.floor(u / poolSize[0]), Math.floor(v / poolSize[1]), c) ? value : 0;
    });
    equal(kept, maxima, ["kept", "in x, where the maximum is"]);
  });
}

export type MakeUnpooling2D = (options: Pooling2DOptions) => Merge;
export const maxUnpooling2D: MakeUnpooling2D = (options) => new MaxUnpooling2D(options);

/**
 * The layers: pooling what was unpooled gives the (positive) values back, whatever image named the places; everything
 * else in it is 0. Windows do not overlap; a remainder of the image stays empty. C9
 */
export function unpoolingUndoesPooling(
  make: MakeUnpooling2D = maxUnpooling2D,
  makePooling: MakePooling2D = maxPooling2D,
  { kernels = float64 }: LawOptions = {},
): Law {
  const few = fc.integer({ min: 1, max: 3 });
  const cases = fc.record({
    ...{ poolSize: fc.tuple(few, few), outputs: fc.tuple(few, few), more: fc.nat(2), channels: few, seed: seeds },
  });
  const name = "pooling what the layer has unpooled gives it back, and nothing else is in it";
  return law(["C9"], name, cases, ({ poolSize, outputs, more, channels, seed }) => {
    const [H, W] = poolSize.map((size, axis) => size * outputs[axis] + (more % size));
    const x = integers([2, H, W, channels], seed, kernels.dtype);
    const y = filled([2, ...outputs, channels], seed + 1, kernels.dtype, (random) => 1 + random.below(8));
    const pass = new Pass({ kernels, gradients: false });
    const z = make({ poolSize }).forwardAll([y, x], pass);
    equal(makePooling({ poolSize }).forward(z, pass), y, ["after unpooling and pooling", "before"]);
    const count = z.data.filter((value) => value !== 0).length;
    holds(count === y.size, () => `${count} numbers are not 0, of ${y.size} values`);
  });
}

/**
 * Unpooling is the gradient of the pooling that named the places, with values for dy, also where windows overlap; its own
 * gradient is the adjoint, ⟨dz, unpool(y)⟩ = ⟨dy, y⟩, and 0 for the image. C8, C9
 */
export function unpoolingIsPoolingsGradient(
  make: MakeUnpooling2D = maxUnpooling2D,
  cases: fc.Arbitrary<LayerCase> = poolingCases(maxPooling2D),
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "unpooling is max pooling's gradient with values for dy, and its own is the adjoint";
  return law(["C8", "C9"], name, cases, (drawn) => {
    trial(drawn, { kernels, numbers: integers }, ({ layer, x, draw, gradients }) => {
      const { dy: y, dx: expected } = gradients(x, (shape) => draw(shape, 1));
      const pass = new Pass({ kernels });
      const unpooling = make(layer.options);
      const z = unpooling.forwardAll([y, x], pass);
      equal(z, expected, ["of unpooling", "of max pooling's backward pass"]);
      const dz = draw(z.shape, 2);
      const [dy, dx] = unpooling.backwardAll(dz, pass);
      equalNumbers(innerProduct(dz, z), innerProduct(dy!, y), ["= ⟨dz, unpool(y)⟩", "= ⟨dy, y⟩"]);
      equal(dx!, zeros(x.shape, x.dtype), ["of the image", "= 0"]);
    });
  });
}

function pooled(kernels: Kernels, x: Tensor, window: Window): { y: Tensor; switches: Tensor } {
  const shape = window.outputShape(x.shape[0], x.shape[3]);
  const [y, switches] = [zeros(shape, kernels.dtype), zeros(shape, kernels.dtype)];
  kernels.maxPooling2dForward(y, switches, x, window);
  return { y, switches };
}
