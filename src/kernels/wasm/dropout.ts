import type { RandomKey } from "../../random.ts";
import type { Kernels } from "../kernels.ts";
import type { Engine } from "./engine.ts";
import { divide } from "./units.ts";

/** What depends on random numbers; see assembly/dropout.ts. */
export function dropout(engine: Engine): Pick<Kernels, "dropout" | "spatialDropout2d" | "gaussianNoise"> {
  function draw(kernel: string, count: number, pointers: number[], threshold: number, number: number, key: RandomKey) {
    const { units, words } = divide(count);
    engine.run(kernel, units, [...words, ...pointers, threshold, engine.float(number), ...key]);
  }

  return {
    dropout(y, x, rate, key) {
      engine.operation(() => {
        draw("dropout", y.size, [engine.output(y), engine.input(x)], thresholdOf(rate), 1 - rate, key);
      });
    },

    spatialDropout2d(y, x, rate, key) {
      if (y.size === 0) return;
      engine.operation(() => {
        const [N, H, W, C] = x.shape;
        const mask = engine.scratch(N * C * 4);
        draw("dropoutMask", N * C, [mask, 0], thresholdOf(rate), 1, key);
        const { units, words } = divide(N * H * W, C);
        const pointers = [engine.output(y), engine.input(x), mask];
        engine.run("maskChannels", units, [...words, ...pointers, H * W, C, engine.float(1 - rate)]);
      });
    },

    gaussianNoise(y, x, stddev, key) {
      engine.operation(() => {
        draw("gaussianNoise", y.size, [engine.output(y), engine.input(x)], 0, stddev, key);
      });
    },
  };
}

/** Bits of at least so much are kept. */
function thresholdOf(rate: number): number {
  return Math.min(Math.ceil(rate * 2 ** 32), 2 ** 32 - 1);
}
