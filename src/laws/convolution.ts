/** What a convolution is: B1, B2. */
import fc from "fast-check";
import { type Tensor, zeros } from "../tensor.ts";
import { integers, seeds } from "./arbitraries.ts";
import { equal, holds } from "./compare.ts";
import { channelsOf, crop, flipped, imagesFrom, padded, reader, stacked } from "./images.ts";
import { type Law, law } from "./law.ts";
import { conv2D, conv2dCases, type MakeConv2D } from "./layers.ts";
import { apply, float64, type LawOptions, trial } from "./subject.ts";
import { windowOf } from "./translation.ts";

const side = fc.integer({ min: 1, max: 5 });
const pairs = fc.record({ x: fc.tuple(side, side), w: fc.tuple(side, side), seed: seeds });

/**
 * The convolution of the textbooks, with all overlaps: y[i,j] = Σ_pq x[i−p, j−q] · w[p,q], where either runs out it is 0.
 *   x [1,H,W,1]   w [1,KH,KW,1]   y [1, H+KH−1, W+KW−1, 1];  in one dimension H = KH = 1
 *
 * ```ts
 * fullConvolution(tensor([[[[1], [2]]]]), tensor([[[[3], [4]]]])).toNested(); // [[[[3], [10], [8]]]]
 * ```
 */
export function fullConvolution(x: Tensor, w: Tensor): Tensor {
  const [[, H, W], [, KH, KW]] = [x.shape, w.shape];
  const y = zeros([1, H + KH - 1, W + KW - 1, 1], x.dtype);
  // Each pixel of x scatters w over y: no index can leave it.
  for (let u = 0; u < H; u++)
    for (let v = 0; v < W; v++)
      for (let p = 0; p < KH; p++)
        for (let q = 0; q < KW; q++) {
          y.data[(u + p) * (W + KW - 1) + v + q] += x.data[u * W + v] * w.data[p * KW + q];
        }
  return y;
}

/** What a convolution layer gives for one image, one filter, with zeros around for all overlaps. */
function crossCorrelation(make: MakeConv2D, x: Tensor, w: Tensor, options: LawOptions): Tensor {
  const [, KH, KW] = w.shape;
  const padding = [KH - 1, KH - 1, KW - 1, KW - 1] as const;
  const layer = make({ filters: 1, kernelSize: [KH, KW], padding, useBias: false });
  return apply(layer, x, [w.reshape([KH, KW, 1, 1])], options);
}

const flippedImage = (w: Tensor) => flipped(w.reshape([w.shape[1], w.shape[2], 1, 1])).reshape(w.shape);

/** The layer computes cross-correlation: with the kernel flipped it computes the convolution of the textbooks. B1 */
export function flipTies(make: MakeConv2D = conv2D, options: LawOptions = {}): Law {
  const name = "a convolution is a cross-correlation with the flipped kernel, in one and in two dimensions";
  return law(["B1"], name, pairs, ({ x: [H, W], w: [KH, KW], seed }) => {
    const { dtype } = options.kernels ?? float64;
    const [x, w] = [integers([1, H, W, 1], seed, dtype), integers([1, KH, KW, 1], seed + 1, dtype)];
    equal(crossCorrelation(make, x, flippedImage(w), options), fullConvolution(x, w), [
      "of the layer",
      "of Σ x[i−p]·w[p]",
    ]);
  });
}

/** x ∗ w = w ∗ x: what is the image and what the kernel does not matter to a convolution. B1 */
export function commutativity(make: MakeConv2D = conv2D, options: LawOptions = {}): Law {
  return law(["B1"], "convolution commutes: x ∗ w = w ∗ x", pairs, ({ x: [H, W], w: [KH, KW], seed }) => {
    const { dtype } = options.kernels ?? float64;
    const [x, w] = [integers([1, H, W, 1], seed, dtype), integers([1, KH, KW, 1], seed + 1, dtype)];
    const convolution = (a: Tensor, b: Tensor) => crossCorrelation(make, a, flippedImage(b), options);
    equal(convolution(x, w), convolution(w, x), ["in x ∗ w", "in w ∗ x"]);
  });
}

/** Cross-correlation does not commute: to be refuted. B1 */
export function correlationCommutes(make: MakeConv2D = conv2D, options: LawOptions = {}): Law {
  return law(["B1"], "cross-correlation commutes", pairs, ({ x: [H, W], w: [KH, KW], seed }) => {
    const { dtype } = options.kernels ?? float64;
    const [x, w] = [integers([1, H, W, 1], seed, dtype), integers([1, KH, KW, 1], seed + 1, dtype)];
    equal(crossCorrelation(make, x, w, options), crossCorrelation(make, w, x, options), ["in x ⋆ w", "in w ⋆ x"]);
  });
}

