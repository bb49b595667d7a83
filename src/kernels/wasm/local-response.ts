import type { Tensor } from "../../tensor.ts";
import type { Kernels, ResponseNormalization } from "../kernels.ts";
import type { Engine } from "./engine.ts";
import { divide } from "./units.ts";

type LocalResponse = Pick<Kernels, "localResponseNormalizationForward" | "localResponseNormalizationBackward">;

export function localResponse(engine: Engine): LocalResponse {
  function run(
    kernel: keyof LocalResponse,
    y: Tensor,
    x: Tensor,
    dy: Tensor | undefined,
    { size, alpha, beta, k }: ResponseNormalization,
  ): void {
    if (y.size === 0) return;
    engine.operation(() => {
      const channels = x.shape[x.shape.length - 1];
      const half = Math.floor(size / 2);
      const [before, after] = [half, size - 1 - half].map((count) => Math.min(count, channels));
      const { units, words } = divide(x.size / channels, channels);
      const pointers = [engine.output(y), engine.input(x), engine.input(dy)];
      const numbers = [alpha / size, k, -beta, (2 * beta * alpha) / size].map((number) => engine.float(number));
      // Three rows as assembly/local-response.ts has them.
      const rowBytes = 4 * (before + after + 4 * Math.ceil(channels / 4) + 4);
      engine.run(kernel, units, [...words, ...pointers, channels, before, after, ...numbers], 3 * rowBytes);
    });
  }

  return {
    localResponseNormalizationForward(y, x, settings) {
      run("localResponseNormalizationForward", y, x, undefined, settings);
    },
    localResponseNormalizationBackward(dx, dy, x, settings) {
      run("localResponseNormalizationBackward", dx, x, dy, settings);
    },
  };
}
