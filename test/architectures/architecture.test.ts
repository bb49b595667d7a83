import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { architecture } from "../../src/architectures/architecture.ts";
import { type Item, parseNotation } from "../../src/architectures/notation.ts";
import { NeocogError } from "../../src/errors.ts";
import { Conv2D, Dense, Dropout, Flatten, MaxPooling2D, ReLU } from "../../src/layers/index.ts";
import { Sequential } from "../../src/model/sequential.ts";
import { floats, labels } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { refuses } from "../support/refusals.ts";

const options = { inputShape: [16, 16, 3] };
const kinds = (pattern: string) => architecture(pattern, options).layers.map(({ kind }) => kind);

describe("the notation of architectures", () => {
  test("of the courses, [(CONV-RELU)^N-POOL]^M-(FC-RELU)^K-SOFTMAX, is the network that it describes, bit for bit", async () => {
    const pattern = "[(conv8-relu)*2-pool]*2-(fc12-relu-dropout0.5)*1-softmax10";
    const model = architecture(pattern, { ...options, seed: 3 });
    const conv = () => new Conv2D({ filters: 8, kernelSize: 3, padding: "same" });
    const stage = () => [conv(), new ReLU(), conv(), new ReLU(), new MaxPooling2D()];
    const head = [new Dense({ units: 12 }), new ReLU(), new Dropout({ rate: 0.5 }), new Dense({ units: 10, activation: "softmax" })]; // biome-ignore format: one line
    const byHand = new Sequential([...stage(), ...stage(), new Flatten(), ...head], { ...options, seed: 3 });
    assert.equal(model.summary().replace("architecture", "sequential"), byHand.summary());
    const [x, y] = [floats([12, 16, 16, 3], 1), labels([12], 2, 10)];
    for (const each of [model, byHand]) {
      each.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
      await each.fit(x, y, { batchSize: 4 });
    }
    const expected = byHand.getWeights();
    for (const [index, weight] of model.getWeights().entries()) equalBits(weight, expected[index]);
  });

  test("of the docstring has 15 layers and 10 classes", () => {
    const pattern = "[(conv32-relu)*2-pool]*2-(fc128-relu-dropout0.5)*1-softmax10";
    const model = architecture(pattern, { inputShape: [32, 32, 3] });
    assert.deepEqual([model.layers.length, model.outputShape], [15, [10]]);
  });

  test("reads windows and strides, capitals, arrows and spaces, other words for the same, and repetitions of nothing", () => {
    const model = architecture("INPUT → [ Conv6x5/2 -> tanh ] × 1 - maxpool3/1 - AvgPool - (dense4)^2 - sigmoid1", options); // biome-ignore format: one line
    assert.deepEqual(
      model.layers.map(({ kind, options }) => [kind, options]),
      [
        ["Conv2D", { filters: 6, kernelSize: 5, strides: 2, padding: "same" }],
        ["Tanh", {}],
        ["MaxPooling2D", { poolSize: 3, strides: 1 }],
        ["AveragePooling2D", { poolSize: 2, strides: 2 }],
        ["Flatten", {}],
        ["Dense", { units: 4 }],
        ["Dense", { units: 4 }],
        ["Dense", { units: 1, activation: "sigmoid" }],
      ],
    );
    assert.deepEqual(kinds("(conv4-pool*0)*2-(fc9-relu)*0-flatten-softmax"), [
      "Conv2D",
      "Conv2D",
      "Flatten",
      "Softmax",
    ]);
    const valid = architecture("conv6x5-leakyrelu-elu-sigmoid", { ...options, padding: "valid" });
    assert.deepEqual(valid.outputShape, [12, 12, 6]);
  });
});

/** Fails unless the pattern is refused, with an arrow under its character number `at` (from 0), and these words. */
function pointsAt(pattern: string, at: number, ...parts: string[]): void {
  refuses(() => architecture(pattern, options), `architecture: character ${at + 1}:`, ...parts);
  try {
    architecture(pattern, options);
  } catch (error) {
    const [, line, arrow] = (error as Error).message.split("\n").slice(-3);
    assert.equal(line.slice(2), pattern);
    assert.equal(arrow, `  ${" ".repeat(at)}^`);
  }
}

