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

/** A layer that PyTorch computed in float64, see fixtures/conformance/make_layers.py. */
export interface LayerExample {
  readonly kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: each layer has options of its own
  readonly options: any;
  readonly given: { readonly inputs: Tensor[]; readonly weights: Tensor[]; readonly dy: Tensor };
  readonly expected: Computed;
  readonly index: number;
}

/** What a layer gives: y, and the gradients of its inputs and weights. */
export interface Computed {
  readonly y: Tensor;
  readonly dinputs: Tensor[];
  readonly dweights: Tensor[];
}

interface Numbers {
  readonly shape: number[];
  readonly data: number[];
}

interface Written {
  readonly op: string;
  readonly attrs: unknown;
  readonly inputs: Record<string, Numbers>;
  readonly outputs: Record<string, Numbers>;
}

interface WrittenLayer extends Record<"inputs" | "weights" | "dinputs" | "dweights", Numbers[]> {
  readonly layer: string;
  readonly options: unknown;
  readonly dy: Numbers;
  readonly y: Numbers;
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/conformance/${name}`, import.meta.url), "utf8")).cases;
const written: Written[] = read("pytorch-seed1.json");

/** What there are cases of. */
export const operations: readonly string[] = [...new Set(written.map(({ op }) => op))];

/** All cases of an operation, as float64. Inputs were float32 before they were written with ten digits, and are again. */
export function casesOf(operation: string): Case[] {
  return written.flatMap(({ op, attrs, inputs, outputs }, index) =>
    op === operation ? [{ attrs, inputs: tensors(inputs, Math.fround), outputs: tensors(outputs), index }] : [],
  );
}

/** All cases of layers. */
export function layerExamples(): LayerExample[] {
  return (read("layers-seed1.json") as WrittenLayer[]).map((example, index) => {
    const { layer, options, inputs, weights, dy, y, dinputs, dweights } = example;
    const given = (t: Numbers) => numbers(t, Math.fround);
    const expected = (t: Numbers) => numbers(t);
    return {
      kind: layer,
      options,
      given: { inputs: inputs.map(given), weights: weights.map(given), dy: given(dy) },
      expected: { y: expected(y), dinputs: dinputs.map(expected), dweights: dweights.map(expected) },
      index,
    };
  });
}

function tensors(record: Written["inputs"], round?: typeof Math.fround): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(record).map(([name, written]) => [name, numbers(written, round)]));
}

function numbers({ shape, data }: Numbers, round = (value: number) => value): Tensor {
  return tensor(Float64Array.from(data, round), shape);
}
