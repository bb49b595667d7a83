import type { Tensor } from "../../tensor.ts";
import type { Kernels, ResponseNormalization } from "../kernels.ts";
import { arithmetic } from "./math.ts";

type LocalResponse = Pick<Kernels, "localResponseNormalizationForward" | "localResponseNormalizationBackward">;

/**
 * Local response normalisation along the last axis; c is a channel of one pixel, d one of its neighbours. C10
 *
 *   s[c]  = k + α/size · Σ_d x[d]²,   d from c − ⌊size/2⌋ to c + ⌊(size−1)/2⌋, as far as there are channels
 *   y[c]  = x[c] · s[c]^−β
 *   dx[c] = dy[c] · s[c]^−β − 2·β·α/size · x[c] · Σ_d dy[d]·x[d]·s[d]^−β / s[d],   over the d that have c among theirs
 *
 * s^−β is exp(−β · log s).
 */
export const localResponse: LocalResponse = {
  localResponseNormalizationForward(y, x, settings) {
    const [Y, X] = [y.data, x.data];
    eachPixel(x, settings, (first, powers) => {
      powers.forEach(({ power }, c) => {
        Y[first + c] = X[first + c] * power;
      });
    });
  },

  localResponseNormalizationBackward(dx, dy, x, settings) {
    const [dX, dY, X, { round }] = [dx.data, dy.data, x.data, arithmetic(dx.dtype)];
    const { before, after } = reach(settings.size);
    const factor = round((2 * settings.beta * settings.alpha) / settings.size);
    eachPixel(x, settings, (first, powers) => {
      const shares = powers.map(({ scale, power }, c) => {
        return round(round(dY[first + c] * X[first + c]) * round(power / scale));
      });
      powers.forEach(({ power }, c) => {
        let sum = 0;
        // Those that have c among their neighbours: the other way round.
        for (let d = Math.max(0, c - after); d <= Math.min(powers.length - 1, c + before); d++)
          sum = round(sum + shares[d]);
        dX[first + c] = round(dY[first + c] * power) - round(factor * round(X[first + c] * sum));
      });
    });
  },
};

/** How many channels before and after its own a neighbourhood has. */
function reach(size: number): { before: number; after: number } {
  const before = Math.floor(size / 2);
  return { before, after: size - 1 - before };
}

/** Calls `visit` for each pixel, with the place of its first channel, and s and s^−β of all its channels. */
function eachPixel(
  x: Tensor,
  { size, alpha, beta, k }: ResponseNormalization,
  visit: (first: number, powers: readonly { scale: number; power: number }[]) => void,
): void {
  const X = x.data;
  const { round, exp, log } = arithmetic(x.dtype);
  const { before, after } = reach(size);
  const [share, least, exponent] = [round(alpha / size), round(k), round(-beta)];
  const channels = x.shape[x.shape.length - 1];
  for (let first = 0; first < X.length; first += channels) {
    const powers = Array.from({ length: channels }, (_, c) => {
      let squares = 0;
      for (let d = Math.max(0, c - before); d <= Math.min(channels - 1, c + after); d++) {
        squares = round(squares + round(X[first + d] * X[first + d]));
      }
      const scale = round(least + round(share * squares));
      return { scale, power: exp(round(exponent * log(scale))) };
    });
    visit(first, powers);
  }
}