describe("a pattern that cannot be read is refused with an arrow under the character", () => {
  test("where the grammar ends", () => {
    pointsAt("[(conv8-relu)*-pool]", 14, "how often?", "whole number");
    pointsAt("[(conv8-relu)*N-pool]", 14, "how often?");
    pointsAt("conv8--relu", 6, 'a layer is expected, not "-"');
    pointsAt("conv8-relu-", 11, "a layer is missing at the end");
    pointsAt("", 0, "a layer is missing");
    pointsAt("(conv8-relu]", 11, '")" or "-" is expected, not "]"');
    pointsAt("[conv8-(relu-pool)", 18, '"[" at character 1 is not closed', '"]" is missing');
    pointsAt("conv8 relu", 6, '"r" is not expected here', 'put "-" between');
    pointsAt("conv8)-relu", 5, '")" is not expected');
    pointsAt("(conv8-relu)*2-pool?-fc3", 19, "leaves a choice open", '"*0"');
    pointsAt("conv8x-relu", 6, "a window size, as in conv32x5");
    pointsAt("pool3/-relu", 6, "a stride, as in pool3/2");
    pointsAt("relu*9999", 5, "at most 1000");
    pointsAt("32conv", 0, 'a layer is expected, not "3"');
  });

  test("where a word is unknown, or lacks its number, or has one too many", () => {
    pointsAt("conv8-gelu-fc3", 6, '"gelu" is no layer of this notation', "known are input, conv, pool");
    pointsAt("conv8-toString", 6, '"tostring" is no layer');
    pointsAt("relu-(conv-relu)*2", 6, "conv needs filters");
    pointsAt("flatten-fc", 8, "fc needs units");
    pointsAt("relu-dropout", 5, "dropout needs its rate", "dropout0.5");
    pointsAt("conv8-relu3", 6, "relu takes no size, but 3");
    pointsAt("fc8x3", 0, "fc takes no window, but 3");
    pointsAt("pool2x3", 0, "pool takes no window");
  });

  test("where a layer refuses what the pattern says, or the images that come", () => {
    pointsAt("conv8-dropout1.5", 6, "Dropout", "rate is 1.5");
    pointsAt("conv0", 0, "Conv2D", "filters is 0");
    pointsAt("conv8-(relu-pool)*5-fc3", 12, "max_pooling2d", "poolSize");
    pointsAt("fc3-relu-conv8", 9, "conv2d", "[batch, height, width, channels]");
    pointsAt("relu*0", 0, "no layer is left");
  });

  test("and options, as everywhere, with their names", () => {
    refuses(() => architecture(3 as never, options), "architecture", "pattern is 3");
    refuses(() => architecture("relu", {} as never), "architecture", "inputShape is undefined");
    refuses(
      () => architecture("relu", { ...options, stride: 1 } as never),
      '"stride"',
      "inputShape, padding, name, seed",
    );
  });
});

const words: fc.Arbitrary<Item["what"]> = fc
  .record(
    {
      name: fc.constantFrom("conv", "relu", "pool", "fc", "xyz"),
      size: fc.oneof(fc.nat(999), fc.constant(0.25)),
      window: fc.nat(99),
      stride: fc.nat(99),
    },
    { requiredKeys: ["name"] },
  )
  .map(({ window, ...drawn }) => {
    // A window stands behind a size.
    const sized = drawn.size === undefined || window === undefined ? {} : { window };
    return { kind: "word" as const, ...drawn, ...sized, at: 0 };
  });

const { sequence: sequences } = fc.letrec<{ sequence: Item[]; item: Item }>((tie) => ({
  sequence: fc.array(tie("item"), { minLength: 1, maxLength: 4 }),
  item: fc.record({
    what: fc.oneof(
      { depthSize: "small", depthIdentifier: "pattern", withCrossShrink: true },
      words,
      tie("sequence").map((items) => ({ kind: "group" as const, items, at: 0 })),
    ),
    times: fc.oneof(fc.constant(1), fc.nat(12)),
  }),
}));

/** Writes a pattern; `style` chooses among what means the same. */
function write(items: readonly Item[], style: () => number): string {
  const choose = (...forms: string[]) => forms[style() % forms.length];
  const space = () => choose("", "", " ", "\n ");
  const one = ({ what, times }: Item): string => {
    const [open, close] = choose("()", "[]");
    const text =
      what.kind === "word"
        ? `${choose(what.name, what.name.toUpperCase())}${what.size ?? ""}${what.window === undefined ? "" : `${choose("x", "X")}${what.window}`}${what.stride === undefined ? "" : `/${what.stride}`}`
        : `${open}${space()}${write(what.items, style)}${close}`;
    return `${space()}${text}${space()}${times === 1 ? choose("", "*1") : `${choose("*", "^", "×")}${space()}${times}`}${space()}`;
  };
  return items.map(one).join(choose("-", "->", "→"));
}

/** Without places. */
function bare(items: readonly Item[]): unknown {
  return items.map(({ what, times }) => {
    const { at: _, ...rest } = what.kind === "word" ? what : { ...what, items: bare(what.items) };
    return { ...rest, times };
  });
}

describe("the grammar", () => {
  test("reads what is written, however it is written", () => {
    fc.assert(
      fc.property(sequences, fc.infiniteStream(fc.nat(11)), (items, styles) => {
        const text = write(items, () => styles.next().value);
        assert.deepEqual(bare(parseNotation(text)), bare(items), text);
      }),
    );
  });

  test("says of every word and group where it begins", () => {
    fc.assert(
      fc.property(sequences, (items) => {
        const text = write(items, () => 0);
        const check = (all: readonly Item[]): void => {
          for (const { what } of all) {
            const begin = what.kind === "word" ? what.name : "(";
            assert.ok(text.startsWith(begin, what.at), `${what.at} in ${text}`);
            if (what.kind === "group") check(what.items);
          }
        };
        check(parseNotation(text));
      }),
    );
  });

  test("refuses all other texts with an arrow inside of them or right behind, and never otherwise", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."conv8pool-()[]*^2x/.? ") }), (text) => {
        try {
          parseNotation(text);
        } catch (error) {
          assert.ok(error instanceof NeocogError, String(error));
          const at = Number(/character (\d+):/.exec(error.message)?.[1]);
          assert.ok(at >= 1 && at <= text.length + 1, `${at} of ${text.length}`);
        }
      }),
    );
  });
});
