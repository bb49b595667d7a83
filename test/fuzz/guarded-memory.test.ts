import assert from "node:assert/strict";
import { test } from "node:test";
import { GuardedHeap } from "./guarded-memory.ts";

test("a number written beside a tensor, before, behind or far away, is seen", () => {
  const heap = new GuardedHeap(Number.NaN);
  const numbers = new Float32Array(heap.memory.buffer);
  for (const atEdge of [false, true]) {
    const { storage } = heap.tensor([5], atEdge);
    const first = storage.pointer / 4;
    storage.data.fill(1);
    heap.check();
    for (const at of atEdge ? [first - 1, 300] : [first - 1, first + 5, first + 100_000]) {
      numbers[at] = 1;
      assert.throws(() => heap.check(), /was written, which is outside of all tensors/);
      heap.check();
    }
    heap.release(storage.pointer);
    heap.check();
  }
});

test("a block is full of poison when it is reserved, also where a block was before", () => {
  const heap = new GuardedHeap(-12345.5);
  for (let round = 0; round < 2; round++) {
    const { storage } = heap.tensor([3]);
    assert.deepEqual([...storage.data], [-12345.5, -12345.5, -12345.5]);
    storage.data.fill(7);
    heap.release(storage.pointer);
  }
});

test("a tensor at the edge ends where the memory does", () => {
  const heap = new GuardedHeap(0);
  const { storage } = heap.tensor([3], true);
  assert.equal(storage.pointer + 12, heap.bytes);
});
