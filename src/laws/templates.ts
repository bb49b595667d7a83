/** Filters as templates: A8, A9. */
import fc from "fast-check";
import { Random } from "../random.ts";
import { type NestedNumbers, type Tensor, tensor, zeros } from "../tensor.ts";
import { integers, seeds } from "./arbitraries.ts";
import { equal, holds, innerProduct } from "./compare.ts";
import { imagesFrom, padded } from "./images.ts";
import { type Law, law } from "./law.ts";
import { conv2D, type MakeConv2D } from "./layers.ts";
import { apply, float64, type LawOptions } from "./subject.ts";

function respond(make: MakeConv2D, x: Tensor, w: Tensor, options: LawOptions): Tensor {
  const [, KH, KW] = w.shape;
  return apply(make({ filters: 1, kernelSize: [KH, KW], useBias: false }), x, [w.reshape([KH, KW, 1, 1])], options);
}

/**
 * A filter is a template: of all patches with the same numbers, in whatever order and with whatever signs, none gives a
 * larger response than the filter itself, which gives Σ w² (Cauchy and Schwarz). A9
 */
export function responseIsCorrelation(make: MakeConv2D = conv2D, options: LawOptions = {}): Law {
  const side = fc.integer({ min: 1, max: 4 });
  const cases = fc.record({ height: side, width: side, seed: seeds });
  const name = "no patch made of a filter's numbers responds more than the filter's own picture";
  return law(["A9"], name, cases, ({ height, width, seed }) => {
    const { dtype } = options.kernels ?? float64;
    const w = integers([1, height, width, 1], seed, dtype);
    const own = respond(make, w, w, options).data[0];
    const squares = innerProduct(w, w);
    holds(own === squares, () => `the response to its own picture is ${own}, Σ w² is ${squares}`);
    const random = new Random(seed);
    const order = random.permutation(w.size);
    const patch = zeros(w.shape, dtype);
    for (let e = 0; e < w.size; e++) patch.data[e] = w.data[order[e]] * (random.below(2) === 0 ? 1 : -1);
    const other = respond(make, patch, w, options).data[0];
    holds(other <= own, () => `the response to ${patch.data} is ${other}, to the filter ${w.data} itself ${own}`);
  });
}

/** The response is largest where the patch looks like the weights: a filter finds its own picture in a black image. A9 */
export function filterFindsItself(make: MakeConv2D = conv2D, options: LawOptions = {}): Law {
  const side = fc.integer({ min: 1, max: 3 });
  const cases = fc.record({ height: side, width: side, place: fc.tuple(fc.nat(3), fc.nat(3)), seed: seeds });
  const name = "the response to a filter's own picture in a black image is largest where the picture is";
  return law(["A9"], name, cases, ({ height, width, place: [i, j], seed }) => {
    const w = integers([1, height, width, 1], seed, (options.kernels ?? float64).dtype);
    const image = padded(w, [i, 3 - i, j, 3 - j]);
    const y = respond(make, image, w, options);
    const there = y.data[i * y.shape[2] + j];
    const largest = Math.max(...y.data);
    holds(there === largest, () => `${there} at [${i},${j}], where it is; the largest response is ${largest}`);
  });
}

/** Sobel's filter for changes along the rows' direction; its transpose is for the other one. */
const SOBEL: NestedNumbers = [
  [-1, 0, 1],
  [-2, 0, 2],
  [-1, 0, 1],
];
/** A receptive field that is excited by its centre and inhibited by its surround. */
const CENTRE_SURROUND: NestedNumbers = [
  [-1, -1, -1],
  [-1, 8, -1],
  [-1, -1, -1],
];

/**
 * Filters as in the visual cortex (Hubel & Wiesel 1962), on an image that is an even slope a·row + b·column + c: a
 * centre-surround field does not respond at all; the oriented ones of Sobel respond to the slope along their direction,
 * 8a and 8b, and half of each is 0.5·∂x + 0.5·∂y, up to their factor of 8. A8
 */
export function orientedFilters(make: MakeConv2D = conv2D, options: LawOptions = {}): Law {
  const slope = fc.integer({ min: -8, max: 8 });
  const cases = fc.record({ a: slope, b: slope, c: slope });
  const name = "Sobel's filters respond to the slope along their direction, a centre-surround field to none";
  return law(["A8"], name, cases, ({ a, b, c }) => {
    const { dtype } = options.kernels ?? float64;
    const image = imagesFrom([1, 5, 4, 1], zeros([0], dtype), (_, u, v) => a * u + b * v + c);
    const across = tensor(SOBEL, undefined, dtype).reshape([1, 3, 3, 1]);
    const down = imagesFrom(across.shape, across, (_, p, q) => across.data[q * 3 + p]);
    const both = imagesFrom(across.shape, across, (_, p, q) => (across.data[p * 3 + q] + down.data[p * 3 + q]) / 2);
    const centre = tensor(CENTRE_SURROUND, undefined, dtype).reshape([1, 3, 3, 1]);
    for (const [filter, expected, what] of [
      [across, 8 * b, "8b"],
      [down, 8 * a, "8a"],
      [both, 4 * (a + b), "8·(0.5a + 0.5b)"],
      [centre, 0, "nothing"],
    ] as const) {
      const y = respond(make, image, filter, options);
      equal(
        y,
        imagesFrom(y.shape, y, () => expected),
        ["of the filter", `expected: ${what}`],
      );
    }
  });
}

/** Each of four oriented bars responds most to its own orientation, whatever the two brightnesses are. A8 */
export function barsPreferTheirOwn(make: MakeConv2D = conv2D, options: LawOptions = {}): Law {
  const cases = fc.record({ dark: fc.integer({ min: -8, max: 8 }), more: fc.integer({ min: 1, max: 8 }) });
  const name = "of four oriented bars, each filter responds most to its own orientation";
  return law(["A8"], name, cases, ({ dark, more }) => {
    const { dtype } = options.kernels ?? float64;
    const on = [
      (p: number, _q: number) => p === 1,
      (_p: number, q: number) => q === 1,
      (p: number, q: number) => p === q,
      (p: number, q: number) => p + q === 2,
    ];
    const bar = (k: number, bright: number, rest: number) =>
      imagesFrom([1, 3, 3, 1], zeros([0], dtype), (_, p, q) => (on[k](p, q) ? bright : rest));
    for (let filter = 0; filter < 4; filter++) {
      // Excited by the bar, inhibited beside it, so that brightness alone gives no response.
      const responses = on.map((_, k) => respond(make, bar(k, dark + more, dark), bar(filter, 2, -1), options).data[0]);
      const others = responses.filter((_, k) => k !== filter);
      holds(responses[filter] > Math.max(...others), () => `filter ${filter} responds with ${responses}`);
    }
  });
}
