/** Dense layers, and what tells a convolution from them: A2, A4, A5, C5. */
import fc from "fast-check";
import { type Conv2DOptions, EuclideanRBF, Flatten, type Layer, MaxPooling2D } from "../layers/index.ts";
import { Random } from "../random.ts";
import { type Shape, type Tensor, zeros } from "../tensor.ts";
import { integers, seeds } from "./arbitraries.ts";
import { Chain } from "./chain.ts";
import { equal } from "./compare.ts";
import { crop, imagesFrom, reader } from "./images.ts";
import { type Law, law } from "./law.ts";
import { conv2D, conv2dCases, imageShapes, type MakeConv2D } from "./layers.ts";
import { apply, casesOf, float64, type LawOptions, LayerCase, type Shapes, type Subject, trial } from "./subject.ts";
import { windowOf } from "./translation.ts";

export type MakeDense = (options: { units: number; activation?: "linear" | "relu" }) => Layer;

/** x [N,A] · w [A,B] + b [B], by its definition. */
function affine(x: Tensor, w: Tensor, b: Tensor): Tensor {
  const [[N, A], [, B]] = [x.shape, w.shape];
  const y = zeros([N, B], x.dtype);
  for (let n = 0; n < N; n++)
    for (let k = 0; k < B; k++) {
      y.data[n * B + k] = b.data[k];
      for (let a = 0; a < A; a++) y.data[n * B + k] += x.data[n * A + a] * w.data[a * B + k];
    }
  return y;
}

/** A multilayer perceptron on flattened images is ŷ = σ(X·W₁ + b₁)·W₂ + b₂; here σ is the ReLU. A2, C5 */
export function perceptron(make: MakeDense, { kernels = float64 }: LawOptions = {}): Law {
  const cases = fc.record({ shape: imageShapes(), hidden: fc.integer({ min: 1, max: 4 }), seed: seeds });
  const name = "the multilayer perceptron on flattened images is σ(XW₁ + b₁)W₂ + b₂";
  return law(["A2", "C5"], name, cases, ({ shape, hidden, seed }) => {
    const network = new Chain([new Flatten(), make({ units: hidden, activation: "relu" }), make({ units: 2 })]);
    trial(new LayerCase(() => network, shape, seed), { kernels }, ({ x, forward }) => {
      const [w1, b1, w2, b2] = network.parameters.map(({ value }) => value);
      const between = affine(x.reshape([shape[0], x.size / shape[0]]), w1, b1);
      for (let e = 0; e < between.size; e++) between.data[e] = Math.max(between.data[e], 0);
      equal(forward(x), affine(between, w2, b2), ["of the layers", "of the formula"]);
    });
  });
}

/**
 * A dense layer ignores what is beside what: permute all images' pixels, and the rows of its kernel alike, and nothing at
 * all changes. A4
 */
export function permutationInvariance(subject: Subject, shapes?: Shapes, { kernels = float64 }: LawOptions = {}): Law {
  const name = "permute the pixels of every image and the rows of the kernel alike, and nothing changes";
  return law(["A4"], name, casesOf("permutationInvariance", subject, shapes), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const y = forward(x).copy();
      const order = new Random(drawn.seed).permutation(x.shape[1]);
      const { parameters } = layer;
      parameters[0].value = permuted(parameters[0].value, order, 0);
      equal(forward(permuted(x, order, 1)), y, ["of the permuted pixels and rows", "of the images as they were"]);
    });
  });
}

