/**
 * Filters as the first layers of eyes and of trained networks have them: for looking at images, and to begin training
 * with. A8 · Hubel & Wiesel 1962, Daugman 1985, Marr & Hildreth 1980, Sobel & Feldman 1968
 *
 * ```ts
 * const [x] = [tensor([[[[0], [0], [9], [9]], [[0], [0], [9], [9]], [[0], [0], [9], [9]]]])];
 * filterImages(x, [sobelFilter("x")], { padding: "valid" }).toNested(); // [[[[36], [36]]]]
 * new Conv2D({ filters: 8, kernelSize: 7, kernelInitializer: filterBank(gaborBank({ size: 7, wavelength: 4 })) });
 * ```
 */
import { checkOptions, fail, finiteNumber, wholeNumber } from "./errors.ts";
import type { InitializerFunction } from "./initializers.ts";
import { exp } from "./kernels/reference/math.ts";
import { DepthwiseConv2D } from "./layers/depthwise-conv2d.ts";
import type { Pass } from "./pass.ts";
import { checkTensor, sameShape, type Tensor, zeros } from "./tensor.ts";
import { cosine, sine } from "./trigonometry.ts";
import type { Padding } from "./window.ts";

export interface GaborOptions {
  /** Rows and columns of the filter. */
  size: number;
  /** Pixels from one crest of the wave to the next: λ. */
  wavelength: number;
  /** The direction in which the wave runs, in radians: 0 to the right (it finds vertical bars), π/2 downwards: θ. Default: 0. */
  orientation?: number;
  /** 0: a bright bar in the middle; π/2: an edge: φ. Default: 0. */
  phase?: number;
  /** The spread of the envelope in pixels: σ. Default: wavelength / 2. */
  sigma?: number;
  /** How much narrower the envelope is along the bars: γ. Default: 0.5. */
  aspectRatio?: number;
}

const GABOR = ["size", "wavelength", "orientation", "phase", "sigma", "aspectRatio"];

/**
 * What a simple cell of the visual cortex looks for: a wave under a bell.
 *   g(x, y; λ, θ, φ, σ, γ) = exp(−(x′² + γ²y′²) / 2σ²) · cos(2πx′/λ + φ)
 *   x′ = x·cos θ + y·sin θ   y′ = −x·sin θ + y·cos θ;   x to the right and y down from the middle of the filter
 *
 * @returns [size, size] in float64
 * @throws NeocogError for a size that is no positive whole number, and for lengths that are not positive.
 */
export function gaborFilter(options: GaborOptions): Tensor {
  checkOptions("gaborFilter", options, GABOR);
  const { size, orientation = 0, phase = 0, aspectRatio = 0.5 } = options;
  const wavelength = pixels("gaborFilter", "wavelength", options.wavelength);
  const sigma = pixels("gaborFilter", "sigma", options.sigma ?? wavelength / 2);
  const numbers = { orientation, phase, aspectRatio };
  for (const [name, value] of Object.entries(numbers)) finiteNumber("gaborFilter", name, value, -MOST, MOST);
  const [cos, sin] = [cosine(orientation), sine(orientation)];
  return drawn("gaborFilter", size, (x, y) => {
    const [along, across] = [x * cos + y * sin, (y * cos - x * sin) * aspectRatio];
    const wave = cosine((2 * Math.PI * along) / wavelength + phase);
    return exp(-(along * along + across * across) / (2 * sigma * sigma)) * wave;
  });
}

/** Angles beyond this are not known well enough. */
const MOST = 1e6;

export interface GaborBankOptions extends Omit<GaborOptions, "orientation" | "phase"> {
  /** How many directions, evenly over half a turn. Default: 4. */
  orientations?: number;
  /** Default: [0, π/2], a bar and an edge. */
  phases?: readonly number[];
}

/** Gabor filters in several directions: for each direction one of each phase. */
export function gaborBank(options: GaborBankOptions): Tensor[] {
  checkOptions("gaborBank", options, ["size", "wavelength", "sigma", "aspectRatio", "orientations", "phases"]);
  const { orientations = 4, phases = [0, Math.PI / 2], ...shared } = options;
  const count = wholeNumber("gaborBank", "orientations", orientations, 1);
  if (count > 1000) fail("gaborBank", "orientations", orientations, "use at most 1000");
  if (!Array.isArray(phases)) fail("gaborBank", "phases", phases, "give a list of angles");
  return Array.from({ length: count }, (_, k) => (Math.PI * k) / count).flatMap((orientation) =>
    phases.map((phase) => gaborFilter({ ...shared, orientation, phase })),
  );
}

/**
 * The change of brightness to the right ("x") or downwards ("y"), smoothed across: on a ramp 8 times its slope.
 *
 * ```ts
 * sobelFilter("x").toNested(); // [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
 * ```
 */
export function sobelFilter(direction: "x" | "y"): Tensor {
  if (direction !== "x" && direction !== "y") fail("sobelFilter", "direction", direction, 'use "x" or "y"');
  return drawn("sobelFilter", 3, (x, y) => (direction === "x" ? x * (2 - y * y) : y * (2 - x * x)));
}

