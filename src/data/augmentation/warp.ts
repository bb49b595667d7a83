import type { FloatArray } from "../../tensor.ts";

/**
 * What becomes of an image, in numbers one behind the other:
 *   0 1 2 3   the matrix from places in the new image to places in the old one, rows then columns
 *   4 5       by how many rows and columns the image is shifted
 *   6         what its numbers are multiplied by
 *   7 8 9 10  first and last row, first and last column of what is cut out; the last ones are not in it
 */
export const PLAN_LENGTH = 11;

export interface WarpSettings {
  /** Of the images: [n, height, width, channels]. */
  readonly shape: readonly number[];
  readonly fillMode: "constant" | "nearest" | "reflect";
  /** What is outside of the image with fillMode "constant", and in what is cut out. */
  readonly fillValue: number;
  /** Whether a pixel is taken as it is, the nearest one, instead of a mean of four: for labels. */
  readonly nearest: boolean;
}

/**
 * Images, each changed by its plan. Place [i, j] of the new image shows place [u, v] of the old one,
 *   [u − cᵤ, v − cᵥ] = A·[i − cᵤ − shift, j − cᵥ − shift]      c the centre of the image, A the plan's matrix
 * and where that lies between pixels, the bilinear mean of the four around it. What is outside continues as fillMode says:
 *   constant  f f f | a b c | f f f      nearest  a a a | a b c | c c c      reflect  c b a | a b c | c b a
 *
 * The text of this function is what the worker runs, so it uses nothing but its arguments, and no function in it: tools
 * that rename functions would call helpers of theirs, which the worker has not.
 *
 * @param y [n, height, width, channels], all of it is written
 * @param x the images, of the same shape
 * @param plans [n, PLAN_LENGTH]
 */
export function warp(y: FloatArray, x: FloatArray, plans: Float64Array, settings: WarpSettings): void {
  const [count, height, width, channels] = settings.shape;
  const { fillMode, fillValue, nearest } = settings;
  const [centreU, centreV] = [(height - 1) / 2, (width - 1) / 2];
  // Rows of the two taps above each other, then columns of those beside each other; −1: outside.
  const taps = [0, 0, 0, 0];
  for (let n = 0; n < count; n++) {
    const image = n * height * width * channels;
    const plan = n * 11;
    const [uByI, uByJ, vByI, vByJ] = [plans[plan], plans[plan + 1], plans[plan + 2], plans[plan + 3]];
    const [originI, originJ, factor] = [centreU + plans[plan + 4], centreV + plans[plan + 5], plans[plan + 6]];
    const [cutTop, cutBottom, cutLeft, cutRight] = [
      plans[plan + 7],
      plans[plan + 8],
      plans[plan + 9],
      plans[plan + 10],
    ];
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const to = image + (i * width + j) * channels;
        if (i >= cutTop && i < cutBottom && j >= cutLeft && j < cutRight) {
          for (let c = 0; c < channels; c++) y[to + c] = fillValue;
          continue;
        }
        const u = uByI * (i - originI) + uByJ * (j - originJ) + centreU;
        const v = vByI * (i - originI) + vByJ * (j - originJ) + centreV;
        const top = Math.floor(nearest ? u + 0.5 : u);
        const left = Math.floor(nearest ? v + 0.5 : v);
        const down = nearest ? 0 : u - top;
        const across = nearest ? 0 : v - left;
        for (let tap = 0; tap < 4; tap++) {
          const length = tap < 2 ? height : width;
          let place = tap < 2 ? top + tap : left + tap - 2;
          if (place < 0 || place >= length) {
            if (fillMode === "constant") place = -1;
            else if (fillMode === "nearest") place = place < 0 ? 0 : length - 1;
            else {
              place = ((place % (2 * length)) + 2 * length) % (2 * length);
              if (place >= length) place = 2 * length - 1 - place;
            }
          }
          taps[tap] = place;
        }
        const row0 = taps[0];
        const row1 = taps[1];
        const column0 = taps[2];
        const column1 = taps[3];
        const upper = image + row0 * width * channels;
        const lower = image + row1 * width * channels;
        for (let c = 0; c < channels; c++) {
          const first = column0 * channels + c;
          const second = column1 * channels + c;
          let value = row0 < 0 || column0 < 0 ? fillValue : x[upper + first];
          // What has no weight is not read: a pixel that is met exactly keeps its bits.
          if (across > 0) value += across * ((row0 < 0 || column1 < 0 ? fillValue : x[upper + second]) - value);
          if (down > 0) {
            let below = row1 < 0 || column0 < 0 ? fillValue : x[lower + first];
            if (across > 0) below += across * ((row1 < 0 || column1 < 0 ? fillValue : x[lower + second]) - below);
            value += down * (below - value);
          }
          y[to + c] = value * factor;
        }
      }
    }
  }
}