/** Permutes the pixels of images: to be refuted for a convolution, whose output is not even permuted by it. A4 */
export function pixelPermutation(make: MakeConv2D = conv2D, { kernels = float64 }: LawOptions = {}): Law {
  const name = "permuting the pixels then convolving is convolving then permuting the pixels";
  const cases = conv2dCases({ make, stride: 1, groups: 1 });
  return law(["A4"], name, cases, (drawn) => {
    const { options } = drawn.layer;
    const same = new LayerCase(() => make({ ...(options as Conv2DOptions), padding: "same" }), drawn.shape, drawn.seed);
    trial(same, { kernels }, ({ x, forward }) => {
      const [N, H, W] = x.shape;
      const order = new Random(drawn.seed).permutation(H * W);
      const shuffle = (t: Tensor) => permuted(t.reshape([N, H * W, t.shape[3]]), order, 1).reshape(t.shape);
      equal(forward(shuffle(x)), shuffle(forward(x)), ["permuted, convolved", "convolved, permuted"]);
    });
  });
}

/** result[…, k, …] = x[…, order[k], …] along an axis. */
function permuted(x: Tensor, order: Uint32Array, axis: number): Tensor {
  const result = zeros(x.shape, x.dtype);
  const after = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  for (let e = 0; e < x.size; e++) {
    const k = Math.floor(e / after) % order.length;
    result.data[e] = x.data[e + (order[k] - k) * after];
  }
  return result;
}

/**
 * Scanning is a convolution: one small dense network, slid over all windows of an image, gives what a convolution with its
 * weights gives. A5, A9
 */
export function scanning(make: MakeConv2D, makeDense: MakeDense, { kernels = float64 }: LawOptions = {}): Law {
  const name = "scanning all windows with one small dense layer is a convolution";
  const cases = conv2dCases({ make, groups: 1, padding: "valid", dilation: 1, useBias: true });
  return law(["A5", "A9"], name, cases, (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const { rows, columns } = windowOf(layer, x.shape);
      const [kernel, bias] = layer.parameters.map(({ value }) => value);
      const [KH, KW, C, F] = kernel.shape;
      const weights = [kernel.reshape([KH * KW * C, F]), bias];
      const dense = makeDense({ units: F });
      const y = forward(x);
      const at = reader(y);
      for (let i = 0; i < rows.output; i++)
        for (let j = 0; j < columns.output; j++) {
          const patches = crop(x, i * rows.stride, j * columns.stride, KH, KW).reshape([x.shape[0], KH * KW * C]);
          const found = apply(dense, patches, weights, { kernels });
          const there = imagesFrom([x.shape[0], 1, 1, F], y, (n, _u, _v, f) => at(n, i, j, f)).reshape(found.shape);
          equal(found, there, [`of the dense layer on window ${i},${j}`, "of the convolution there"]);
        }
    });
  });
}

/**
 * What is found in one place is found in every other: a pattern of 2 × 2 on a black image of 5 × 5 gives the same y
 * wherever it is. True of a convolution and the maximum over its map; to be refuted for a dense layer. A5
 *
 * @param make a layer, or a network as a Chain, for images of 5 × 5 with one channel
 */
export function foundAnywhere(make: () => Layer, { kernels = float64 }: LawOptions = {}): Law {
  const place = fc.tuple(fc.nat(3), fc.nat(3));
  const cases = fc.record({ one: place, other: place, seed: seeds });
  const name = "a pattern is found wherever it is";
  return law(["A5"], name, cases, ({ one, other, seed }) => {
    const shape = [1, 5, 5, 1];
    trial(new LayerCase(make, shape, seed), { kernels }, ({ forward }) => {
      const pattern = integers([1, 2, 2, 1], seed, kernels.dtype);
      const response = ([top, left]: readonly number[]) => {
        const image = zeros(shape, kernels.dtype);
        for (let e = 0; e < 4; e++) image.data[(top + (e >> 1)) * 5 + left + (e & 1)] = pattern.data[e];
        return forward(image).copy();
      };
      equal(response(one), response(other), [`with the pattern at ${one}`, `with the pattern at ${other}`]);
    });
  });
}

/** A convolution with padding that lets it see every place of a pattern, and the maximum of each of its maps. */
export function scanner(make: MakeConv2D = conv2D): Layer {
  return new Chain([make({ filters: 2, kernelSize: 2, padding: 1 }), new MaxPooling2D({ poolSize: 6 }), new Flatten()]);
}

