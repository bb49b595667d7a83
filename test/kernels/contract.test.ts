import { describe, test } from "node:test";
import fc from "fast-check";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { wasmKernels } from "../../src/kernels/wasm/kernels.ts";
import type { Tensor } from "../../src/tensor.ts";
import { floats, seeds } from "../support/arbitraries.ts";
import { equalBits, placed, runPoisoned } from "../support/compare.ts";
import { growMemory, reference32, wake, wasm } from "../support/kernels.ts";
import { elementwise, penalties } from "../support/operations/elementwise.ts";
import { moves, pooling } from "../support/operations/images.ts";
import type { Operation } from "../support/operations/operation.ts";
import { optimizers } from "../support/operations/optimizers.ts";
import { rows, sums } from "../support/operations/rows.ts";

/** Convolutions and dense layers have tests of their own, conv2d.test.ts and dense.test.ts. */
const operations = [...elementwise, ...sums, ...rows, ...pooling, ...moves, ...optimizers, ...penalties];
const isWide = (operation: Operation) =>
  [elementwise, optimizers, penalties].some((those) => those.includes(operation));

/** From poisoned destinations, with NaN beside the inputs. */
function results(kernels: Kernels, { inputs, outputs, run }: Operation, size: number, seed: number): Tensor[] {
  const given = inputs(size, seed).map((tensor) => placed(kernels, tensor));
  return runPoisoned(kernels, given, outputs(size), (...destinations) => run(kernels, destinations, given));
}

function sameResults(actual: Tensor[], expected: Tensor[], context: unknown): void {
  for (const [index, tensor] of actual.entries()) equalBits(tensor, expected[index], context);
}

for (const operation of operations) {
  describe(operation.name, () => {
    const { name } = operation;
    const few = Array.from({ length: 34 }, (_, size) => size);
    const many = isWide(operation) ? [8191, 8192, 8193, 20_001] : [130];

    test("writes its destination, all of it and nothing else, and leaves its inputs alone, at every size", () => {
      for (const size of [...few, ...many]) results(wasm, operation, size, size);
      for (const size of [0, 1, 2, 5]) results(reference32, operation, size, size);
    });

    if (!operation.rounds) {
      test("has the bits of the reference at every size", () => {
        const check = (seed: number) => {
          for (const size of [...few, ...many]) {
            const expected = results(reference32, operation, size, seed);
            sameResults(results(wasm, operation, size, seed), expected, { name, size, seed });
          }
        };
        fc.assert(fc.property(seeds, check), { numRuns: 3 });
      });
    }

    test("has the same bits with 1 and with 3 threads", async () => {
      const size = isWide(operation) ? 50_001 : 3001;
      const three = wasmKernels({ threads: 3 });
      await wake(three);
      sameResults(results(three, operation, size, 7), results(wasm, operation, size, 7), { name, size });
    });

    test("takes tensors of any memory", () => {
      const inputs = operation.inputs(9, 7);
      const outputs = operation.outputs(9).map((shape) => floats(shape, 1));
      operation.run(wasm, outputs, inputs);
      sameResults(outputs, results(wasm, operation, 9, 7), name);
    });
  });
}

test("all operations survive a growth of the memory between allocation and use", () => {
  const made = operations.map((operation) => ({
    operation,
    inputs: operation.inputs(9, 7).map((tensor) => placed(wasm, tensor)),
    outputs: operation.outputs(9).map((shape) => wasm.allocate(shape)),
  }));
  for (const { outputs } of made) for (const output of outputs) output.data.fill(1);
  growMemory(wasm);
  for (const { operation, inputs, outputs } of made) {
    operation.run(wasm, outputs, inputs);
    sameResults(outputs, results(wasm, operation, 9, 7), operation.name);
  }
});