export interface CentreSurroundOptions {
  /** Rows and columns of the filter. */
  size: number;
  /** The spread of the centre in pixels. */
  sigma: number;
  /** That of the surround. Default: 1.6 · sigma, which is close to the Laplacian of a Gaussian (Marr & Hildreth 1980). */
  surroundSigma?: number;
}

/**
 * What a ganglion cell of the retina looks for: a bright spot on a dark ground, as the difference of two Gaussians, each
 * with the sum 1. Of an image that is the same everywhere it sees nothing. Its negative looks for dark spots.
 *   d(x, y) = exp(−(x² + y²)/2σ²) / Σ… − exp(−(x² + y²)/2s²) / Σ…
 *
 * @returns [size, size] in float64
 */
export function centreSurroundFilter(options: CentreSurroundOptions): Tensor {
  checkOptions("centreSurroundFilter", options, ["size", "sigma", "surroundSigma"]);
  const sigma = pixels("centreSurroundFilter", "sigma", options.sigma);
  const surroundSigma = pixels("centreSurroundFilter", "surroundSigma", options.surroundSigma ?? 1.6 * sigma);
  const [centre, surround] = [sigma, surroundSigma].map((spread) => {
    const bell = drawn("centreSurroundFilter", options.size, (x, y) => exp(-(x * x + y * y) / (2 * spread * spread)));
    let sum = 0;
    for (const value of bell.data) sum += value;
    return { bell, sum };
  });
  for (let e = 0; e < centre.bell.size; e++) {
    centre.bell.data[e] = centre.bell.data[e] / centre.sum - surround.bell.data[e] / surround.sum;
  }
  return centre.bell;
}

/**
 * An initializer for kernels [KH,KW,C,F] that begins with these filters, the f-th on every channel.
 * @throws NeocogError, when the layer is built, for a kernel of another size or with another number of filters.
 */
export function filterBank(filters: readonly Tensor[]): InitializerFunction {
  const [height, width] = checkFilters("filterBank", filters);
  return (shape) => {
    const expected = [height, width, shape[2], filters.length];
    if (!sameShape(shape, expected)) {
      const remedy = `these are ${filters.length} filters of ${height} × ${width}; give the layer that kernelSize and so many`;
      fail("filterBank", "the shape of the kernel", shape, remedy);
    }
    const cells = height * width;
    return Array.from({ length: cells * shape[2] * filters.length }, (_, e) => {
      return filters[e % filters.length].data[Math.floor(e / (shape[2] * filters.length))];
    });
  };
}

/**
 * Every filter over every channel of the images: x [N,H,W,C], y [N,OH,OW,C·filters], the filters of a channel side by side.
 * @param options padding: as of a convolution, default "same"; pass: what computes
 */
export function filterImages(
  x: Tensor,
  filters: readonly Tensor[],
  options: { padding?: Padding; pass?: Pass } = {},
): Tensor {
  checkTensor("filterImages", "x", x);
  checkOptions("filterImages", options, ["padding", "pass"]);
  const [height, width] = checkFilters("filterImages", filters);
  const layer = new DepthwiseConv2D({
    ...{ kernelSize: [height, width], padding: options.padding ?? "same", useBias: false, name: "filterImages" },
    ...{ depthMultiplier: filters.length, depthwiseInitializer: filterBank(filters) },
  });
  return layer.forward(x, options.pass);
}

/** The rows and columns that all of them have. */
function checkFilters(owner: string, filters: readonly Tensor[]): readonly number[] {
  if (!Array.isArray(filters) || filters.length === 0) fail(owner, "filters", filters, "give a list of filters");
  for (const [index, filter] of filters.entries()) {
    checkTensor(owner, `filters[${index}]`, filter);
    const { shape } = filter;
    if (shape.length !== 2 || !sameShape(shape, filters[0].shape) || filter.size === 0) {
      fail(owner, `the shape of filters[${index}]`, shape, "give filters [height, width], all of one size");
    }
  }
  return filters[0].shape;
}

function pixels(owner: string, argument: string, length: unknown): number {
  const checked = finiteNumber(owner, argument, length, 0);
  return checked < LEAST ? fail(owner, argument, length, `use at least ${LEAST} pixels`) : checked;
}

/** A wave or a bell that is narrower cannot be seen in pixels. */
const LEAST = 0.01;
/** More pixels than any filter has. */
const WIDEST = 1000;

/** A square of values by their place: x to the right, y down, from the middle. */
function drawn(owner: string, size: number, value: (x: number, y: number) => number): Tensor {
  wholeNumber(owner, "size", size, 1);
  if (size > WIDEST) fail(owner, "size", size, `use at most ${WIDEST}`);
  const filter = zeros([size, size], "float64");
  const middle = (size - 1) / 2;
  const { data } = filter;
  for (let p = 0, e = 0; p < size; p++) for (let q = 0; q < size; q++, e++) data[e] = value(q - middle, p - middle);
  return filter;
}
