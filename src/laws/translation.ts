import fc from "fast-check";
import { fail } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import { type Shape, sameShape, zeros } from "../tensor.ts";
import type { Axis } from "../window.ts";
import { equal, holds } from "./compare.ts";
import { crop, imagesFrom, roll, wrap } from "./images.ts";
import { type Law, law, Refutation } from "./law.ts";
import { casesOf, float64, type LawOptions, LayerCase, type Shapes, type Subject, trial } from "./subject.ts";

/** How far the image moves, counted in strides, so that the output moves by whole units. */
const shifts = fc.tuple(fc.nat(3), fc.nat(3));

/** Which outputs of an axis have a window wholly inside the image, and by how much a step of the output moves it. */
interface Inside {
  readonly stride: number;
  readonly first: number;
  readonly end: number;
}

/**
 * Shifting then f is f then shifting: of two crops of one scene, s·a pixels apart, the outputs are a units apart, exactly,
 * wherever no window reaches into the padding. With a stride s, for shifts by multiples of s. B6
 *
 * ```ts
 * check(translationEquivariance(new Conv2D({ filters: 2, kernelSize: 3, strides: 2 }), [1, 9, 9, 1]));
 * ```
 * A layer without `windowOver` is taken for one that looks at each pixel by itself. That a dense layer is not equivariant
 * is what `counterexample(translationEquivariance(…))` finds.
 */
export function translationEquivariance(
  subject: Subject,
  shapes?: Shapes,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "shifting then f is f then shifting, away from the border";
  const cases = fc.record({ layer: casesOf("translationEquivariance", subject, shapes), shift: shifts });
  return law(["B6"], name, cases, ({ layer: drawn, shift }) => {
    const [rows, columns] = insideOf(drawn.layer, drawn.shape);
    // At least one output can be compared.
    const down = shift[0] % Math.max(rows.end - rows.first, 1);
    const right = shift[1] % Math.max(columns.end - columns.first, 1);
    fc.pre(rows.end > rows.first && columns.end > columns.first);
    trial(drawn, { kernels }, ({ draw, forward }) => {
      const [N, H, W, C] = drawn.shape;
      const [u, v] = [down * rows.stride, right * columns.stride];
      const scene = draw([N, H + u, W + v, C], 0);
      const still = forward(crop(scene, 0, 0, H, W));
      const moved = forward(crop(scene, u, v, H, W));
      const [height, width] = [rows.end - rows.first - down, columns.end - columns.first - right];
      equal(
        crop(moved, rows.first, columns.first, height, width),
        crop(still, rows.first + down, columns.first + right, height, width),
        ["of the shifted image", "of the image, shifted"],
      );
    });
  });
}

/**
 * With circular padding there is no border: rolling then f is f then rolling, exactly and everywhere. B6
 *
 * The image is padded here, so the layer itself must have padding "valid"; the strides must divide the image.
 */
export function circularEquivariance(subject: Subject, shapes?: Shapes, { kernels = float64 }: LawOptions = {}): Law {
  const name = "with circular padding rolling then f is f then rolling, everywhere";
  const cases = fc.record({ layer: casesOf("circularEquivariance", subject, shapes), shift: shifts });
  return law(["B6"], name, cases, ({ layer: drawn, shift: [a, b] }) => {
    const { rows, columns } = windowOf(drawn.layer, drawn.shape);
    if (rows.before + rows.after + columns.before + columns.after > 0) {
      fail("circularEquivariance", "padding", drawn.layer.options, 'give a layer with padding "valid"');
    }
    trial(drawn, { kernels }, ({ draw, forward }) => {
      const [N, , , C] = drawn.shape;
      const x = draw([N, rows.output * rows.stride, columns.output * columns.stride, C], 0);
      const [bottom, right] = [rows, columns].map(({ kernel, dilation, stride }) =>
        Math.max(dilation * (kernel - 1) + 1 - stride, 0),
      );
      const f = (image: typeof x) => crop(forward(wrap(image, bottom, right)), 0, 0, rows.output, columns.output);
      equal(f(roll(x, a * rows.stride, b * columns.stride)), roll(f(x), a, b), [
        "of the rolled image",
        "of the image, rolled",
      ]);
    });
  });
}

/** A single bright pixel in otherwise black images, moved by a transformation: what of it a layer does not see. */
export interface Invariance {
  readonly unchanged: number;
  readonly places: number;
}

