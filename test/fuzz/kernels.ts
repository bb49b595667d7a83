/**
 * The kernels, with numbers of every kind: nothing outside of a tensor is read or written, and the results are those of
 * the reference as src/kernels/kernels.ts defines it for numbers that are not finite.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { referenceKernels } from "../../src/kernels/reference/kernels.ts";
import { Engine } from "../../src/kernels/wasm/engine.ts";
import { kernelsOn } from "../../src/kernels/wasm/kernels.ts";
import { type Shape, sizeOf, type Tensor, tensor } from "../../src/tensor.ts";
import { equalBits, within } from "../support/compare.ts";
import { GuardedHeap } from "./guarded-memory.ts";
import type { Call, Operation } from "./operations.ts";
import {
  byRow,
  byRowBackward,
  elementwise,
  losses,
  normalizing,
  optimizers,
  penalties,
} from "./operations-elementwise.ts";
import { pooling } from "./operations-pooling.ts";
import { conv2d, dense } from "./operations-products.ts";
import { moves } from "./operations-shapes.ts";
import { type Target, target } from "./target.ts";

const reference = referenceKernels("float32");

/** Not a number, and a number that is harmless: where they are read, the results differ. */
const memories = [Number.NaN, -12345.5].map((poison) => {
  const heap = new GuardedHeap(poison);
  return { heap, kernels: kernelsOn(new Engine({ heap }), "guarded") };
});

/** Which numbers: small and whole ones, some that are not finite or hardly a number, and, where no sum could overflow, all. */
type Spice = "none" | "rare" | "often" | "huge";

const STRANGE = [Number.NaN, Infinity, -Infinity, -0, 0, 1e-45, -1e-40, 1.1754943508222875e-38];
const HUGE = [3.4028234663852886e38, -3.4028234663852886e38, 1e30, -1e20, 1e-20];

/** Drawn by a hash, since what fast-check draws one by one is slow for so many. */
function numbers(shape: Shape, seed: number, spice: Spice, whole?: number): Float32Array {
  const strange = spice === "huge" ? [...STRANGE, ...HUGE] : STRANGE;
  const share = { none: 0, rare: 2 ** 32 / 32, often: 2 ** 32 / 3, huge: 2 ** 32 / 3 }[spice];
  return Float32Array.from({ length: sizeOf(shape) }, (_, e) => {
    const [first, second] = [hash(seed + e), hash(seed ^ (e + 0x9e3779b9))];
    if (first < share) return strange[second % strange.length];
    if (whole !== undefined) return second % Math.max(1, whole);
    return (second % 17) - 8;
  });
}

