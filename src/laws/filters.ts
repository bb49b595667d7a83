/** Filters as eyes have them: A8. */
import fc from "fast-check";
import {
  type CentreSurroundOptions,
  centreSurroundFilter,
  filterImages,
  type GaborOptions,
  gaborFilter,
  sobelFilter,
} from "../filters.ts";
import { Pass } from "../pass.ts";
import { type Tensor, tensor, zeros } from "../tensor.ts";
import { integers, seeds } from "./arbitraries.ts";
import { equal, holds } from "./compare.ts";
import { imagesFrom } from "./images.ts";
import { type Law, law } from "./law.ts";
import { float64, type LawOptions } from "./subject.ts";

const respond = (x: Tensor, filters: readonly Tensor[], { kernels = float64 }: LawOptions) =>
  filterImages(x, filters, { padding: "valid", pass: new Pass({ kernels, gradients: false }) });

/** On a ramp a·u + b·v + c Sobel's filters give 8b and 8a everywhere, and 0.5·∂x + 0.5·∂y is a filter too. A8, B7 */
export function sobelMeasuresSlopes(options: LawOptions = {}): Law {
  const slope = fc.integer({ min: -8, max: 8 });
  const cases = fc.record({ a: slope, b: slope, c: slope, seed: seeds });
  const name =
    "Sobel's filters give 8 times the slope of a ramp, and half of one and half of the other is a filter too";
  return law(["A8", "B7"], name, cases, ({ a, b, c, seed }) => {
    const { dtype } = options.kernels ?? float64;
    const [across, down] = [sobelFilter("x"), sobelFilter("y")];
    const ramp = imagesFrom([1, 5, 4, 1], zeros([0], dtype), (_, u, v) => a * u + b * v + c);
    const y = respond(ramp, [across, down], options);
    const expected = imagesFrom([1, 3, 2, 2], y, (_n, _i, _j, f) => (f === 0 ? 8 * b : 8 * a));
    equal(y, expected, ["of the ramp", "expected"]);
    const image = integers([1, 6, 5, 1], seed, dtype);
    const half = across.data.map((value: number, e: number) => 0.5 * value + 0.5 * down.data[e]) as Float64Array;
    const both = respond(image, [across, down], options);
    const mean = imagesFrom(
      [1, 4, 3, 1],
      y,
      (_, i, j) => (both.data[(i * 3 + j) * 2] + both.data[(i * 3 + j) * 2 + 1]) / 2,
    );
    equal(respond(image, [tensor(half, [3, 3])], options), mean, ["of 0.5·∂x + 0.5·∂y", "half of each"]);
  });
}

/** Of an image that is the same everywhere a centre-surround filter sees nothing; of a bright dot most where the dot is. A8 */
export function centreSurroundSeesSpots(
  make: (options: CentreSurroundOptions) => Tensor = centreSurroundFilter,
  options: LawOptions = {},
): Law {
  const cases = fc.record({
    half: fc.integer({ min: 2, max: 5 }),
    sigma: fc.double({ min: 0.5, max: 2, noNaN: true }),
    brightness: fc.integer({ min: 1, max: 8 }),
    place: fc.tuple(fc.nat(4), fc.nat(4)),
  });
  const name = "a centre-surround filter sees nothing in a grey image, and a bright dot where it is";
  return law(["A8"], name, cases, ({ half, sigma, brightness, place: [i, j] }) => {
    const { dtype } = options.kernels ?? float64;
    const size = 2 * half + 1;
    const filter = make({ size, sigma });
    const grey = imagesFrom([1, size, size, 1], zeros([0], dtype), () => brightness);
    const nothing = respond(grey, [filter], options).data[0];
    const bound = size * size * brightness * (dtype === "float64" ? 2 ** -50 : 2 ** -22);
    holds(Math.abs(nothing) <= bound, () => `the response to a grey image is ${nothing}`);
    const side = size + 4;
    const dot = imagesFrom([1, side, side, 1], zeros([0], dtype), (_, u, v) =>
      u === half + i && v === half + j ? 1 : 0,
    );
    const y = respond(dot, [filter], options).data;
    const most = y.indexOf(Math.max(...y));
    holds(most === i * 5 + j && y[most] > 0, () => `most is ${y[most]} at ${most}, the dot is at ${i * 5 + j}`);
  });
}

/** A grating that runs in a direction. */
const grating = (size: number, wavelength: number, downwards: boolean, phase: number) =>
  gaborFilter({ size, wavelength, orientation: downwards ? Math.PI / 2 : 0, phase, sigma: 1e5, aspectRatio: 0 });

/**
 * Gabor filters: with phase 0 they are the same turned by half a turn, with phase π/2 the negative; a quarter turn of the
 * filter is a quarter turn of its orientation; and a filter answers a grating that runs its way most. A8
 */
export function gaborPrefersItsOrientation(
  make: (options: GaborOptions) => Tensor = gaborFilter,
  options: LawOptions = {},
): Law {
  const cases = fc.record({
    half: fc.integer({ min: 3, max: 6 }),
    wavelength: fc.double({ min: 3, max: 6, noNaN: true }),
    orientation: fc.double({ min: -3, max: 3, noNaN: true }),
    odd: fc.boolean(),
  });
  const name = "Gabor filters: even or odd, turned with their orientation, and most for a grating that runs their way";
  return law(["A8"], name, cases, ({ half, wavelength, orientation, odd }) => {
    const size = 2 * half + 1;
    const phase = odd ? Math.PI / 2 : 0;
    const shared = { size, wavelength, phase, sigma: half / 2 };
    const filter = make({ ...shared, orientation });
    const cell = (p: number, q: number) => filter.data[p * size + q];
    const reversed = tensor(
      Float64Array.from(filter.data, (_, e) => (odd ? -1 : 1) * filter.data[filter.size - 1 - e]),
    );
    equal(reversed, filter.reshape([filter.size]), ["turned by half a turn", "of the filter"], 1e-12);
    const turned = Float64Array.from(filter.data, (_, e) => cell(size - 1 - (e % size), Math.floor(e / size)));
    const quarter = make({ ...shared, orientation: orientation + Math.PI / 2 });
    equal(quarter, tensor(turned, [size, size]), ["of the turned orientation", "of the filter, turned"], 1e-12);
    const { dtype } = options.kernels ?? float64;
    const own = make({ ...shared, orientation: 0 });
    const [along, across] = [false, true].map((downwards) => {
      const image = zeros([1, size, size, 1], dtype);
      image.data.set(grating(size, wavelength, downwards, phase).data);
      return Math.abs(respond(image, [own], options).data[0]);
    });
    holds(along > 2 * across, () => `${along} along its orientation, ${across} across`);
  });
}