/**
 * Sampled n times a unit, the discrete convolution of two boxes, times 1/n, is the integral ∫ f(τ)·g(t − τ) dτ up to 1/n:
 * the continuous convolution is the limit of the discrete one. The integral is the length of an overlap, min(t, a, b,
 * a + b − t), so n times both are whole numbers. B1
 */
export function integralIsLimit(make: MakeConv2D = conv2D, options: LawOptions = {}): Law {
  const width = fc.integer({ min: 1, max: 3 });
  const cases = fc.record({ a: width, b: width, n: fc.integer({ min: 1, max: 12 }) });
  const name = "the discrete convolution of n samples a unit is within 1/n of the integral";
  return law(["B1"], name, cases, ({ a, b, n }) => {
    const { dtype } = options.kernels ?? float64;
    const box = (width: number) => imagesFrom([1, 1, width * n, 1], zeros([0], dtype), () => 1);
    const sums = crossCorrelation(make, box(a), box(b), options).data;
    sums.forEach((sum, i) => {
      const overlap = Math.min(i, a * n, b * n, (a + b) * n - i);
      holds(
        Math.abs(sum - overlap) <= 1,
        () => `at t = ${i}/${n} the sum is ${sum}/${n}, the integral ${overlap}/${n}`,
      );
    });
  });
}

/**
 * Z[n,i,j,f] = b[f] + Σ_pqc V[n, i·s + p·d, j·s + q·d, c] · K[p,q,c,f] over the padded image, each sum written out from a
 * patch that is cut out: a filter extends through the full depth (of its group). B2
 */
export function convolutionFormula(make: MakeConv2D = conv2D, { kernels = float64 }: LawOptions = {}): Law {
  const name = "each output is the bias and the sum over rows, columns and the full depth of a patch times a filter";
  return law(["B2"], name, conv2dCases({ make }), (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const { rows, columns } = windowOf(layer, x.shape);
      const V = padded(x, [rows.before, rows.after, columns.before, columns.after]);
      const [kernel, bias] = layer.parameters.map(({ value }) => value);
      const [KH, KW, depth, filters] = kernel.shape;
      const [value, weight] = [reader(V), reader(kernel)];
      const perGroup = (filters * depth) / x.shape[3];
      const y = forward(x);
      const formula = imagesFrom([x.shape[0], rows.output, columns.output, filters], x, (n, i, j, f) => {
        const first = Math.floor(f / perGroup) * depth;
        let sum = bias?.data[f] ?? 0;
        for (let c = 0; c < depth; c++)
          for (let p = 0; p < KH; p++)
            for (let q = 0; q < KW; q++) {
              const [u, v] = [i * rows.stride + p * rows.dilation, j * columns.stride + q * columns.dilation];
              sum += value(n, u, v, first + c) * weight(p, q, c, f);
            }
        return sum;
      });
      equal(y, formula, ["of the layer", "of the formula"]);
    });
  });
}

/** One activation map a filter, stacked: F filters give what each gives alone, and channels add up. A7, B2 */
export function mapsAreStacked(make: MakeConv2D = conv2D, { kernels = float64 }: LawOptions = {}): Law {
  const cases = conv2dCases({ make, groups: 1, useBias: false });
  const name = "there is one activation map a filter, what the filter gives alone; and the channels' shares add up";
  return law(["A7", "B2"], name, cases, (drawn) => {
    trial(drawn, { kernels }, ({ layer, x, forward }) => {
      const y = forward(x);
      const options = layer.options as Parameters<MakeConv2D>[0];
      const kernel = layer.parameters[0].value;
      const alone = Array.from({ length: options.filters }, (_, f) =>
        apply(make({ ...options, filters: 1 }), x, [channelsOf(kernel, f, 1)], { kernels }),
      );
      equal(y, stacked(alone), ["of all filters", "of each filter alone"]);
      const shares = Array.from({ length: x.shape[3] }, (_, c) => {
        const depth = crop(kernel, 0, c, kernel.shape[1], 1);
        return apply(make(options), channelsOf(x, c, 1), [depth], { kernels }).data;
      });
      const sum = imagesFrom(y.shape, y, () => 0);
      for (const share of shares) for (let e = 0; e < sum.size; e++) sum.data[e] += share[e];
      equal(y, sum, ["of all channels", "of the channels one by one, added up"]);
    });
  });
}