/** Flattening keeps every number and its order: height, width, channel. C5 */
export function flattening(make: () => Layer, { kernels = float64 }: LawOptions = {}): Law {
  const name = "flattening keeps every number: y[n, (h·W + w)·C + c] = x[n,h,w,c], and so backward";
  return law(["C5"], name, casesOf("flattening", make, imageShapes()), (drawn) => {
    trial(drawn, { kernels }, ({ x, draw, gradients }) => {
      const [N, , W, C]: Shape = x.shape;
      const { y, dy, dx } = gradients(x, (shape) => draw(shape, 1));
      const by = (rows: Tensor) => (n: number, h: number, w: number, c: number) =>
        rows.data[(n * rows.size) / N + (h * W + w) * C + c];
      equal(imagesFrom(x.shape, x, by(y)), x, ["in y", "in x"]);
      equal(imagesFrom(x.shape, x, by(dy)), dx, ["in dy", "in dx"]);
    });
  });
}

/** A dense layer is a convolution whose kernel is as large as the image. C5 */
export function denseIsConvolution(
  make: MakeConv2D,
  makeDense: MakeDense,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "a dense layer on a flattened image is a convolution with a kernel as large as the image";
  const cases = fc.record({ shape: imageShapes(), units: fc.integer({ min: 1, max: 3 }), seed: seeds });
  return law(["C5"], name, cases, ({ shape, units, seed }) => {
    const [N, H, W, C] = shape;
    const conv = make({ filters: units, kernelSize: [H, W] });
    trial(new LayerCase(() => conv, shape, seed), { kernels }, ({ x, forward }) => {
      const [kernel, bias] = conv.parameters.map(({ value }) => value);
      const rows = x.reshape([N, H * W * C]);
      const dense = apply(makeDense({ units }), rows, [kernel.reshape([H * W * C, units]), bias], { kernels });
      equal(forward(x).reshape([N, units]), dense, ["of the convolution", "of the dense layer"]);
    });
  });
}

/** As ‖x − w‖² = ‖x‖² − 2x·w + ‖w‖², the nearness to prototypes is a dense layer's y, less ‖x‖² from every unit. C5 */
export function nearnessIsDense(
  makeDense: MakeDense,
  make: MakeDense = (options) => new EuclideanRBF(options),
  { kernels = float64 }: LawOptions = {},
): Law {
  const few = fc.integer({ min: 1, max: 5 });
  const cases = fc.record({ batch: few, inputs: few, units: few, seed: seeds });
  const name = "−‖x − w‖² is a dense layer with the kernel 2w and the bias −‖w‖², less ‖x‖²";
  return law(["C5"], name, cases, ({ batch, inputs, units, seed }) => {
    const drawn = new LayerCase(() => make({ units }), [batch, inputs], seed);
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const [w, b] = layer.parameters.map(({ value }) => value);
      const twice = imagesFrom([1, 1, inputs, units], w, (_n, _p, a, k) => 2 * w.data[a * units + k]);
      const square = (rows: Tensor, of: (e: number) => boolean) =>
        [...rows.data].reduce((sum, value, e) => (of(e) ? sum + value * value : sum), 0);
      const bias = imagesFrom([1, 1, 1, units], b, (_n, _p, _q, k) => b.data[k] - square(w, (e) => e % units === k));
      const dense = apply(makeDense({ units }), x, [twice.reshape([inputs, units]), bias.reshape([units])], {
        kernels,
      });
      dense.data.forEach((value, e) => {
        const n = Math.floor(e / units);
        dense.data[e] = value - square(x, (at) => Math.floor(at / inputs) === n);
      });
      equal(forward(x), dense, ["of the layer", "of the dense layer, less ‖x‖²"]);
    });
  });
}
