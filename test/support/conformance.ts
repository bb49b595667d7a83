import { readFileSync } from "node:fs";
import { type Tensor, tensor } from "../../src/tensor.ts";

/** A case that PyTorch computed in float64, see fixtures/conformance/make_cases.py. */
export interface Case {
  // biome-ignore lint/suspicious/noExplicitAny: each operation has attributes of its own
  readonly attrs: any;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** To be found again in the file. */
  readonly index: number;
}

interface Written {
  readonly op: string;
  readonly attrs: unknown;
  readonly inputs: Record<string, { shape: number[]; data: number[] }>;
  readonly outputs: Record<string, { shape: number[]; data: number[] }>;
}

const file = new URL("../../fixtures/conformance/pytorch-seed1.json", import.meta.url);
const written: Written[] = JSON.parse(readFileSync(file, "utf8")).cases;

/** All cases of an operation, as float64. Inputs were float32 before they were written with ten digits, and are again. */
export function casesOf(operation: string): Case[] {
  return written.flatMap(({ op, attrs, inputs, outputs }, index) =>
    op === operation ? [{ attrs, inputs: tensors(inputs, Math.fround), outputs: tensors(outputs), index }] : [],
  );
}

function tensors(record: Written["inputs"], round = (value: number) => value): Record<string, Tensor> {
  const entries = Object.entries(record).map(([name, { shape, data }]) => {
    return [name, tensor(Float64Array.from(data, round), shape)];
  });
  return Object.fromEntries(entries);
}
