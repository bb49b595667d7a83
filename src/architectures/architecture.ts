import { checkOptions, fail, NeocogError } from "../errors.ts";
import {
  AveragePooling2D,
  Conv2D,
  Dense,
  Dropout,
  ELU,
  Flatten,
  type Layer,
  LeakyReLU,
  MaxPooling2D,
  ReLU,
  Sigmoid,
  Softmax,
  Tanh,
} from "../layers/index.ts";
import { Sequential } from "../model/sequential.ts";
import type { Shape } from "../tensor.ts";
import type { Padding } from "../window.ts";
import { type Item, parseNotation, pointAt, type Word } from "./notation.ts";

export interface ArchitectureOptions {
  /** Of one image: [height, width, channels]. */
  inputShape: Shape;
  /** Of convolutions. Default: "same", so that only pooling and strides make images smaller. */
  padding?: Padding;
  /** Default: "architecture". */
  name?: string;
  /** Fixes the initial weights. Default: 0. */
  seed?: number;
}

/** What a word makes; nothing, for `input`. */
type Maker = (word: Word, options: ArchitectureOptions) => Layer | undefined;

const WORDS: Record<string, Maker> = {
  input: () => undefined,
  conv({ size, window = 3, stride = 1 }, { padding = "same" }) {
    return new Conv2D({ filters: needed("conv", size, "filters"), kernelSize: window, strides: stride, padding });
  },
  pool: ({ size = 2, stride = size }) => new MaxPooling2D({ poolSize: size, strides: stride }),
  avgpool: ({ size = 2, stride = size }) => new AveragePooling2D({ poolSize: size, strides: stride }),
  fc: ({ size }) => new Dense({ units: needed("fc", size, "units") }),
  dropout: ({ size }) => new Dropout({ rate: needed("dropout", size, "its rate, as in dropout0.5") }),
  flatten: () => new Flatten(),
  relu: () => new ReLU(),
  leakyrelu: () => new LeakyReLU(),
  elu: () => new ELU(),
  tanh: () => new Tanh(),
  sigmoid: ({ size }) => (size === undefined ? new Sigmoid() : new Dense({ units: size, activation: "sigmoid" })),
  softmax: ({ size }) => (size === undefined ? new Softmax() : new Dense({ units: size, activation: "softmax" })),
};

const SAME_WORDS: Record<string, string> = { maxpool: "pool", averagepool: "avgpool", dense: "fc" };

/** Which numbers a word takes. */
const NUMBERS: Record<string, readonly ("size" | "window" | "stride")[]> = {
  conv: ["size", "window", "stride"],
  pool: ["size", "stride"],
  avgpool: ["size", "stride"],
  fc: ["size"],
  dropout: ["size"],
  sigmoid: ["size"],
  softmax: ["size"],
};

/**
 * A network from the pattern by which courses describe it, [(CONV-RELU)^N-POOL]^M-(FC-RELU)^K-SOFTMAX:            D1
 *
 *   conv32    32 filters 3×3, conv32x5/2: 32 filters 5×5 with stride 2       fc128      128 units, also dense128
 *   pool      maximum of 2×2, pool3/2: of 3×3 with stride 2; avgpool: mean   dropout0.5
 *   relu leakyrelu elu tanh sigmoid softmax                                  softmax10  10 units with softmax; sigmoid1
 *
 * Before the first layer that needs rows the images are flattened. Capitals are as good as small letters.
 *
 * ```ts
 * const model = architecture("[(conv32-relu)*2-pool]*2-(fc128-relu-dropout0.5)*1-softmax10", { inputShape: [32, 32, 3] });
 * model.layers.length; // 15
 * model.outputShape; // [10]
 * ```
 * @throws NeocogError that shows the pattern and points at the character: where it cannot be read, and where a layer does
 *   not fit behind the one before it.
 */
export function architecture(pattern: string, options: ArchitectureOptions): Sequential {
  if (typeof pattern !== "string")
    fail("architecture", "pattern", pattern, 'give a text, such as "conv8-relu-softmax2"');
  checkOptions("architecture", options, ["inputShape", "padding", "name", "seed"]);
  const { inputShape, name = "architecture", seed = 0 } = options;
  if (!Array.isArray(inputShape)) fail("architecture", "inputShape", inputShape, "give [height, width, channels]");
  let shape: number[] = [1, ...inputShape];
  const layers: Layer[] = [];
  const append = (layer: Layer) => {
    shape = layer.outputShape(shape);
    layers.push(layer);
  };
  for (const word of unrolled(parseNotation(pattern))) {
    try {
      const layer = layerOf(word, options);
      if (layer instanceof Dense && shape.length > 2) append(new Flatten());
      if (layer) append(layer);
    } catch (error) {
      if (error instanceof NeocogError) throw pointAt(pattern, word.at, error.message);
      throw error;
    }
  }
  if (layers.length === 0) throw pointAt(pattern, 0, "no layer is left; give one at least");
  return new Sequential(layers, { inputShape, name, seed });
}

function unrolled(items: readonly Item[]): Word[] {
  return items.flatMap(({ what, times }) => {
    const once = what.kind === "word" ? [what] : unrolled(what.items);
    return Array.from({ length: times }, () => once).flat();
  });
}

function layerOf(word: Word, options: ArchitectureOptions): Layer | undefined {
  const name = SAME_WORDS[word.name] ?? word.name;
  if (!Object.hasOwn(WORDS, name)) {
    throw new NeocogError(`"${word.name}" is no layer of this notation; known are ${Object.keys(WORDS).join(", ")}`);
  }
  for (const number of ["size", "window", "stride"] as const) {
    const value = word[number];
    if (value !== undefined && !NUMBERS[name]?.includes(number)) {
      throw new NeocogError(`${word.name} takes no ${number}, but ${value} is given; leave it out`);
    }
  }
  return WORDS[name](word, options);
}

function needed(name: string, size: number | undefined, what: string): number {
  if (size === undefined) throw new NeocogError(`${name} needs ${what}: a number right behind it`);
  return size;
}
