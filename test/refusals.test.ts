/** What JavaScript hands over where there are no types to stop it: each of these crashed, hung or was taken silently. */
import { describe, test } from "node:test";
import * as neocog from "../src/index.ts";
import { refuses, rejects } from "./support/refusals.ts";

// biome-ignore lint/suspicious/noExplicitAny: no types are what this is about
const library = neocog as any;
const { tensor } = library;

describe("no value is too strange to be refused by name", () => {
  const itself: unknown[] = [];
  itself.push(itself);
  let deep: unknown[] = [];
  for (let depth = 0; depth < 20_000; depth++) deep = [deep];
  const unprintable = {
    toJSON: () => undefined,
    toString: () => {
      throw new Error("toString must not be called");
    },
  };

  test("arrays that contain themselves, or are deeper than the stack", () => {
    refuses(() => new library.Dense({ units: itself }), "Dense", "units is [[[[[…]]]]]");
    refuses(() => new library.Dense({ units: deep }), "Dense", "units is [[[[[…]]]]]");
    refuses(() => tensor(itself), "tensor", "the depth of the rows is 33", "at most 32 axes");
    refuses(() => library.datasetDirectory(deep), "datasetDirectory", "name is [[[[[…]]]]]", "known data sets");
  });

  test("objects that cannot be printed, long texts, symbols, large numbers", () => {
    refuses(() => new library.Dense({ units: unprintable }), "units is an object");
    refuses(() => new library.Dense({ units: Object.create(null) }), "units is {}");
    refuses(() => new library.Dense({ units: Symbol("s") }), "units is Symbol(s)");
    refuses(() => new library.Dense({ units: 1n }), "units is 1;");
    refuses(() => new library.Dense({ units: "u".repeat(1e6) }), 'units is "uuu', 'u…"; use');
    refuses(() => new library.Dense({ units: new Float32Array(9) }), "Float32Array", "36 bytes");
    refuses(
      () => new library.Dense({ units: 1, kernelInitializer: { name: Object.create(null) } }),
      "kernelInitializer",
    );
  });
});

describe("options that are no object, for all that take some", () => {
  const makers = [
    "Activation",
    "BatchNormalization",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Dense",
    "DepthwiseConv2D",
    "SeparableConv2D",
    "Dropout",
    "ELU",
    "EuclideanRBF",
    "Flatten",
    "LeakyReLU",
    "MaxPooling1D",
    "MaxPooling2D",
    "ReLU",
    "Subsampling2D",
    "TableConv2D",
  ];
  makers.push(
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "ZeroPadding2D",
    "Cropping2D",
    "Reshape",
    "Permute",
    "UpSampling2D",
  );
  makers.push("MaxUnpooling2D", "SpatialDropout2D", "GaussianNoise", "LocalResponseNormalization");
  makers.push("Adam", "AdamW", "RMSprop", "SGD", "MeanSquaredError", "Accuracy", "EarlyStopping", "Pass");
  for (const name of makers) {
    test(name, () => {
      for (const given of [null, 3, [1]]) refuses(() => new library[name](given), name.slice(1), "give an object");
    });
  }
  for (const name of ["linearDecay", "piecewiseConstantDecay", "leNet5", "wasmKernels"]) {
    test(name, () => refuses(() => library[name](null), name, "null", "give an object"));
  }
  test("Window.over", () => refuses(() => library.Window.over("w", 5, 5, null), "w:", "give an object"));
});