/**
 * Measures invariance: of how many places can a bright pixel be moved without any change of y? For each place (u, v) of
 * an image, y of the pixel there is compared with y of the pixel at `move(u, v)`; pixels that leave do not count.
 *
 * ```ts
 * const pool = new MaxPooling2D({ poolSize: 2 });
 * invariance(pool, 4, ([u, v]) => [u, v + 1]);     // { unchanged: 8, places: 12 }: inside a window nothing changes
 * invariance(pool, 4, ([u, v]) => [v, 3 - u]);     // { unchanged: 0, places: 16 }: a quarter turn is always seen
 * ```
 */
export function invariance(
  layer: Layer,
  size: number,
  move: (place: readonly [number, number]) => readonly [number, number],
  { kernels = float64 }: LawOptions = {},
): Invariance {
  const shape: Shape = [1, size, size, 1];
  return trial(new LayerCase(() => layer, shape, 0), { kernels }, ({ forward }) => {
    const seen = ([u, v]: readonly [number, number]) =>
      forward(imagesFrom(shape, zeros([0], kernels.dtype), (_, i, j) => (i === u && j === v ? 1 : 0))).data.join();
    let [unchanged, places] = [0, 0];
    for (let u = 0; u < size; u++)
      for (let v = 0; v < size; v++) {
        const [toU, toV] = move([u, v]);
        if (toU < 0 || toU >= size || toV < 0 || toV >= size) continue;
        places++;
        if (seen([u, v]) === seen([toU, toV])) unchanged++;
      }
    return { unchanged, places };
  });
}

/**
 * Pooling is partly invariant to small shifts, measured: of the p·p places in a window a pixel can be moved by (a, b) from
 * (p − a)·(p − b) without leaving the window, and then y stays exactly as it is. A quarter turn moves it out of its
 * window, unless that is the one in the middle. C3
 */
export function poolingInvariance(make: (poolSize: number) => Layer, options: LawOptions = {}): Law {
  const cases = fc.record({
    poolSize: fc.integer({ min: 1, max: 4 }),
    windows: fc.integer({ min: 1, max: 4 }),
    shift: shifts,
  });
  const name = "a pixel that moves inside its window is not seen to move, one that is turned with the image is";
  return law(["C3"], name, cases, ({ poolSize: p, windows, shift: [a, b] }) => {
    const size = p * windows;
    const layer = make(p);
    const along = (shift: number) => Math.max(p - shift, 0) * windows;
    const shifted = invariance(layer, size, ([u, v]) => [u + a, v + b], options);
    holds(shifted.unchanged === along(a) * along(b), () => {
      return `${shifted.unchanged} of ${shifted.places} places do not change, ${along(a) * along(b)} are expected`;
    });
    const turned = invariance(layer, size, ([u, v]) => [v, size - 1 - u], options);
    const middle = windows % 2 === 1 ? p * p : 0;
    holds(turned.unchanged === middle, () => `turned, ${turned.unchanged} do not change, ${middle} are expected`);
  });
}

/** The window of a layer that must have one. */
export function windowOf(layer: Layer, shape: Shape) {
  const window = layer.windowOver(shape);
  if (!window) fail(layer.name, "windowOver", window, "implement it: this law is about sliding windows");
  return window;
}

function insideOf(layer: Layer, shape: Shape): readonly [Inside, Inside] {
  const window = layer.windowOver(shape);
  if (window) return [insideAlong(window.rows), insideAlong(window.columns)];
  const output = layer.outputShape(shape);
  if (!sameShape(output.slice(0, 3), shape.slice(0, 3))) {
    throw new Refutation(`an x of [${shape}] gives y of [${output}]: without a window, height and width must stay`);
  }
  return [
    { stride: 1, first: 0, end: shape[1] },
    { stride: 1, first: 0, end: shape[2] },
  ];
}

function insideAlong({ input, kernel, stride, dilation, before, output }: Axis): Inside {
  const span = dilation * (kernel - 1) + 1;
  const fits = (i: number) => i * stride - before >= 0 && i * stride - before + span <= input;
  const inside = Array.from({ length: output }, (_, i) => i).filter(fits);
  return { stride, first: inside[0] ?? 0, end: (inside.at(-1) ?? -1) + 1 };
}
