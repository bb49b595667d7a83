import type { LimitName } from "../../machine.ts";
import type { Place } from "../place.ts";

/** What a variant exports: functions of numbers, and constants. */
// biome-ignore lint/suspicious/noExplicitAny: each group knows what its variants export
export type Exports = Record<string, any>;

/** A variant, ready for a case: the call to be measured, and where its result lies. */
export interface Attached {
  readonly call: () => void;
  readonly result: Float32Array;
}

/** A case, laid out in a memory. */
export interface Ready {
  /** What must come out, by the definition in plain TypeScript. */
  readonly expected: ArrayLike<number>;
  attach(variant: Exports): Attached;
}

export interface Case {
  readonly name: string;
  readonly unit: "GFLOP/s" | "GB/s";
  /** Operations or bytes of one call. */
  readonly work: number;
  /** What the plain and the relaxed build are compared with; only one where the builds are the same. */
  readonly limits: readonly [LimitName, LimitName] | readonly [LimitName];
  ready(place: Place): Ready;
}

export const FLOPS = { unit: "GFLOP/s", limits: ["muladd128", "fused128"] } as const;
