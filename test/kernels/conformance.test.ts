/**
 * Operations against PyTorch, which computed fixtures/conformance in float64: the float64 reference to 1e-9, the limit of
 * the ten digits written there; both float32 implementations within a bound on their roundings.
 */
import { describe, test } from "node:test";
import type { Activation, Kernels } from "../../src/kernels/kernels.ts";
import { type Shape, type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { Window } from "../../src/window.ts";
import { as } from "../support/arbitraries.ts";
import { close } from "../support/compare.ts";
import { type Case, casesOf } from "../support/conformance.ts";
import { reference32, reference64, wasm } from "../support/kernels.ts";

/** The inputs in the precision of the kernels, a maker of destinations, and the comparison. */
interface Trial {
  readonly kernels: Kernels;
  readonly attrs: Case["attrs"];
  readonly inputs: Case["inputs"];
  empty(shape: Shape): Tensor;
  matches(actual: Tensor, name: string): void;
}

/** `roundings` bounds how many roundings of 2⁻²⁴ a float32 result of these sizes goes through, times its largest term. */
function conforms(operation: string, roundings: number, trial: (t: Trial) => void): void {
  describe(`${operation} is PyTorch's`, () => {
    for (const { index, attrs, inputs, outputs } of casesOf(operation)) {
      test(`case ${index}: ${JSON.stringify(attrs)}`, () => {
        for (const kernels of [reference64, reference32, wasm]) {
          const { name, dtype } = kernels;
          const tolerance = dtype === "float64" ? 1e-9 : roundings * 2 ** -24;
          trial({
            kernels,
            attrs,
            inputs: Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, as(dtype, input)])),
            empty: (shape) => zeros(shape, dtype),
            matches: (actual, output) => close(actual, outputs[output], tolerance, `${name} ${output}`),
          });
        }
      });
    }
  });
}

conforms("dense", 100, ({ kernels, inputs: { x, kernel, bias, dy }, empty, matches }) => {
  const [y, dx, dkernel, dbias] = [dy, x, kernel, bias].map(({ shape }) => empty(shape));
  kernels.denseForward(y, x, kernel, bias, { name: "linear", alpha: 0 });
  kernels.denseBackwardInput(dx, dy, kernel);
  kernels.denseBackwardKernel(dkernel, x, dy);
  kernels.backwardBias(dbias, dy);
  matches(y, "y");
  matches(dx, "dx");
  matches(dkernel, "dkernel");
  matches(dbias, "dbias");
});

conforms("activation", 100, ({ kernels, attrs, inputs: { x, dy }, empty, matches }) => {
  const [y, dx] = [empty(x.shape), empty(x.shape)];
  if (attrs.name === "softmax") {
    kernels.softmaxForward(y, x);
    kernels.softmaxBackward(dx, dy, y);
  } else {
    const activation: Activation = { name: attrs.name, alpha: attrs.negativeSlope ?? 1 };
    kernels.activationForward(y, x, activation);
    kernels.activationBackward(dx, dy, y, activation);
  }
  matches(y, "y");
  matches(dx, "dx");
});

// Logits up to some 900, so the shift alone is rounded by 900 · 2⁻²⁴.
conforms("softmaxCrossEntropy", 1000, ({ kernels, inputs: { logits, labels }, empty, matches }) => {
  const rows = labels.size;
  const weights = as(kernels.dtype, tensor(new Float64Array(rows).fill(1 / rows)));
  const [losses, dx, y, logY] = [empty([rows]), empty(logits.shape), empty(logits.shape), empty(logits.shape)];
  kernels.loss("softmaxCrossEntropy", losses, dx, logits, labels, weights);
  kernels.softmaxForward(y, logits);
  kernels.logSoftmaxForward(logY, logits);
  const loss = empty([1]);
  kernels.sum(loss, losses);
  matches(loss, "loss");
  matches(dx, "dlogits");
  matches(y, "probabilities");
  matches(logY, "logProbabilities");
});

function windowOf(x: Tensor, { poolSize, strides, padding }: Case["attrs"]): Window {
  return Window.over("test", x.shape[1], x.shape[2], { kernelSize: poolSize, strides, padding });
}

conforms("maxPool2d", 100, ({ kernels, attrs, inputs: { x, dy }, empty, matches }) => {
  const window = windowOf(x, attrs);
  const [y, switches, argmax, dx] = [empty(dy.shape), empty(dy.shape), empty(dy.shape), empty(x.shape)];
  kernels.maxPooling2dForward(y, switches, x, window);
  kernels.maxPooling2dBackward(dx, dy, switches, window);
  // PyTorch counts places u·W + v of the image, we count p·KW + q of the window.
  const [, , columns, channels] = dy.shape;
  for (let e = 0; e < argmax.size; e++) {
    const j = Math.floor(e / channels) % columns;
    const i = Math.floor(e / channels / columns) % window.rows.output;
    const p = Math.floor(switches.data[e] / window.columns.kernel);
    const q = switches.data[e] % window.columns.kernel;
    argmax.data[e] = (i * window.rows.stride + p) * x.shape[2] + j * window.columns.stride + q;
  }
  matches(y, "y");
  matches(argmax, "argmax");
  matches(dx, "dx");
});

conforms("avgPool2d", 100, ({ kernels, attrs, inputs: { x, dy }, empty, matches }) => {
  const window = windowOf(x, attrs);
  const [y, dx] = [empty(dy.shape), empty(x.shape)];
  kernels.averagePooling2dForward(y, x, window);
  kernels.averagePooling2dBackward(dx, dy, window);
  matches(y, "y");
  matches(dx, "dx");
});

conforms("localResponseNormalization", 100, ({ kernels, attrs, inputs: { x, dy }, empty, matches }) => {
  const [y, dx] = [empty(x.shape), empty(x.shape)];
  kernels.localResponseNormalizationForward(y, x, attrs);
  kernels.localResponseNormalizationBackward(dx, dy, x, attrs);
  matches(y, "y");
  matches(dx, "dx");
});
