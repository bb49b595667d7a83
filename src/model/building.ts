import { NeocogError } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { type Shape, type Tensor, zeros } from "../tensor.ts";

/**
 * What models make parameters with: ordinary memory in float32, whatever kernels will be chosen, so that they all start from
 * the same weights. It can compute nothing, and a program carries no kernels for it.
 */
export function ordinaryMemory(allocate: (shape: Shape) => Tensor = zeros): Kernels {
  const memory = { name: "ordinary memory", dtype: "float32", allocate: (shape: Shape) => allocate(shape) } as const;
  return new Proxy(memory as unknown as Kernels, {
    get(target, name) {
      if (name in target) return target[name as keyof Kernels];
      throw new NeocogError(`make: pass.kernels.${String(name)} is not there while a model is built; only allocate is`);
    },
  });
}