describe("arguments of the wrong kind", () => {
  const plainPass = new neocog.Pass({ kernels: neocog.referenceKernels("float32") });
  const refused: [title: string, action: () => unknown, parts: string[]][] = [
    ["lists of a schedule", () => library.piecewiseConstantDecay({ boundaries: [1] }), ["values is undefined", "list"]],
    [
      "a step of a schedule",
      () => library.piecewiseConstantDecay({ boundaries: ["a"], values: [1, 1] }),
      ["a boundary is"],
    ],
    [
      "the scheduler's optimizer",
      () => new library.LearningRateScheduler("sgd", () => 1),
      ["optimizer is", "an Optimizer"],
    ],
    [
      "the scheduler's schedule",
      () => new library.LearningRateScheduler(new neocog.SGD(), 0.1),
      ["schedule is 0.1", "function"],
    ],
    [
      "a class where a schedule is called",
      () => new library.LearningRateScheduler(new neocog.SGD(), neocog.SGD),
      ["schedule is the function SGD", "give a function"],
    ],
    [
      "a class that is warmed up to",
      () => library.warmUp(neocog.SGD, { warmUpSteps: 1 }),
      ["warmUp", "give a function"],
    ],
    [
      "a class where an initializer is called",
      () => built({ biasInitializer: neocog.SGD }),
      ["biasInitializer is the function SGD", "(shape, random) => values"],
    ],
    ["a key of random numbers", () => new library.Random([0n, 0]), ["Random", "seed is [0, 0]"]],
    ["a seed of text", () => new library.Random("seven"), ["Random", 'seed is "seven"']],
    ["what is monitored", () => new library.EarlyStopping({ monitor: 3 }), ["EarlyStopping", "monitor is 3"]],
    ["whether weights are restored", () => new library.EarlyStopping({ restoreBestWeights: "no" }), ["true or false"]],
    [
      "training that is no flag",
      () => new library.Pass({ training: "no" }),
      ["Pass", 'training is "no"', "true or false"],
    ],
    ["an option of a pass", () => new library.Pass({ kernel: 1 }), ["Pass", 'an option is "kernel"']],
    ["kernels that are none", () => new library.Pass({ kernels: {} }), ["Pass", "kernels is {}", "wasmKernels()"]],
    ["relaxed that is no flag", () => library.wasmKernels({ relaxed: "no" }), ["wasmKernels", 'relaxed is "no"']],
    ["a million threads", () => library.wasmKernels({ threads: 1e6 }), ["threads is 1000000", "at most 1024"]],
    ["a precision nobody has", () => tensor([1], [1], "float16"), ["tensor", 'dtype is "float16"', '"float32"']],
    ["a shape that is no list", () => tensor([1], 1), ["tensor", "shape is 1", "give a list"]],
    [
      "a shape no machine has room for",
      () => {
        const dense = new library.Dense({ units: 1 });
        dense.build([1, 2 ** 50], plainPass);
        dense.getWeights(); // weights are made when they are asked for
      },
      ["no memory", "smaller"],
    ],
    ["the height of a window", () => library.Window.over("w", "5", 5, { kernelSize: 1 }), ['the height is "5"']],
    [
      "a stride beyond 32 bits",
      () => library.Window.over("w", 5, 5, { kernelSize: 1, strides: 2 ** 31 }),
      ["below 2^31"],
    ],
    [
      "padding beyond 32 bits",
      () => library.Window.over("w", 5, 5, { kernelSize: 1, padding: 2 ** 30 }),
      ["padding is", "more than 2^31"],
    ],
    ["the name of a model", () => new library.Sequential([new neocog.ReLU()], { name: 3 }), ["name is 3", "text"]],
    [
      "the input of a model",
      () => new library.Sequential([new neocog.ReLU()], { inputShape: 3 }),
      ["inputShape is 3", "list"],
    ],
    ["nested arrays for x", () => new neocog.ReLU().forward([[1]] as never), ["re_lu", "x is [[1]]", "give a tensor"]],
    [
      "weights that are no list",
      () => built().setWeights(undefined as never),
      ["weights is undefined", "list of tensors"],
    ],
    ["weights that are no tensors", () => built().setWeights([[1], [2]] as never), ["kernel is [1]", "give a tensor"]],
    [
      "an initializer that returns nothing",
      () => built({ kernelInitializer: () => undefined }),
      ["initializer returns is undefined"],
    ],
    [
      "an initializer that returns texts",
      () => built({ kernelInitializer: () => ["a"] }),
      ['initial value 0 is "a"', "finite"],
    ],
  ];
  for (const [title, action, parts] of refused) test(title, () => refuses(action, ...parts));

  function built(options: object = {}): neocog.Dense {
    const layer = new neocog.Dense({ units: 1, ...options });
    layer.build([1, 1]);
    return layer;
  }

  test("callbacks whose methods are none, and lists with holes", async () => {
    const model = new neocog.Sequential([new neocog.Dense({ units: 1 })], { inputShape: [1] });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const fit = (options: object) => model.fit([[1]], [1], options);
    await rejects(fit({ callbacks: [{ onEpochEnd: 3 }] }), "fit", "callbacks[0].onEpochEnd is 3", "function");
    await rejects(fit({ callbacks: [neocog.EarlyStopping] }), "callbacks[0] is the function EarlyStopping", "put new");
    await rejects(fit({ callbacks: new Array(1) }), "fit", "callbacks[0] is undefined");
    await rejects(fit({ classWeight: null }), "fit", "classWeight is null", "class: weight");
  });
});

test("a model.json that describes more weights than its file can hold is refused before room is made for them", () => {
  const small = new neocog.Sequential([new neocog.Dense({ units: 1, name: "wide" })], { inputShape: [2] }).toFiles();
  const load = (inputShape: number[], layer: object) => {
    const topology = { format: "neocog sequential", version: 1, name: "m", inputShape, layers: [layer] };
    const files = { ...small, "model.json": JSON.stringify(topology) };
    return () => neocog.modelFromFiles(files, { directory: "d" });
  };
  const dense = { kind: "Dense", name: "wide", options: { units: 2 ** 40 } };
  refuses(load([2], dense), "d/weights.safetensors", "the shape of wide/kernel is [2, 1]", `[2,${2 ** 40}]`);
  // Its kernel is drawn when it is made.
  const table = { kind: "TableConv2D", name: "wide", options: { connections: [[true]], kernelSize: 2 ** 13 } };
  refuses(load([2 ** 13, 2 ** 13, 1], table), "d/weights.safetensors", "more weights than");
});
