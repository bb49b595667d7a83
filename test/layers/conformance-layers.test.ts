/**
 * Layers against PyTorch, which computed fixtures/conformance/layers-seed1.json in float64: outputs and all gradients, the
 * float64 reference to the ten digits that are written, the WASM kernels within a bound on their roundings.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Kernels } from "../../src/kernels/kernels.ts";
import { layerKinds } from "../../src/layers/index.ts";
import { Pass } from "../../src/pass.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { as } from "../support/arbitraries.ts";
import { close, within } from "../support/compare.ts";
import { type Computed, type LayerExample, layerExamples } from "../support/conformance.ts";
import { reference64, wasm } from "../support/kernels.ts";

const DIGITS = 1e-9;

const examples = layerExamples();
const kinds = [...new Set(examples.map(({ kind }) => kind))];

/** The input whose maxima say where numbers come from: of it the places matter, and they are those of its own signs. */
const PICKS: Record<string, number> = { MaxPooling1D: 0, GlobalMaxPooling1D: 0, GlobalMaxPooling2D: 0, MaxUnpooling2D: 1 }; // biome-ignore format: short

/** What the layer of an example gives, of other numbers where `map` makes some. */
function computed(
  { kind, options, given }: LayerExample,
  kernels: Kernels,
  map = (t: Tensor, _input?: number) => t,
): Computed {
  const layer = new layerKinds[kind](options);
  const pass = new Pass({ kernels });
  const own = (t: Tensor, input?: number) => as(kernels.dtype, map(t, input));
  const inputs = given.inputs.map(own);
  const shapes = inputs.map(({ shape }) => shape);
  layer.buildAll(shapes, pass);
  if (given.weights.length > 0) layer.setWeights(given.weights.map((t) => own(t)));
  const y = layer.forwardAll(inputs, pass);
  const gradients = layer.backwardAll(own(given.dy), pass, inputs.map(() => true)); // biome-ignore format: short
  return { y, dinputs: gradients.map((t) => t!), dweights: layer.parameters.map(({ gradient }) => gradient) };
}

/** Calls `compare` with each result, and with the same of all that is given besides. */
function eachResult(
  found: Computed,
  others: readonly Computed[],
  compare: (t: Tensor, others: Tensor[], name: string) => void,
) {
  compare(found.y, others.map(({ y }) => y), "y"); // biome-ignore format: short
  for (const name of ["dinputs", "dweights"] as const) {
    for (const each of others) assert.equal(found[name].length, each[name].length);
    found[name].forEach((t, k) => {
      compare(t, others.map((each) => each[name][k]), `${name}[${k}]`); // biome-ignore format: short
    });
  }
}

const everywhere = (change: (value: number) => number) => (t: Tensor) =>
  tensor(Float64Array.from(t.data, change), t.shape);
const [ones, absolute] = [everywhere(() => 1), everywhere(Math.abs)];

/**
 * How many products are added up in each result. With weights they are counted: everything is 1 then. Without, a number of
 * y is made of its channel's pixels at most, and one of dx of the pixels of dy.
 */
function terms(example: LayerExample): (name: string, index: number) => number {
  const { inputs, weights, dy } = example.given;
  if (weights.length > 0) {
    const counted: Record<string, Tensor> = {};
    eachResult(computed(example, reference64, ones), [], (t, _, name) => {
      counted[name] = t;
    });
    return (name, index) => counted[name].data[index];
  }
  const pixels = ({ size, shape }: Tensor) => size / (shape[0] * shape[shape.length - 1]);
  const [ofX, ofY] = [Math.max(...inputs.map(pixels)), pixels(dy)];
  return (name) => (name === "y" ? ofX : ofY);
}

describe("layers give what PyTorch gives in float64", () => {
  test("there are cases of those that are no Conv2D, Dense or pooling of images by windows", () => {
    const some = ["Conv1D", "DepthwiseConv2D", "SeparableConv2D", "UpSampling2D", "MaxUnpooling2D"];
    for (const name of ["MaxPooling1D", "AveragePooling1D"])
      some.push(name, `Global${name}`, `Global${name.replace("1", "2")}`);
    assert.deepEqual(kinds.sort(), some.sort());
  });

  for (const kind of kinds) {
    const cases = examples.filter((example) => example.kind === kind);

    test(`${kind}: the float64 reference, to the last digit that is written`, () => {
      for (const example of cases) {
        eachResult(computed(example, reference64), [example.expected], (found, [expected], name) => {
          assert.deepEqual(found.shape, expected.shape);
          close(found, expected, DIGITS, { name, case: example.index, ...example.options });
        });
      }
    });

    test(`${kind}: the WASM kernels, within (K+2)·2⁻²³·Σ|x·w|`, () => {
      for (const example of cases) {
        const sums = computed(example, reference64, (t, input) =>
          input === PICKS[kind] && input !== undefined ? t : absolute(t),
        );
        const count = terms(example);
        eachResult(computed(example, wasm), [example.expected, sums], (found, [expected, sum], name) => {
          const bound = (e: number) => {
            const written = DIGITS * Math.max(1, Math.abs(expected.data[e]));
            return (count(name, e) + 2) * 2 ** -23 * Math.abs(sum.data[e]) + written;
          };
          within(found, expected, bound, { name, case: example.index, ...example.options });
        });
      }
    });
  }
});
