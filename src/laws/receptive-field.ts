/** Who sees what: B10, B11. */
import fc from "fast-check";
import { counts } from "../analysis/counts.ts";
import { pixelsSeen, receptiveField } from "../analysis/receptive-field.ts";
import type { Layer } from "../layers/layer.ts";
import { type Shape, type Tensor, zeros } from "../tensor.ts";
import { filled, type Geometry, geometries, seeds } from "./arbitraries.ts";
import { Chain } from "./chain.ts";
import { coordinates, holds } from "./compare.ts";
import { type Law, law } from "./law.ts";
import { conv2D, everyWindowTouches, type MakeConv2D, type MakePooling2D, maxPooling2D } from "./layers.ts";
import { casesOf, float64, type LawOptions, LayerCase, type Shapes, type Subject, trial } from "./subject.ts";

/** Larger than what any window of a small network sums up, so that it wins every maximum. */
const BRIGHT = 2 ** 20;

const positive = (shape: Shape, seed: number, dtype: Tensor["dtype"]) =>
  filled(shape, seed, dtype, (random) => 1 + random.below(8));

/**
 * Make one pixel brighter: exactly the units change in whose receptive field it is, as {@link pixelsSeen} has it, and no
 * others. Weights and pixels are positive, so that no ReLU and no maximum hides the change. B10
 *
 * ```ts
 * check(receptiveFieldIsSeen(new Chain([new Conv2D({ filters: 2, kernelSize: 3 }), new MaxPooling2D()]), [1, 8, 8, 1]));
 * ```
 */
export function receptiveFieldIsSeen(
  subject: Subject = networkCases(),
  shapes?: Shapes,
  { kernels = float64 }: LawOptions = {},
): Law {
  const name = "a brighter pixel changes exactly the units that have it in their receptive field";
  const cases = fc.record({ layer: casesOf("receptiveFieldIsSeen", subject, shapes), place: fc.nat(0xffff) });
  return law(["B10", "B5"], name, cases, ({ layer: drawn, place }) => {
    const { layer, shape } = drawn;
    const layers = layer instanceof Chain ? layer.layers : [layer];
    trial(drawn, { kernels, weights: positive, numbers: positive }, ({ x, forward }) => {
      const before = forward(x).copy();
      const channels = shape[3];
      const pixel = place % (x.size / channels);
      // In all its channels: a pooling layer, or a group, sees some of them only.
      for (let c = 0; c < channels; c++) x.data[pixel * channels + c] += BRIGHT;
      const after = forward(x);
      const [n, u, v] = coordinates(pixel, shape.slice(0, 3));
      for (let e = 0; e < after.size; e++) {
        const unit = coordinates(e, after.shape);
        const { rows, columns } = pixelsSeen(layers, shape, [unit[1], unit[2]]);
        const expected = unit[0] === n && rows.includes(u) && columns.includes(v);
        const changes = after.data[e] !== before.data[e];
        holds(changes === expected, () => {
          const seen = `rows ${rows} and columns ${columns}`;
          return `unit [${unit}] ${changes ? "changes" : "does not change"} with pixel [${u},${v}]; it sees ${seen}`;
        });
      }
    });
  });
}

/** Networks of one to three layers, convolutions with ReLU and poolings, for the images they take. */
export function networkCases(make: MakeConv2D = conv2D, pool: MakePooling2D = maxPooling2D): fc.Arbitrary<LayerCase> {
  const geometry = geometries({ kernel: 3, stride: 2, dilation: 2, output: 2 }).filter(everyWindowTouches);
  const filters = fc.integer({ min: 1, max: 2 });
  const layer = fc
    .record({ geometry, pools: fc.boolean(), filters })
    .map((drawn) => (drawn.pools ? { ...drawn, geometry: undilated(drawn.geometry) } : drawn));
  const cases = fc.record({ layers: fc.array(layer, { minLength: 1, maxLength: 3 }), seed: seeds, more: fc.nat(4) });
  return cases.map(({ layers, seed, more }) => {
    const build = () =>
      new Chain(
        layers.map(({ geometry, pools, filters }) => {
          const { kernelSize, strides, padding, dilationRate } = geometry;
          if (pools) return pool({ poolSize: kernelSize, strides, padding });
          return make({ filters, kernelSize, strides, padding, dilationRate, activation: "relu", useBias: false });
        }),
      );
    // Backward from a small output: what the last layer needs is what the one before has to give.
    const [height, width] = [0, 1].map((axis) =>
      layers.reduceRight((output, { geometry: { kernelSize, strides, padding, dilationRate } }) => {
        const span = dilationRate[axis] * (kernelSize[axis] - 1) + 1;
        const needed = (output - 1) * strides[axis] + span - padding[2 * axis] - padding[2 * axis + 1];
        // No window may have nothing but padding under it.
        return Math.max(needed, span, strides[axis] + span);
      }, 1 + more),
    );
    return new LayerCase(build, [1, height, width, 1], seed);
  });
}

