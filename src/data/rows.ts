import type { Tensor } from "../tensor.ts";

/** Copies rows order[from], order[from+1] … (without an order: from, from+1 …) of a tensor into all of another. */
export function gatherRows(into: Tensor, source: Tensor, order: Uint32Array | undefined, from: number): void {
  const [to, data] = [into.data, source.data];
  const count = into.shape[0];
  const length = into.size / count;
  if (!order) {
    to.set(data.subarray(from * length, (from + count) * length));
    return;
  }
  for (let n = 0; n < count; n++) {
    const start = order[from + n] * length;
    if (length === 1) to[n] = data[start];
    else to.set(data.subarray(start, start + length), n * length);
  }
}
