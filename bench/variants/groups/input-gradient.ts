/** dx of a convolution with stride 1, from dy of which some is zero. GFLOP/s are effective: all products count. */
import { randomIntegers } from "../place.ts";
import { type Case, FLOPS } from "./group.ts";

interface Shape {
  readonly name: string;
  readonly images: number;
  /** Height and width of dx. */
  readonly size: number;
  readonly channels: number;
  readonly filters: number;
  readonly kernel: number;
  readonly padding: number;
}

const SHAPES: readonly Shape[] = [
  { name: "14x14x6 → 16 k5", images: 32, size: 14, channels: 6, filters: 16, kernel: 5, padding: 0 },
  { name: "32x32x32 → 32 k3", images: 4, size: 32, channels: 32, filters: 32, kernel: 3, padding: 1 },
];
/** Another dy in every call: branch predictors learn one batch's lists by heart. */
const CALLS = 12;
const SCRATCH_BYTES = 4 << 20;

function gradientOf(shape: Shape, density: number): Case {
  const { images, size, channels, filters, kernel, padding } = shape;
  const output = size + 2 * padding - kernel + 1;
  return {
    ...FLOPS,
    name: `${shape.name}, density ${density}`,
    work: 2 * images * output ** 2 * filters * kernel ** 2 * channels,
    ready(place) {
      const numbers = images * output ** 2 * filters;
      const dy = place.floats(randomIntegers(CALLS * numbers, density));
      const w = place.floats(randomIntegers(kernel ** 2 * channels * filters, 1));
      const dx = place.floats(new Float32Array(images * size ** 2 * channels));
      const scratch = place.bytes(SCRATCH_BYTES);
      const geometry = [images, size, size, channels, kernel, kernel, filters, padding, padding, output, output];
      const record = place.bytes(4 * geometry.length);
      new Int32Array(dx.data.buffer, record, geometry.length).set(geometry);
      return {
        expected: definition(shape, output, dy.data.subarray(0, numbers), w.data),
        attach({ pack, gradient }) {
          // Runs are filled up to 32, channels to 8 numbers.
          const weights = place.bytes(4 * kernel ** 2 * filters * (channels + 32));
          pack(record, w.at, weights);
          let turn = 0;
          const call = () => gradient(record, dy.at + 4 * numbers * (turn++ % CALLS), weights, dx.at, scratch);
          return { call, result: dx.data };
        },
      };
    },
  };
}

/** dx[n, i + p − padding, j + q − padding, c] = Σ dy[n, i, j, f] · w[p, q, c, f] */
function definition(shape: Shape, output: number, dy: Float32Array, w: Float32Array): Float32Array {
  const { images, size, channels, filters, kernel, padding } = shape;
  const dx = new Float32Array(images * size ** 2 * channels);
  dy.forEach((value, index) => {
    if (value === 0) return;
    const f = index % filters;
    const pixel = Math.floor(index / filters);
    const [n, i, j] = [Math.floor(pixel / output ** 2), Math.floor(pixel / output) % output, pixel % output];
    for (let p = 0; p < kernel; p++) {
      for (let q = 0; q < kernel; q++) {
        const [u, v] = [i + p - padding, j + q - padding];
        if (u < 0 || v < 0 || u >= size || v >= size) continue;
        const to = ((n * size + u) * size + v) * channels;
        for (let c = 0; c < channels; c++) dx[to + c] += value * w[((p * kernel + q) * channels + c) * filters + f];
      }
    }
  });
  return dx;
}

export const inputGradient: readonly Case[] = SHAPES.flatMap((shape) =>
  [0.1, 0.2, 0.5, 1].map((density) => gradientOf(shape, density)),
);
