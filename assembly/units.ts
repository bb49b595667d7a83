/**
 * Every record of work on many numbers or rows begins so: `count` of them are divided into units of `perUnit`, which
 * src/kernels/wasm/units.ts has chosen by their size.
 */
@unmanaged
export class Divided {
  count: i32;
  perUnit: i32;
}

/** Where unit `begin` starts. */
// @ts-ignore: decorator
@inline
export function firstOf(work: Divided, begin: i32): i32 {
  return begin * work.perUnit;
}

/** Where the units before `end` stop. */
// @ts-ignore: decorator
@inline
export function endOf(work: Divided, end: i32): i32 {
  return min(end * work.perUnit, work.count);
}
