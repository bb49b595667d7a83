/**
 * All networks against PyTorch's, on weights and images that both sides compute; see fixtures/networks/make.py.
 * NETWORKS=all npm test -- networks: also those of the paper's size, and gradients to the last digit.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import * as neocog from "../../src/index.ts";
import { BatchNormalization, type Layer, Model, referenceKernels, SGD } from "../../src/index.ts";
import { digest, fill, imagesOf } from "../support/formula.ts";

interface Case {
  readonly network: string;
  readonly options: Readonly<Record<string, unknown>> & { readonly inputShape: number[]; readonly classes: number };
  readonly images: number;
  /** Those that are trained. */
  readonly parameters: number;
  readonly shape: number[];
  /** The first of them. */
  readonly probabilities: number[];
  readonly digest: [number, number];
  readonly loss?: number;
  readonly gradients?: Readonly<Record<string, [number, number]>>;
}

const file = new URL("../../fixtures/networks/pytorch.json", import.meta.url);
const cases: Case[] = JSON.parse(readFileSync(file, "utf8"));
/** Networks of the size of their paper take seconds each and all of it up to 1.5 GB; gradients in float64 take minutes. */
const all = process.env.NETWORKS === "all";

/** float32 against float64, through up to a hundred layers. */
const TOLERANCE = 1e-3;
/** The expected numbers have nine digits. */
const DIGITS = 1e-7;

/**
 * Where a relu's argument is rounded to the other side of 0, the whole gradient of that unit comes or goes: of a share f of
 * flipped units the gradient is off by √f of its length, and one in a hundred thousand is flipped after some layers. Fifty
 * normalizations over a few pixels each make that ten times as much. With NETWORKS=all gradients are those of the reference
 * in float64, where nothing of this is left.
 */
const gradientTolerance = (model: Model) => {
  if (all) return DIGITS;
  return model.layers.filter((layer) => layer instanceof BatchNormalization).length > 50 ? 0.2 : 0.02;
};

for (const each of cases) {
  const { network, options, images } = each;
  const { inputShape, classes, ...form } = options;
  const title = `${network} ${inputShape.join("×")}${Object.entries(form).map((entry) => `, ${entry.join(" ")}`)}`;
  const size = inputShape[0] * each.parameters;
  describe(title, { skip: !all && images === 1 && size > 3e8 && "of the paper's size; set NETWORKS=all" }, () => {
    let built: Model | undefined;
    const make = () => (built ??= made(each));
    after(() => (built = undefined));

    test("parameters, shape and probabilities are those of PyTorch", async () => {
      const model = make();
      const trained = model.layers.flatMap(({ parameters }) => parameters.filter(({ trainable }) => trainable));
      assert.equal(trained.reduce((sum, { value }) => sum + value.size, 0), each.parameters); // biome-ignore format: one line
      const outputs = await model.predict(imagesOf(images, inputShape));
      const y = Array.isArray(outputs) ? outputs[0] : outputs;
      assert.deepEqual(y.shape, each.shape);
      for (const [e, p] of each.probabilities.entries()) near(y.data[e], p, p, `probability ${e}`);
      const [norm, product] = digest("probabilities", y);
      near(norm, each.digest[0], norm, "norm");
      near(product, each.digest[1], norm, "product");
    });

    test("a step's loss and gradients are those of PyTorch", { skip: !each.gradients }, async () => {
      const model = make();
      const { outputs } = model.connection;
      const weights = Object.fromEntries(outputs.map(({ name }, index) => [name, index === 0 ? 1 : 0.3]));
      model.compile({
        optimizer: new SGD({ learningRate: 0 }),
        loss: Object.fromEntries(outputs.map(({ name }) => [name, "sparseCategoricalCrossentropy"])),
        lossWeights: weights,
        ...(all && { kernels: referenceKernels("float64") }),
      } as never);
      const rows = each.shape.slice(0, -1);
      const labels = neocog.tensor(
        Float32Array.from({ length: rows.reduce((a, b) => a * b) }, (_, e) => e % classes),
        rows,
      );
      const ys = outputs.length === 1 ? labels : outputs.map(() => labels);
      const { loss } = await model.trainOnBatch(imagesOf(images, inputShape), ys as never);
      near(loss, each.loss!, each.loss!, "loss", all ? DIGITS : TOLERANCE);
      const tolerance = gradientTolerance(model);
      const gradients = new Map(
        model.layers.flatMap((layer) => layer.parameters.map((one) => [`${layer.name}/${one.name}`, one.gradient])),
      );
      for (const [name, [norm, product]] of Object.entries(each.gradients!)) {
        const gradient = gradients.get(name);
        assert.ok(gradient, name);
        const [ourNorm, ourProduct] = digest(name, gradient);
        near(ourNorm, norm, norm, `norm of ${name}`, tolerance);
        near(ourProduct, product, norm, `product of ${name}`, tolerance);
      }
    });
  });
}

function made({ network, options }: Case): Model {
  // biome-ignore lint/suspicious/noExplicitAny: which network it is stands in a file
  const make = (neocog as any)[network];
  const withoutDropout = /vgg|alexNet|googLeNet|inception/.test(network) ? { dropoutRate: 0 } : {};
  const model: Model = make({ ...options, ...withoutDropout });
  assert.ok(model instanceof Model);
  for (const layer of model.layers) fillLayer(layer);
  return model;
}

function fillLayer(layer: Layer): void {
  // A fixed shortcut keeps its kernel.
  for (const { name, value, trainable, learns } of layer.parameters)
    if (trainable || !learns) fill(layer.name, name, value);
}

/** Within a share of `size`. */
function near(actual: number, expected: number, size: number, what: string, tolerance = TOLERANCE): void {
  const message = `${what}: ${actual}, by PyTorch ${expected}`;
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.abs(size), message);
}
