import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  Activation,
  AveragePooling1D,
  AveragePooling2D,
  BatchNormalization,
  Conv1D,
  Conv2D,
  Conv2DTranspose,
  Dense,
  DepthwiseConv2D,
  Dropout,
  ELU,
  EuclideanRBF,
  Flatten,
  LeakyReLU,
  MaxPooling1D,
  MaxPooling2D,
  Permute,
  ReLU,
  SeparableConv2D,
  Sigmoid,
  Softmax,
  Subsampling2D,
  TableConv2D,
  Tanh,
} from "../../src/layers/index.ts";
import { tensor } from "../../src/tensor.ts";
import { floats } from "../support/arbitraries.ts";
import { float64Pass } from "../support/gradients.ts";
import { refuses } from "../support/refusals.ts";

const conv = (options: object) => () => new Conv2D({ filters: 2, kernelSize: 3, ...options });

describe("a refusal names the layer, the argument, the value received, and the remedy", () => {
  test("Conv2D: options that cannot be", () => {
    refuses(conv({ filters: 0 }), "Conv2D", "filters is 0", "at least 1");
    refuses(conv({ filters: 2.5 }), "Conv2D", "filters is 2.5", "whole number");
    refuses(conv({ filters: undefined }), "Conv2D", "filters is undefined", "whole number");
    refuses(conv({ kernelSize: [3, 0] }), "Conv2D", "kernelSize is 0", "at least 1");
    refuses(conv({ kernelSize: [1, 2, 3] }), "Conv2D", "kernelSize is [1, 2, 3]", "[height, width]");
    refuses(conv({ strides: -1 }), "Conv2D", "strides is -1", "at least 1");
    refuses(conv({ dilationRate: 0 }), "Conv2D", "dilationRate is 0", "at least 1");
    refuses(conv({ padding: "full" }), "Conv2D", 'padding is "full"', '"valid", "same"');
    refuses(conv({ padding: -1 }), "Conv2D", "padding is -1", "at least 0");
    refuses(conv({ groups: 3 }), "Conv2D", "filters is 2", "multiple of groups, which is 3");
    refuses(conv({ activation: "gelu" }), "Conv2D", 'activation is "gelu"', '"linear", "relu", "leakyRelu", "elu"');
    refuses(conv({ activation: null }), "Conv2D", "activation is null", "or { name, … }");
    refuses(conv({ activation: function relu() {} }), "Conv2D", "activation is the function relu", '"relu"');
    refuses(
      conv({ activation: { name: "leakyRelu", alpha: 1 } }),
      "Conv2D: activation leakyRelu",
      '"alpha"',
      "name, negativeSlope",
    );
    refuses(
      conv({ activation: { name: "elu", negativeSlope: 1 } }),
      "activation elu",
      '"negativeSlope"',
      "name, alpha",
    );
    const superfluous = conv({ activation: { name: "relu", alpha: 1 } });
    assert.throws(superfluous, /Conv2D: activation relu: an option is "alpha"; known options are name$/);
    refuses(conv({ activation: { name: "elu", alpha: -1 } }), "Conv2D", "alpha is -1", "at least 0");
    refuses(conv({ kernelInitializer: "xavier" }), "Conv2D", 'kernelInitializer is "xavier"', "glorotUniform");
    refuses(conv({ stride: 2 }), "Conv2D", 'an option is "stride"', "known options are filters");
    refuses(conv({ useBias: 0 }), "Conv2D", "useBias is 0", "true or false");
    refuses(conv({ trainable: "no" }), "Conv2D", 'trainable is "no"', "true or false");
    refuses(conv({ name: "" }), "Conv2D", 'name is ""', "not empty");
    refuses(conv({ name: 5 }), "Conv2D", "name is 5", "not empty");
    refuses(conv({ biasInitializer: "xavier" }), "Conv2D", 'biasInitializer is "xavier"', "zeros");
    refuses(conv({ groups: 0 }), "Conv2D", "groups is 0", "at least 1");
  });

  test("Conv2D: images that do not fit", () => {
    const layer = new Conv2D({ filters: 2, kernelSize: 3, groups: 2, name: "first" });
    const pass = float64Pass();
    const forward = (shape: number[]) => () => layer.forward(floats(shape, 1), pass);
    refuses(forward([5, 5, 2]), "first", "the shape of x is [5, 5, 2]", "x.reshape([1, 5, 5, 2])");
    refuses(forward([4, 10]), "first", "the shape of x is [4, 10]", "[batch, height, width, channels]");
    refuses(forward([1, 5, 5, 3]), "first", "channels of x is 3", "multiple of groups, which is 2");
    refuses(forward([1, 5, 5, 0]), "first", "channels of x is 0", "multiple of groups, which is 2");
    refuses(forward([1, 5, 2, 2]), "first", "kernelSize is [3, 3]", "spans 3 columns", "only 2", "more padding");
    forward([1, 5, 5, 2])();
    refuses(forward([1, 5, 5, 4]), "first", "the shape of x is [1, 5, 5, 4]", "built for 2 channels");
    refuses(
      () => layer.backward(floats([1, 3, 2, 2], 1), pass),
      "first",
      "the shape of dy is [1, 3, 2, 2]",
      "[1,3,3,2]",
    );
    refuses(() => layer.backward(floats([1, 3, 3, 2], 1), pass), "first", "call forward first");
  });

  test("Conv2DTranspose", () => {
    const transposed = (options: object) => () =>
      new Conv2DTranspose({ filters: 2, kernelSize: 3, ...options } as never);
    refuses(transposed({ filters: 0 }), "Conv2DTranspose", "filters is 0", "at least 1");
    refuses(transposed({ outputPadding: 1 }), "Conv2DTranspose", "outputPadding is 1", "less than strides, which is 1");
    refuses(transposed({ strides: [2, 3], outputPadding: [1, 3] }), "outputPadding is [1, 3]", "which is 3");
    refuses(transposed({ strides: 2, outputPadding: [1] }), "outputPadding is [1]", "[height, width]");
    refuses(transposed({ strides: 2, outputPadding: 0.5 }), "outputPadding is 0.5", "whole number");
    refuses(
      transposed({ strides: 2, outputPadding: 1, padding: "same" }),
      "outputPadding is 1; it does not go with",
      '"same"',
    );
    const layer = new Conv2DTranspose({ filters: 2, kernelSize: 3, padding: [1, 2, 0, 0], name: "up" });
    const pass = float64Pass();
    const forward = (shape: number[]) => () => layer.forward(floats(shape, 1), pass);
    refuses(forward([4, 4, 2]), "up", "the shape of x is [4, 4, 2]", "[1, 4, 4, 2]");
    refuses(forward([1, 0, 4, 2]), "up", "the size of x is 0", "at least one pixel");
    refuses(forward([1, 1, 4, 2]), "up", "padding is [1, 2, 0, 0]", "cuts all 3 rows");
    forward([1, 2, 2, 3])();
    refuses(forward([1, 2, 2, 2]), "up", "the shape of x is [1, 2, 2, 2]", "built for 3 channels");
    refuses(() => layer.backward(floats([1, 2, 2, 2], 1), pass), "up", "the shape of dy is [1, 2, 2, 2]", "[1,1,4,2]");
  });

  test("BatchNormalization", () => {
    const normal = (options: object) => () => new BatchNormalization(options as never);
    refuses(normal({ epsilon: -1 }), "BatchNormalization", "epsilon is -1", "at least 0");
    refuses(normal({ momentum: 2 }), "BatchNormalization", "momentum is 2", "from 0 to 1");
    refuses(normal({ center: 1 }), "BatchNormalization", "center is 1", "true or false");
    refuses(normal({ scale: "no" }), "BatchNormalization", 'scale is "no"', "true or false");
    refuses(normal({ axis: 1 }), "BatchNormalization", '"axis"', "epsilon, momentum, center, scale");
    refuses(normal({ gammaRegularizer: "l2" }), "BatchNormalization", 'gammaRegularizer is "l2"', "l2(0.01)");
    refuses(normal({ betaRegularizer: { l1: -1 } }), "BatchNormalization", "betaRegularizer l1 is -1", "at least 0");
    const layer = new BatchNormalization({ scale: false });
    const pass = float64Pass({ training: true });
    const forward = (shape: number[]) => () => layer.forward(floats(shape, 1), pass);
    refuses(forward([3]), "batch_normalization", "the shape of x is [3]", "[batch, …, channels]");
    refuses(forward([3, 0]), "batch_normalization", "the shape of x is [3, 0]", "[batch, …, channels]");
    forward([3, 2])();
    refuses(forward([3, 4]), "batch_normalization", "the shape of x is [3, 4]", "built for 2 channels");
    refuses(() => layer.backward(floats([3], 1), pass), "the shape of dy is [3]", "[3,2]");
    refuses(() => layer.setWeights([]), "the number of weights is 0", "beta [2], movingMean [2], movingVariance [2]");
  });

  test("DepthwiseConv2D and SeparableConv2D", () => {
    const depthwise = (options: object) => () => new DepthwiseConv2D({ kernelSize: 3, ...options } as never);
    refuses(depthwise({ depthMultiplier: 0 }), "DepthwiseConv2D", "depthMultiplier is 0", "at least 1");
    refuses(depthwise({ kernelSize: 0 }), "DepthwiseConv2D", "kernelSize is 0", "at least 1");
    refuses(depthwise({ filters: 2 }), "DepthwiseConv2D", '"filters"', "depthMultiplier, kernelSize");
    refuses(depthwise({ kernelInitializer: "ones" }), '"kernelInitializer"', "depthwiseInitializer, biasInitializer");
    refuses(depthwise({ depthwiseInitializer: "one" }), "DepthwiseConv2D", 'depthwiseInitializer is "one"', "ones");
    const separable = (options: object) => () =>
      new SeparableConv2D({ filters: 2, kernelSize: 3, ...options } as never);
    refuses(separable({ filters: 0 }), "SeparableConv2D", "filters is 0", "at least 1");
    refuses(separable({ depthMultiplier: 0 }), "SeparableConv2D", "depthMultiplier is 0", "at least 1");
    refuses(separable({ groups: 2 }), "SeparableConv2D", '"groups"', "filters, depthMultiplier");
    refuses(separable({ pointwiseInitializer: 1 }), "SeparableConv2D", "pointwiseInitializer is 1", "ones");
    for (const layer of [depthwise({ name: "within" })(), separable({ name: "within" })()]) {
      const pass = float64Pass();
      const forward = (shape: number[]) => () => layer.forward(floats(shape, 1), pass);
      refuses(forward([4, 4, 2]), "within", "the shape of x is [4, 4, 2]", "[1, 4, 4, 2]");
      refuses(forward([1, 4, 4, 0]), "within", "channels of x is 0", "which is 1");
      forward([1, 4, 4, 3])();
      refuses(forward([1, 4, 4, 2]), "within", "the shape of x is [1, 4, 4, 2]", "built for 3 channels");
      refuses(() => layer.backward(floats([1], 1), pass), "within", "the shape of dy is [1]");
    }
  });

  test("EuclideanRBF", () => {
    refuses(() => new EuclideanRBF({ units: 0 }), "EuclideanRBF", "units is 0", "at least 1");
    const layer = new EuclideanRBF({ units: 2, name: "output" });
    const forward = (shape: number[]) => () => layer.forward(floats(shape, 1));
    refuses(forward([1, 2, 2]), "output", "the shape of x is [1, 2, 2]", "put a Flatten before");
    forward([1, 3])();
    refuses(forward([1, 4]), "output", "the shape of x is [1, 4]", "built for [batch, 3]");
    refuses(() => layer.backward(floats([1, 3], 1)), "output", "the shape of dy is [1, 3]");
  });

  test("TableConv2D", () => {
    const table = (connections: unknown) => () => new TableConv2D({ connections, kernelSize: 1, name: "c3" } as never);
    refuses(table(undefined), "TableConv2D", "connections is undefined", "a row of true and false for each channel");
    refuses(table([]), "connections is []");
    refuses(table([[true], [true, true]]), "a row of connections is [true, true]", "as long as");
    refuses(table([[]]), "a row of connections is []");
    refuses(table([[true, 1]]), "connections in column 1 is 1", "true or false");
    refuses(table([[true, false], [false, false]]), "column 1 of connections is false", "one channel at least"); // biome-ignore format: one table
    refuses(() => new TableConv2D({ connections: [[true]], kernelSize: 1, filters: 1 } as never), '"filters"');
    const layer = table([[true], [true]])();
    const pass = float64Pass();
    const forward = (shape: number[]) => () => layer.forward(floats(shape, 1), pass);
    refuses(forward([1, 4, 4, 3]), "c3", "channels of x is 3", "give 2, one for each row");
    refuses(forward([1, 4, 4, 0]), "c3", "channels of x is 0");
    forward([1, 4, 4, 2])();
    refuses(forward([1, 4, 4, 3]), "c3", "the shape of x is [1, 4, 4, 3]", "built for 2 channels");
    refuses(() => layer.backward(floats([1], 1), pass), "c3", "the shape of dy is [1]");
  });

  test("Conv1D and pooling of sequences", () => {
    const conv = (options: object) => () => new Conv1D({ filters: 2, kernelSize: 3, ...options } as never);
    refuses(conv({ kernelSize: [3, 3] }), "Conv1D", "kernelSize is [3, 3]", "give one number");
    refuses(conv({ strides: 0 }), "Conv1D", "strides is 0", "at least 1");
    refuses(conv({ dilationRate: 0 }), "Conv1D", "dilationRate is 0", "at least 1");
    refuses(conv({ padding: [1, 1, 1, 1] }), "Conv1D", "padding is [1, 1, 1, 1]", "[before, after]");
    refuses(conv({ padding: "full" }), "Conv1D", 'padding is "full"', '"valid", "same"');
    refuses(conv({ padding: [1, "1"] }), "Conv1D", 'padding is [1, "1"]', "[before, after]");
    for (const padding of [
      [-1, 0],
      [0, -1],
    ]) {
      // biome-ignore format: both ends
      refuses(conv({ padding }), "Conv1D", "padding is -1", "at least 0");
    }
    const layer = conv({ groups: 2, name: "heard" })();
    const pass = float64Pass();
    const forward = (shape: number[]) => () => layer.forward(floats(shape, 1), pass);
    refuses(forward([1, 4, 4, 2]), "heard", "the shape of x is [1, 4, 4, 2]", "[batch, steps, channels]");
    refuses(forward([1, 2, 2]), "heard", "kernelSize is [1, 3]", "spans 3 columns");
    forward([1, 4, 2])();
    refuses(forward([1, 4, 4]), "heard", "the shape of x is [1, 4, 4]", "built for 2 channels");
    refuses(() => layer.backward(floats([1, 1, 2], 1), pass), "heard", "the shape of dy is [1, 1, 2]", "[1,2,2]");
    refuses(() => new MaxPooling1D({ poolSize: [2, 2] } as never), "MaxPooling1D", "poolSize is [2, 2]", "one number");
    refuses(() => new MaxPooling1D({ strides: 0 }), "MaxPooling1D", "strides is 0", "at least 1");
    refuses(() => new AveragePooling1D({ size: 2 } as never), "AveragePooling1D", '"size"', "poolSize, strides");
    const pool = new MaxPooling1D({ name: "most" });
    refuses(() => pool.forward(floats([1, 4], 1)), "most", "the shape of x is [1, 4]", "[batch, steps, channels]");
    pool.forward(floats([1, 4, 1], 1), pass);
    refuses(() => pool.backward(floats([1, 4], 1), pass), "most", "the shape of dy is [1, 4]");
  });

  test("Subsampling2D", () => {
    const sub = (options: object) => () => new Subsampling2D(options as never);
    refuses(sub({ poolSize: 0 }), "Subsampling2D", "poolSize is 0", "at least 1");
    refuses(sub({ strides: [1, 2, 3] }), "Subsampling2D", "strides is [1, 2, 3]", "[height, width]");
    refuses(sub({ padding: "same" }), "Subsampling2D", '"padding"', "poolSize, strides, activation");
    refuses(sub({ coefficientInitializer: "one" }), "Subsampling2D", 'coefficientInitializer is "one"');
    const layer = sub({ name: "s2" })();
    const pass = float64Pass();
    const forward = (shape: number[]) => () => layer.forward(floats(shape, 1), pass);
    refuses(forward([4, 4]), "s2", "the shape of x is [4, 4]", "[batch, height, width, channels]");
    refuses(forward([1, 4, 4, 0]), "s2", "channels of x is 0", "with channels");
    refuses(forward([1, 1, 4, 1]), "s2", "poolSize is [2, 2]", "spans 2 rows");
    forward([1, 4, 4, 1])();
    refuses(forward([1, 4, 4, 2]), "s2", "the shape of x is [1, 4, 4, 2]", "built for 1 channels");
    refuses(() => layer.backward(floats([1], 1), pass), "s2", "the shape of dy is [1]", "[1,2,2,1]");
  });

  test("Dense", () => {
    refuses(() => new Dense({ units: -3 }), "Dense", "units is -3", "at least 1");
    refuses(() => new Dense({ units: 3, activations: "relu" } as never), "Dense", '"activations"', "known options");
    const layer = new Dense({ units: 3 });
    const pass = float64Pass();
    refuses(
      () => layer.forward(floats([1, 2, 2, 1], 1), pass),
      "dense",
      "the shape of x is [1, 2, 2, 1]",
      "put a Flatten before",
    );
    layer.forward(floats([1, 4], 1), pass);
    refuses(() => layer.forward(floats([1, 5], 1), pass), "dense", "the shape of x is [1, 5]", "built for [batch, 4]");
    refuses(() => layer.setWeights([tensor([1])]), "dense", "the number of weights is 1", "kernel [4,3], bias [3]");
    const wrong = [floats([4, 3], 1), floats([4], 1)];
    refuses(() => layer.setWeights(wrong), "dense", "the shape of bias is [4]", "give [3]");
    refuses(() => new Dense({ units: 3 }).setWeights([]), "dense", "call build(inputShape) first");
  });

  test("pooling", () => {
    refuses(() => new MaxPooling2D({ poolSize: 0 }), "MaxPooling2D", "poolSize is 0", "at least 1");
    refuses(
      () => new AveragePooling2D({ size: 2 } as never),
      "AveragePooling2D",
      '"size"',
      "poolSize, strides, padding",
    );
    const forward = (options: object, shape: number[]) => () =>
      new MaxPooling2D(options).forward(floats(shape, 1), float64Pass());
    refuses(forward({ poolSize: 3 }, [1, 2, 5, 1]), "max_pooling2d", "poolSize is [3, 3]", "spans 3 rows", "only 2");
    refuses(
      forward({ poolSize: 2, padding: 2 }, [1, 4, 4, 1]),
      "max_pooling2d",
      "padding is 2",
      "pad less than poolSize",
    );
    refuses(
      forward({ poolSize: 2, strides: 1, padding: [0, 2, 0, 0] }, [1, 4, 4, 1]),
      "padding is [0, 2, 0, 0]",
      "pad less",
    );
    // Without channels there is nothing to compute, but as many windows as one likes to walk over.
    refuses(forward({}, [2 ** 53 - 1, 2, 2, 0]), "max_pooling2d", "the number of channels of x is 0", "with channels");
    refuses(forward({ strides: 1, padding: [0, 0, 0, 2] }, [1, 4, 4, 1]), "padding is [0, 0, 0, 2]", "pad less");
    refuses(forward({ strides: 1, padding: [2, 0, 0, 0] }, [1, 4, 4, 1]), "padding is [2, 0, 0, 0]", "pad less");
    refuses(forward({ strides: 3, padding: [0, 3, 0, 0] }, [1, 3, 3, 1]), "padding is [0, 3, 0, 0]", "pad less");
    refuses(() => new MaxPooling2D({ strides: 0 }), "MaxPooling2D", "strides is 0", "at least 1");
    refuses(() => new AveragePooling2D({ padding: "full" } as never), "AveragePooling2D", 'padding is "full"', "valid");
    refuses(forward({}, [4, 4]), "max_pooling2d", "the shape of x is [4, 4]", "[batch, height, width, channels]");
  });

  test("Activation, LeakyReLU, ELU, Dropout and Flatten", () => {
    refuses(() => new Activation("swish" as never), "Activation", 'activation is "swish"', '"tanh"');
    refuses(() => new LeakyReLU({ negativeSlope: -1 }), "LeakyReLU", "negativeSlope is -1", "at least 0");
    refuses(() => new ELU({ alpha: Number.NaN }), "ELU", "alpha is NaN", "finite number");
    for (const rate of [-0.1, 1, 1.5, Number.NaN, "0.5"]) {
      refuses(() => new Dropout({ rate } as never), "Dropout", "rate is", "from 0 to less than 1");
    }
    refuses(() => new Flatten({ order: "C" } as never), "Flatten", '"order"', "known options are name, trainable");
    for (const Kind of [ReLU, Sigmoid, Tanh, Softmax]) {
      refuses(() => new Kind({ alpha: 1 } as never), Kind.name, '"alpha"', "known options are name, trainable");
    }
    refuses(() => new LeakyReLU({ alpha: 1 } as never), "LeakyReLU", '"alpha"', "options are negativeSlope, name");
    refuses(() => new ELU({ negativeSlope: 1 } as never), "ELU", '"negativeSlope"', "options are alpha, name");
    refuses(() => new Dropout({ rate: 0.5, seed: 1 } as never), "Dropout", '"seed"', "options are rate, name");
    const others = [new Dropout({ rate: 0 }), new Flatten(), new Permute({ dims: [1] }), new MaxPooling1D()];
    for (const layer of [new ReLU(), new Dense({ units: 1 }), ...others]) {
      refuses(() => layer.outputShape("x" as never), layer.name, 'the shape of x is "x"');
    }
    refuses(() => new Flatten().outputShape([]), "flatten", "the shape of x is []", "at least [batch, …]");
    const flatten = new Flatten();
    const pass = float64Pass();
    flatten.forward(floats([2, 3, 4], 1), pass);
    refuses(() => flatten.backward(floats([2, 11], 1), pass), "flatten", "the shape of dy is [2, 11]", "[2,12]");
  });

  test("BatchNormalization of no examples keeps its statistics", () => {
    const layer = new BatchNormalization();
    const pass = float64Pass({ training: true });
    assert.deepEqual(layer.forward(floats([0, 2], 1, 1, "float64"), pass).shape, [0, 2]);
    assert.deepEqual(
      layer.getWeights().map((weight) => [...weight.data]),
      [[1, 1], [0, 0], [0, 0], [1, 1]], // biome-ignore format: short
    );
    refuses(() => new BatchNormalization({ name: "b" }).outputShape("x" as never), 'b: the shape of x is "x"');
  });

  test("layers of one input: another number of inputs, and gradients that are none", () => {
    const relu = new ReLU({ name: "r" });
    const pass = float64Pass();
    const x = floats([2, 3], 1, 1, "float64");
    const remedy = ["r: the number of inputs is 2", "it takes one; merge them before"];
    refuses(() => relu.outputShapeAll([x.shape, x.shape]), ...remedy);
    refuses(() => relu.buildAll([x.shape, x.shape], pass), ...remedy);
    refuses(() => relu.forwardAll([x, x], pass), ...remedy);
    refuses(() => relu.forwardAll([], pass), "r: the number of inputs is 0");
    relu.forward(x, pass);
    refuses(() => relu.backward("dy" as never, pass), 'r: dy is "dy"');
  });

  test("a dx that nobody wants is not there", () => {
    const dense = new Dense({ units: 2 });
    const pass = float64Pass();
    const y = dense.forwardAll([floats([2, 3], 1, 1, "float64")], pass);
    assert.deepEqual(dense.backwardAll(y, pass, [false]), [undefined]);
  });
});
