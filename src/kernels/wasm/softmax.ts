import type { Tensor } from "../../tensor.ts";
import type { Kernels } from "../kernels.ts";
import type { Engine } from "./engine.ts";
import { divide } from "./units.ts";

type Softmax = Pick<Kernels, "softmaxForward" | "softmaxBackward" | "logSoftmaxForward" | "logSoftmaxBackward">;

/** Softmax and its logarithm along the last axis. */
export function softmax(engine: Engine): Softmax {
  function run(kernel: keyof Softmax, destination: Tensor, source: Tensor, output?: Tensor): void {
    engine.operation(() => {
      if (destination.size === 0) return;
      const columns = source.shape[source.shape.length - 1];
      const { units, words } = divide(source.size / columns, columns);
      const pointers = [engine.output(destination), engine.input(source), engine.input(output)];
      engine.run(kernel, units, [...words, ...pointers, columns]);
    });
  }

  return {
    softmaxForward: (y, x) => run("softmaxForward", y, x),
    softmaxBackward: (dx, dy, y) => run("softmaxBackward", dx, dy, y),
    logSoftmaxForward: (y, x) => run("logSoftmaxForward", y, x),
    logSoftmaxBackward: (dx, dy, y) => run("logSoftmaxBackward", dx, dy, y),
  };
}
