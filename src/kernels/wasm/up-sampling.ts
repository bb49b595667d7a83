import type { Tensor } from "../../tensor.ts";
import type { Interpolation, Kernels } from "../kernels.ts";
import type { Engine } from "./engine.ts";
import { type Division, divide } from "./units.ts";

/** Two `Taps` of assembly/up-sampling.ts. */
const TAPS_BYTES = 32;

type UpSampling = Pick<Kernels, "upSampling2dForward" | "upSampling2dBackward">;

export function upSampling(engine: Engine): UpSampling {
  function run(
    kernel: keyof UpSampling,
    { units, words }: Division,
    pointers: number[],
    [y, x]: [Tensor, Tensor],
    interpolation: Interpolation,
  ) {
    const [, H, W, C] = x.shape;
    const sizes = [C, H, W, y.shape[1] / H, y.shape[2] / W, interpolation === "bilinear" ? 1 : 0];
    engine.run(kernel, units, [...words, ...pointers, ...sizes], TAPS_BYTES);
  }

  return {
    upSampling2dForward(y, x, interpolation) {
      if (y.size === 0) return;
      engine.operation(() => {
        const [N, OH, OW, C] = y.shape;
        const pointers = [engine.output(y), engine.input(x)];
        run("upSampling2dForward", divide(N * OH, OW * C), pointers, [y, x], interpolation);
      });
    },

    upSampling2dBackward(dx, dy, interpolation) {
      if (dx.size === 0) return;
      engine.operation(() => {
        const pointers = [engine.input(dy), engine.output(dx)];
        const images = divide(dx.shape[0], dy.size / dx.shape[0]);
        run("upSampling2dBackward", images, pointers, [dy, dx], interpolation);
      });
    },
  };
}
