import { describe, test } from "node:test";
import fc from "fast-check";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { Engine } from "../../src/kernels/wasm/engine.ts";
import { kernelsOn } from "../../src/kernels/wasm/kernels.ts";
import { Window } from "../../src/window.ts";
import { floats, type Geometry, geometries, seeds, windowOf } from "../support/arbitraries.ts";
import { within } from "../support/compare.ts";
import { convolutionLayer, directions, type Layer, names, type Sizes } from "../support/directions.ts";
import { reference64 } from "../support/kernels.ts";
import { relaxedEngine } from "../support/relaxed.ts";

/**
 * Layers wide enough for every way of computing them (conv2d.test.ts has those that are exact on small integers): windows,
 * strides and phases of all sizes, and zeros in dy.
 */
const wide = fc.record({
  geometry: fc.oneof(
    geometries({ kernel: 6, stride: 3, dilation: 2, output: 8 }),
    geometries({ kernel: 9, output: 9 }).map(square),
  ),
  images: fc.integer({ min: 1, max: 4 }),
  groups: fc.constantFrom(1, 1, 1, 2),
  channels: fc.constantFrom(1, 3, 6, 8, 16, 24, 40),
  filters: fc.constantFrom(1, 6, 8, 16, 24, 40),
  seed: seeds,
  share: fc.constantFrom(1, 0.4, 0.1),
});

/** Its columns as its rows: Winograd's way is for square kernels. */
function square({ height, kernelSize, strides, dilationRate, padding }: Geometry): Geometry {
  const twice = <T>([first]: readonly [T, T]) => [first, first] as const;
  return {
    ...{ height, width: height, kernelSize: twice(kernelSize), strides: twice(strides) },
    ...{ dilationRate: twice(dilationRate), padding: [padding[0], padding[1], padding[0], padding[1]] },
  };
}

/** Images of 1 MB and more, which bands of rows and blocks of tiles read ahead, with and without padding. */
const large = [
  { side: 96, kernelSize: 1, strides: 1, padding: "valid", images: 2, channels: 16, filters: 12 },
  { side: 97, kernelSize: 1, strides: 2, padding: "valid", images: 2, channels: 16, filters: 12 },
  { side: 105, kernelSize: 4, strides: 3, padding: "valid", images: 1, channels: 24, filters: 5 },
  { side: 129, kernelSize: 3, strides: 1, padding: "same", images: 1, channels: 16, filters: 16 },
  { side: 105, kernelSize: 3, strides: 1, padding: "valid", images: 1, channels: 24, filters: 8 },
] as const;

/** Near the float64 formula in all three directions, where terms are below 1 each. */
function stayNear(kernels: Kernels, layer: Layer & { window: Window }, context: object): void {
  const fast = directions(kernels, layer);
  const exact = directions(reference64, layer);
  // Winograd's sums reach some hundred times their result; this is far above both.
  const [KH, KW, channels, F] = layer.kernel.shape;
  const [N, OH, OW] = layer.dy.shape;
  const groups = layer.x.shape[3] / channels;
  const terms = { y: KH * KW * channels + 1, dx: (KH * KW * F) / groups, dkernel: N * OH * OW };
  for (const name of names) within(fast[name], exact[name], terms[name] * 100 * 2 ** -24, { name, ...context });
}

describe("wide convolutions", () => {
  for (const relaxed of [false, true]) {
    const kernels = kernelsOn(relaxed ? relaxedEngine(2) : new Engine({ threads: 2 }), "wide");
    const build = relaxed ? ", relaxed" : "";

    test(`stay near the float64 formula in all directions, whatever the way${build}`, () => {
      const check = ({ geometry, share, ...sizes }: Sizes & { geometry: Geometry; share: number }) => {
        const layer = convolutionLayer(windowOf(geometry), sizes, floats);
        layer.dy.data.forEach((value, e) => void (layer.dy.data[e] = (e * 0.618034) % 1 < share ? value : 0));
        stayNear(kernels, layer, { geometry, share, ...sizes });
      };
      fc.assert(fc.property(wide, check), { numRuns: 120 });
    });

    test(`stay near it where images are larger than the cache${build}`, () => {
      for (const { side, kernelSize, strides, padding, ...sizes } of large) {
        const window = Window.over("large", side, side, { kernelSize, strides, padding });
        const layer = convolutionLayer(window, { ...sizes, groups: 1, seed: side }, floats);
        stayNear(kernels, layer, { side, kernelSize, strides });
      }
    });
  }
});