/** A pooling window has no dilation, so less padding fits under it. */
function undilated(geometry: Geometry): Geometry {
  const { kernelSize, padding } = geometry;
  const [top, bottom, left, right] = padding.map((zeros, side) => Math.min(zeros, kernelSize[side >> 1] - 1));
  return { ...geometry, dilationRate: [1, 1], padding: [top, bottom, left, right] };
}

/**
 * The recurrences of size, stride and first pixel give what one unit after the other sees: the hull of its pixels is
 * first + i·stride … + size − 1, as far as it is inside of the image. B10
 */
export function fieldArithmetic(subject: Subject = networkCases(), shapes?: Shapes): Law {
  const name = "a unit's pixels begin and end where the receptive field arithmetic says";
  return law(["B10"], name, casesOf("fieldArithmetic", subject, shapes), ({ layer, shape }) => {
    const layers = layer instanceof Chain ? layer.layers : [layer];
    const [, height, width] = layer.outputShape(shape);
    const sights = receptiveField(layers, shape);
    for (let unit = 0; unit < Math.max(height, width); unit++) {
      const seen = pixelsSeen(layers, shape, [Math.min(unit, height - 1), Math.min(unit, width - 1)]);
      for (const [direction, input, output] of [
        ["rows", shape[1], height],
        ["columns", shape[2], width],
      ] as const) {
        if (unit >= output) continue;
        const { size, stride, first } = sights[direction];
        const [start, end] = [first + unit * stride, first + unit * stride + size - 1];
        // At the border the hull may end at a gap; only units that see no padding are compared.
        if (start < 0 || end >= input) continue;
        const hull = [seen[direction][0], seen[direction].at(-1)];
        holds(
          hull[0] === start && hull[1] === end,
          () => `unit ${unit} sees ${direction} ${hull}, not ${start},${end}`,
        );
      }
    }
  });
}

/**
 * The power of small filters: n layers of 3 × 3 see what one of (2n + 1) × (2n + 1) sees, two what 5 × 5, three what 7 × 7,
 * with n·9·C² weights instead of (2n + 1)²·C²: 27C² instead of 49C² (Simonyan & Zisserman 2015). B10, B11
 */
export function smallFilters(make: MakeConv2D = conv2D, { kernels = float64 }: LawOptions = {}): Law {
  const cases = fc.record({ n: fc.integer({ min: 1, max: 4 }), channels: fc.integer({ min: 1, max: 3 }) });
  const name = "n layers of 3 × 3 see what one of (2n + 1) × (2n + 1) sees, with 9n·C² weights instead of (2n + 1)²·C²";
  return law(["B10", "B11"], name, cases, ({ n, channels: C }) => {
    const wide = 2 * n + 1;
    const shape = [1, wide, wide, C];
    const layer = (kernelSize: number) => make({ filters: C, kernelSize, useBias: false });
    const small = Array.from({ length: n }, () => layer(3));
    for (const layers of [small, [layer(wide)]]) {
      const { size } = receptiveField(layers, shape).rows;
      holds(size === wide, () => `${layers.length} layers see ${size} pixels, not ${wide}`);
      const changed = influence(new Chain(layers), shape, kernels);
      holds(changed === wide * wide * C, () => `${changed} of ${wide * wide * C} numbers of the image reach the unit`);
    }
    let inputs: Shape = shape;
    const weights = small.reduce((sum, one) => {
      const { parameters } = counts(one, inputs);
      inputs = one.outputShape(inputs);
      return sum + parameters;
    }, 0);
    const single = counts(layer(wide), shape).parameters;
    holds(weights === 9 * n * C * C && single === wide ** 2 * C * C, () => `${weights} weights against ${single}`);
  });
}

/** How many numbers of x change the first unit. */
function influence(layer: Layer, shape: Shape, kernels: NonNullable<LawOptions["kernels"]>): number {
  return trial(new LayerCase(() => layer, shape, 1), { kernels, weights: positive }, ({ forward }) => {
    let count = 0;
    for (let e = 0; e < shape[1] * shape[2] * shape[3]; e++) {
      const x = zeros(shape, kernels.dtype);
      x.data[e] = 1;
      if (forward(x).data[0] !== 0) count++;
    }
    return count;
  });
}
