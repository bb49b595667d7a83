import {
  averageIsConvolution,
  averagePooling2D,
  Chain,
  conv2D,
  conv2dCases,
  crossEntropyGradient,
  denseCases,
  denseIsConvolution,
  dropoutIsIdentity,
  dropoutKeepsMean,
  elementwise,
  flattening,
  foundAnywhere,
  imageShapes,
  linearity,
  type MakeDense,
  maximumIsOneOfThem,
  maxPooling2D,
  meanOfWindow,
  nearnessIsDense,
  perceptron,
  permutationInvariance,
  pixelPermutation,
  poolingCases,
  poolingSizes,
  rectifies,
  refuted,
  scanner,
  scanning,
  sigmoidAndTanh,
  slicesAreIndependent,
  softmaxOfShifted,
  subsamplingBeginsAsMean,
  subsamplingIsConvolution,
  translationEquivariance,
  unpoolingIsRightInverse,
} from "../../src/laws/index.ts";
import {
  Activation,
  Dense,
  Dropout,
  Flatten,
  type Layer,
  ReLU,
  Sigmoid,
  Softmax,
  Tanh,
} from "../../src/layers/index.ts";
import type { Pass } from "../../src/pass.ts";
import type { Shape, Tensor } from "../../src/tensor.ts";
import { reference64, wasm } from "../support/kernels.ts";
import { obeys } from "./support.ts";

const dense: MakeDense = (options) => new Dense(options);
const dropout = (rate: number): Layer => new Dropout({ rate });

for (const kernels of [reference64, wasm]) {
  const on = { kernels };
  const { name } = kernels;
  obeys(perceptron(dense, on), name);
  obeys(permutationInvariance(denseCases(), undefined, on), name);
  obeys(scanning(conv2D, dense, on), name);
  obeys(foundAnywhere(scanner, on), `a convolution and the maximum of its map, ${name}`);
  obeys(
    flattening(() => new Flatten(), on),
    name,
  );
  obeys(denseIsConvolution(conv2D, dense, on), name);
  obeys(nearnessIsDense(dense, undefined, on), `EuclideanRBF, ${name}`);
  for (const [kind, make] of [
    ["MaxPooling2D", maxPooling2D],
    ["AveragePooling2D", averagePooling2D],
  ] as const) {
    obeys(slicesAreIndependent(poolingCases(make), undefined, on), `${kind}, ${name}`);
  }
  obeys(maximumIsOneOfThem(poolingCases(maxPooling2D), undefined, on), name);
  obeys(meanOfWindow(poolingCases(averagePooling2D), undefined, on), name);
  obeys(averageIsConvolution(averagePooling2D, conv2D, on), name);
  obeys(subsamplingIsConvolution(undefined, conv2D, on), `Subsampling2D, ${name}`);
  obeys(subsamplingBeginsAsMean(undefined, averagePooling2D, on), `Subsampling2D, ${name}`);
  obeys(unpoolingIsRightInverse(on), name);
  for (const activation of ["linear", "relu", "leakyRelu", "elu", "sigmoid", "tanh", "scaledTanh"] as const) {
    obeys(
      elementwise(() => new Activation(activation), imageShapes(), on),
      `${activation}, ${name}`,
    );
  }
  obeys(
    rectifies(() => new ReLU(), on),
    name,
  );
  obeys(
    sigmoidAndTanh(
      () => new Sigmoid(),
      () => new Tanh(),
      on,
    ),
    name,
  );
  obeys(
    softmaxOfShifted(() => new Softmax(), on),
    name,
  );
  obeys(crossEntropyGradient(on), name);
  obeys(dropoutIsIdentity(dropout, on), name);
  obeys(dropoutKeepsMean(dropout, on), name);
}
obeys(poolingSizes(maxPooling2D), "MaxPooling2D");

/** A dense layer from image to image, as large as x. */
class DenseImages extends Chain {
  constructor() {
    super([new Flatten(), new Dense({ units: 16 })]);
  }

  override outputShape(shape: Shape): number[] {
    return [...shape];
  }

  override forward(x: Tensor, pass: Pass): Tensor {
    return super.forward(x, pass).reshape(x.shape);
  }
}

const few = { numRuns: 5 };
const moves = translationEquivariance(() => new DenseImages(), [1, 4, 4, 1]);
obeys(refuted(["A5", "B6"], "a dense layer is not equivariant: a counterexample is found", moves), "", few);
const found = foundAnywhere(() => new Chain([new Flatten(), new Dense({ units: 2 })]));
obeys(refuted(["A5"], "what a dense layer finds in one place it does not find in another", found), "", few);
obeys(refuted(["A4"], "permuting pixels does change a convolution", pixelPermutation()), "", few);
const rectified = linearity(conv2dCases({ activation: "relu" }));
obeys(refuted(["B7"], "a ReLU makes a convolution nonlinear", rectified), "", few);