function hash(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Operations whose bits are those of the reference, or almost, whatever the numbers. */
const exactOperations = fc.oneof(
  ...[...elementwise, ...byRow, ...byRowBackward, losses, ...normalizing],
  ...[...pooling, ...moves, ...optimizers, ...penalties],
);
const sumsOfProducts = fc.oneof(...dense, ...conv2d, ...conv2d);

interface Case {
  readonly operation: Operation;
  readonly seed: number;
  readonly spice: Spice;
  /** Which tensor ends where the memory does. */
  readonly edge: number;
}

const cases = (operations: fc.Arbitrary<Operation>, ...spices: Spice[]): fc.Arbitrary<Case> =>
  fc.record({
    operation: operations,
    seed: fc.nat(0xffff),
    spice: fc.constantFrom(...spices),
    edge: fc.nat(5),
  });

/** The outputs and changed states, first on the reference, then on guarded memory. */
function results({ operation: { call }, seed, spice, edge }: Case): {
  expected: Tensor[];
  actual: Tensor[];
  inputs: Float32Array[];
} {
  const { inputs, outputs, states = [], whole = {}, finite = [] } = call;
  const given = [...states, ...inputs].map((shape, k) => {
    const input = k - states.length;
    return numbers(shape, seed + 7919 * k, finite.includes(input) ? "none" : spice, whole[input]);
  });
  const shapes = [...outputs, ...states, ...inputs];
  const plain = shapes.map((shape, k) => {
    return tensor(
      k < outputs.length ? new Float32Array(sizeOf(shape)).fill(77) : given[k - outputs.length].slice(),
      shape,
    );
  });
  call.run(reference, ...plain);
  const changed = outputs.length + states.length;
  const [first, second] = memories.map(({ heap, kernels }) => {
    const tensors = shapes.map((shape, k) => heap.tensor(shape, k === edge));
    try {
      for (let k = outputs.length; k < shapes.length; k++) tensors[k].data.set(given[k - outputs.length]);
      call.run(kernels, ...tensors);
      heap.check();
      for (let k = changed; k < shapes.length; k++)
        equalBits(tensors[k], tensor(given[k - outputs.length], shapes[k]), `input ${k - changed} must not change`);
      return tensors.slice(0, changed).map((one) => one.copy());
    } finally {
      for (const { storage } of tensors) heap.release(storage.pointer);
    }
  });
  for (let k = 0; k < changed; k++)
    equalBits(first[k], second[k], `output ${k} depends on memory outside of the inputs`);
  return { expected: plain.slice(0, changed), actual: first, inputs: given };
}

/** A sum of so many products of numbers up to 8, in another order, and activations and logarithms of it. */
const tolerance = (terms: number) => 1e-5 * (terms + 1) * 64;

const exact = target("kernels: every number", 90, cases(exactOperations, "none", "rare", "often", "huge"), (drawn) => {
  const { expected, actual } = results(drawn);
  const { sums, anyZero } = drawn.operation.call;
  if (anyZero) for (const { data } of [...actual, ...expected]) data.forEach((value, e) => void (data[e] = value + 0));
  // Where numbers are so large that a sum overflows in one order and not in another, only the memory is looked at.
  if (sums !== undefined && drawn.spice === "huge") return;
  actual.forEach((y, k) => {
    if (sums === undefined) equalBits(y, expected[k], `output ${k}`);
    else within(y, expected[k], tolerance(sums), `output ${k}`);
  });
});

const spreading = target(
  "kernels: sums of products",
  60,
  cases(sumsOfProducts, "none", "rare", "often", "huge"),
  (drawn) => {
    const { expected, actual, inputs } = results(drawn);
    if (drawn.spice === "huge") return;
    const { call } = drawn.operation;
    const bound = tolerance(call.sums!);
    const finite = inputs.every((input) => input.every(Number.isFinite));
    // NaN in a gradient of the reference may come from zeros of dy, which need not be sent.
    const sent = ({ data }: Tensor): ArrayLike<number> => {
      if (call.gradient === undefined || !data.some(Number.isNaN)) return data;
      const kept = withoutZeros(call, call.gradient, inputs);
      return data.map((value, e) => (Number.isNaN(value) ? kept[e] : value));
    };
    actual.forEach((y, k) => {
      if (finite) within(y, expected[k], bound, `output ${k}`);
      else notHidden(y, sent(expected[k]), bound);
    });
  },
);

type Where = (value: number) => boolean;
const is = (wanted: number) => (value: number) => value === wanted;
const positive = (value: number) => value > 0;
const negative = (value: number) => value < 0;
/** When a product is +∞, −∞ and NaN: pairs of what dy and the other factor are. What is left out, dy = 0, is not here. */
const PLUS: [Where, Where][] = [
  [positive, is(Infinity)],
  [negative, is(-Infinity)],
  [is(Infinity), positive],
  [is(-Infinity), negative],
];
const MINUS = PLUS.map(([dy, other]): [Where, Where] => [(value) => dy(-value), other]);
const NONE: [Where, Where][] = [
  [Number.isNaN, () => true],
  [(value) => value !== 0, Number.isNaN],
  [(value) => Math.abs(value) === Infinity, is(0)],
];

/** A gradient without the terms in which dy is 0. Where terms are not finite is found by counting: by itself, on 0 and 1. */
function withoutZeros(call: Call, gradient: number, inputs: readonly Float32Array[]): Float32Array {
  const run = (change: (value: number, isGradient: boolean) => number) => {
    const given = call.inputs.map((shape, k) => {
      return tensor(Float32Array.from(inputs[k], (value) => change(value, k === gradient)) as Float32Array, shape);
    });
    const [result] = call.outputs.map((shape) => tensor(new Float32Array(sizeOf(shape)), shape));
    call.run(reference, result, ...given);
    return result.data;
  };
  const [plus, minus, none] = [PLUS, MINUS, NONE].map((pairs) => {
    const counts = pairs.map(([dy, other]) => run((value, isGradient) => Number((isGradient ? dy : other)(value))));
    return counts[0].map((_, e) => counts.reduce((sum, count) => sum + count[e], 0));
  });
  const rest = run((value) => (Number.isFinite(value) ? value : 0));
  return Float32Array.from(rest, (value, e) => {
    if (none[e] > 0 || (plus[e] > 0 && minus[e] > 0)) return Number.NaN;
    if (plus[e] > 0) return Infinity;
    return minus[e] > 0 ? -Infinity : value;
  });
}

/** What is not a number in the reference is none here; what is one here is that of the reference. */
function notHidden(actual: Tensor, expected: ArrayLike<number>, bound: number): void {
  actual.data.forEach((value, e) => {
    const fits = Number.isNaN(value) || Object.is(value, expected[e]) || Math.abs(value - expected[e]) <= bound;
    assert.ok(fits, `at ${e} there is ${value}, in the reference ${expected[e]}`);
  });
}

export const kernels: readonly Target[] = [exact, spreading];
