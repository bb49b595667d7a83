import type { Kernels } from "../../src/kernels/kernels.ts";
import { type Storage, Tensor } from "../../src/tensor.ts";

/** What the kernels did with a tensor's memory: where it is, and from which operation to which it was in use. */
export interface Use {
  readonly buffer: ArrayBufferLike;
  readonly begin: number;
  readonly end: number;
  first: number;
  last: number;
}

/** Kernels that write down which memory each operation touches; everything else about them is the same. */
export function watched(kernels: Kernels): { kernels: Kernels; uses(): Use[]; clear(): void } {
  let uses = new Map<Storage, Use>();
  let moment = 0;
  const touch = (tensor: Tensor, writes: boolean) => {
    const { buffer, byteOffset, byteLength } = tensor.data;
    const use = uses.get(tensor.storage);
    // What is read before any kernel has written it was put there when the step began.
    const first = writes ? moment : 0;
    if (use) use.last = moment;
    else uses.set(tensor.storage, { buffer, begin: byteOffset, end: byteOffset + byteLength, first, last: moment });
  };
  const proxy = new Proxy(kernels, {
    get(target, name) {
      const operation = Reflect.get(target, name);
      if (typeof operation !== "function" || name === "allocate") return operation;
      return (...args: unknown[]) => {
        moment++;
        const written = name === "loss" ? [1, 2] : [0];
        args.forEach((arg, place) => {
          for (const tensor of Array.isArray(arg) ? arg : [arg]) {
            if (tensor instanceof Tensor) touch(tensor, written.includes(place));
          }
        });
        return operation(...args);
      };
    },
  });
  return {
    kernels: proxy,
    uses: () => [...uses.values()],
    clear() {
      uses = new Map();
      moment = 0;
    },
  };
}
