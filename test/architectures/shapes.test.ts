/**
 * Every shape inside of every network in the size of its paper, against the paper's own table; typed from there, not from
 * src/. No weight is drawn, so it costs no memory. LeNet-5 has its tables in lenet5.test.ts.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { analyze } from "../../src/analysis/analyze.ts";
import { alexNet, googLeNet, inceptionV3, leNet5, type Model, resNet18, resNet20, resNet34, resNet50, uNet, vgg11, vgg13, vgg16, vgg19, xception } from "../../src/index.ts"; // biome-ignore format: names

/** What leaves shapes as they are. */
const SAME = ["BatchNormalization", "ReLU", "Dropout", "LocalResponseNormalization"];

/** "conv1 55×55×96", layer by layer, without those that leave shapes as they are. */
function shapesOf(model: Model): string[] {
  const rows = analyze(model).rows.filter(({ kind }) => !SAME.includes(kind));
  return rows.map(({ name, outputShape }) => `${name} ${outputShape.join("×")}`);
}

/** The lines of a table: a name and a shape each, several of them in a line. */
const table = (text: string) => text.trim().split(/\s*\n\s*|\s*;\s*/);

/** All those names with one shape. */
const each = (names: readonly string[], size: number, channels: number) =>
  names.map((name) => `${name} ${size}×${size}×${channels}`);

describe("every shape is that of the paper:", () => {
  test("AlexNet in two groups, Krizhevsky et al. 2012, figure 2; in one column as torchvision has it, after Krizhevsky 2014", () => {
    const dense = "flatten 9216; fc6 4096; fc7 4096; fc8 1000";
    assert.deepEqual(
      shapesOf(alexNet()),
      table(`conv1 55×55×96; pool1 27×27×96; conv2 27×27×256; pool2 13×13×256; conv3 13×13×384; conv4 13×13×384
        conv5 13×13×256; pool5 6×6×256; ${dense}`),
    );
    assert.deepEqual(
      shapesOf(alexNet({ form: "one-column" })),
      table(`conv1 55×55×64; pool1 27×27×64; conv2 27×27×192; pool2 13×13×192; conv3 13×13×384; conv4 13×13×256
        conv5 13×13×256; pool5 6×6×256; ${dense}`),
    );
  });

  // Simonyan & Zisserman 2014, table 1: columns A, B, D and E from top to bottom, M for maxpool.
  const columns = {
    vgg11: [vgg11, "64 M 128 M 256 256 M 512 512 M 512 512 M"],
    vgg13: [vgg13, "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M"],
    vgg16: [vgg16, "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M"],
    vgg19: [vgg19, "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M"],
  } as const;
  for (const [name, [make, column]] of Object.entries(columns)) {
    test(`${name}, Simonyan & Zisserman 2014, table 1`, () => {
      let [block, index, size, channels] = [1, 0, 224, 3];
      const convolutions = column.split(" ").map((word) => {
        if (word !== "M") return `conv${block}_${++index} ${size}×${size}×${(channels = Number(word))}`;
        [size, index] = [size / 2, 0];
        return `pool${block++} ${size}×${size}×${channels}`;
      });
      const dense = table("flatten 25088; fc6 4096; fc7 4096; fc8 1000");
      assert.deepEqual(shapesOf(make()), [...convolutions, ...dense]);
    });
  }

  test("GoogLeNet, Szegedy et al. 2014, table 1, and its auxiliary classifiers, section 5", () => {
    // Type, output size and depth, then #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj.
    const rows = `3a 28 256  64 96 128 16 32 32
      3b 28 480  128 128 192 32 96 64
      4a 14 512  192 96 208 16 48 64
      4b 14 512  160 112 224 24 64 64
      4c 14 512  128 128 256 24 64 64
      4d 14 528  112 144 288 32 64 64
      4e 14 832  256 160 320 32 128 128
      5a 7 832   256 160 320 32 128 128
      5b 7 1024  384 192 384 48 128 128`;
    let before = 192;
    const modules = table(rows).map((row) => {
      const [name, ...numbers] = row.split(/ +/);
      const [size, depth, ...filters] = numbers.map(Number);
      const parts = ["1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5", "pool", "pool_proj"];
      const channels = [...filters.slice(0, 5), before, filters[5]];
      before = depth;
      return [
        ...parts.flatMap((part, k) => each([`${name}_${part}`], size, channels[k])),
        ...each([name], size, depth),
      ];
    });
    const [a3, b3, a4, b4, c4, d4, e4, a5, b5] = modules;
    assert.deepEqual(shapesOf(googLeNet({ auxiliary: true }) as never), [
      ...table("conv1 112×112×64; pool1 56×56×64; conv2_reduce 56×56×64; conv2 56×56×192; pool2 28×28×192"),
      ...[a3, b3, "pool3 14×14×480", a4, b4, c4, d4, e4, "pool4 7×7×832", a5, b5].flat(),
      ...table("global_average_pooling2d 1024; classifier 1000"),
      ...table("aux1_pool 4×4×512; aux1_conv 4×4×128; flatten 2048; aux1_fc 1024; aux1_classifier 1000"),
      ...table("aux2_pool 4×4×528; aux2_conv 4×4×128; flatten_1 2048; aux2_fc 1024; aux2_classifier 1000"),
    ]);
  });

  test("Inception v3, Szegedy et al. 2015, table 1, with the released weights' 80 filters 1×1", () => {
    const stem =
      "conv1 149×149×32; conv2 147×147×32; conv3 147×147×64; pool1 73×73×64; conv4 73×73×80; conv5 71×71×192; pool2 35×35×192";
    const figure5 = [192, 256, 288].flatMap((depth, index) => {
      const name = `mixed${index}`;
      return [
        ...each([`${name}_1`], 35, 64),
        ...each([`${name}_2a`], 35, 48),
        ...each([`${name}_2b`, `${name}_3a`], 35, 64),
        ...each([`${name}_3b`, `${name}_3c`], 35, 96),
        ...each([`${name}_pool`], 35, depth),
        ...each([`${name}_pool_proj`], 35, [32, 64, 64][index]),
        ...each([name], 35, [256, 288, 288][index]),
      ];
    });
    const figure6 = [128, 160, 160, 192].flatMap((f, index) => {
      const name = `mixed${index + 4}`;
      const narrow = ["_2a", "_2b"].map((step) => name + step);
      return [
        ...[...each([`${name}_1`], 17, 192), ...each(narrow, 17, f), ...each([`${name}_2c`], 17, 192)],
        ...each(["a", "b", "c", "d"].map((step) => `${name}_3${step}`), 17, f), // biome-ignore format: one line
        ...[...each([`${name}_3e`], 17, 192), ...each([`${name}_pool`], 17, 768)],
        ...[...each([`${name}_pool_proj`], 17, 192), ...each([name], 17, 768)],
      ];
    });
    const figure7 = [9, 10].flatMap((index) => {
      const name = `mixed${index}`;
      const forked = (branch: string) => [`${name}_${branch}_1x3`, `${name}_${branch}_3x1`];
      return [
        ...[...each([`${name}_1`], 8, 320), ...each([`${name}_2`, ...forked("2")], 8, 384)],
        ...[...each([`${name}_3a`], 8, 448), ...each([`${name}_3b`, ...forked("3")], 8, 384)],
        ...[...each([`${name}_pool`], 8, index === 9 ? 1280 : 2048), ...each([`${name}_pool_proj`], 8, 192)],
        ...each([name], 8, 2048),
      ];
    });
    assert.deepEqual(shapesOf(inceptionV3()), [
      ...[...table(stem), ...figure5],
      ...table("mixed3_1 17×17×384; mixed3_2a 35×35×64; mixed3_2b 35×35×96; mixed3_2c 17×17×96; mixed3_pool 17×17×288"),
      ...["mixed3 17×17×768", ...figure6, "mixed8_1a 17×17×192", "mixed8_1b 8×8×320"],
      ...each(["mixed8_2a", "mixed8_2b", "mixed8_2c"], 17, 192),
      ...["mixed8_2d 8×8×192", "mixed8_pool 8×8×768", "mixed8 8×8×1280", ...figure7],
      ...["global_average_pooling2d 2048", "fc 1000"],
    ]);
  });

  // He et al. 2015, table 1: blocks of conv2_x to conv5_x.
  const depths = [
    [resNet18, [2, 2, 2, 2], 1],
    [resNet34, [3, 4, 6, 3], 1],
    [resNet50, [3, 4, 6, 3], 4],
  ] as const;
  for (const [make, blocks, wide] of depths) {
    test(`${make.name}, He et al. 2015, table 1`, () => {
      let sums = 0;
      const add = () => (sums++ === 0 ? "add" : `add_${sums - 1}`);
      const stages = blocks.flatMap((count, stage) => {
        const [size, f] = [[56, 28, 14, 7][stage], [64, 128, 256, 512][stage]];
        return Array.from({ length: count }, (_, block) => {
          const called = `conv${stage + 2}_${block + 1}`;
          // The stride of a bottleneck is that of its 3×3.
          const first = wide > 1 && stage > 0 && block === 0 ? 2 * size : size;
          const own = wide > 1 ? [...each([`${called}a`], first, f), ...each([`${called}b`], size, f), ...each([`${called}c`], size, 4 * f)] : each([`${called}a`, `${called}b`], size, f); // biome-ignore format: one line
          const projected = block === 0 && (stage > 0 || wide > 1) ? [`${called}s`] : [];
          return [...own, ...each([...projected, add()], size, wide * f)];
        }).flat();
      });
      const head = [`global_average_pooling2d ${512 * wide}`, "fc 1000"];
      assert.deepEqual(shapesOf(make()), ["conv1 112×112×64", "pool1 56×56×64", ...stages, ...head]);
    });
  }

  test("ResNet-20, He et al. 2015, section 4.2: 1+2n, 2n, 2n layers of 32×32×16, 16×16×32, 8×8×64 for n = 3", () => {
    let sums = 0;
    const stages = [1, 2, 3].flatMap((stage) =>
      [1, 2, 3].flatMap((block) => {
        const called = `conv${stage + 1}_${block}`;
        const names = [`${called}a`, `${called}b`, ...(stage > 1 && block === 1 ? [`${called}s`] : [])];
        return each([...names, sums++ === 0 ? "add" : `add_${sums - 1}`], 64 >> stage, 8 << stage);
      }),
    );
    const expected = ["conv1 32×32×16", ...stages, "global_average_pooling2d 64", "fc 10"];
    assert.deepEqual(shapesOf(resNet20()), expected);
  });

  test("Xception, Chollet 2016, figure 5", () => {
    const halving = (block: number, from: number, first: number, second: number) => [
      ...each([`block${block}_sepconv1`], from, first),
      ...each([`block${block}_sepconv2`], from, second),
      ...each([`block${block}_pool`, `block${block}_shortcut`, `block${block}`], Math.ceil(from / 2), second),
    ];
    const middle = [5, 6, 7, 8, 9, 10, 11, 12].flatMap((block) =>
      each(["_sepconv1", "_sepconv2", "_sepconv3", ""].map((part) => `block${block}${part}`), 19, 728),
    ); // biome-ignore format: one line
    assert.deepEqual(shapesOf(xception()), [
      ...["block1_conv1 149×149×32", "block1_conv2 147×147×64"],
      ...[...halving(2, 147, 128, 128), ...halving(3, 74, 256, 256), ...halving(4, 37, 728, 728)],
      ...[...middle, ...halving(13, 19, 728, 1024)],
      ...["block14_sepconv1 10×10×1536", "block14_sepconv2 10×10×2048", "global_average_pooling2d 2048", "fc 1000"],
    ]);
  });

  test("U-Net, Ronneberger et al. 2015, figure 1, with its 23 convolutions; with padding as large as the image", () => {
    const model = uNet();
    assert.deepEqual(
      shapesOf(model),
      table(`down1a 570×570×64; down1b 568×568×64; cropping2d 392×392×64; pool1 284×284×64
        down2a 282×282×128; down2b 280×280×128; cropping2d_1 200×200×128; pool2 140×140×128
        down3a 138×138×256; down3b 136×136×256; cropping2d_2 104×104×256; pool3 68×68×256
        down4a 66×66×512; down4b 64×64×512; cropping2d_3 56×56×512; pool4 32×32×512
        bottoma 30×30×1024; bottomb 28×28×1024
        up4 56×56×512; concatenate 56×56×1024; up4a 54×54×512; up4b 52×52×512
        up3 104×104×256; concatenate_1 104×104×512; up3a 102×102×256; up3b 100×100×256
        up2 200×200×128; concatenate_2 200×200×256; up2a 198×198×128; up2b 196×196×128
        up1 392×392×64; concatenate_3 392×392×128; up1a 390×390×64; up1b 388×388×64; classes 388×388×2`),
    );
    assert.equal(model.layers.filter(({ kind }) => kind.startsWith("Conv2D")).length, 23);
    const levels = [1, 2, 3, 4].flatMap((level) => {
      const [size, f] = [1024 >> level, 32 << level];
      return [...each([`down${level}a`, `down${level}b`], size, f), ...each([`pool${level}`], size / 2, f)];
    });
    const ups = [4, 3, 2, 1].flatMap((level, index) => {
      const [size, f] = [1024 >> level, 32 << level];
      const joined = index === 0 ? "concatenate" : `concatenate_${index}`;
      const names = [`up${level}a`, `up${level}b`];
      return [...each([`up${level}`], size, f), ...each([joined], size, 2 * f), ...each(names, size, f)];
    });
    const bottom = each(["bottoma", "bottomb"], 32, 1024);
    const expected = [...levels, ...bottom, ...ups, "classes 512×512×2"];
    assert.deepEqual(shapesOf(uNet({ padding: "same", inputShape: [512, 512, 1] })), expected);
  });
});

describe("parameters that are trained are as many as published:", () => {
  const published: [string, Model, number][] = [
    ["LeNet-5 of 1998: LeCun et al. 1998, section II.B", leNet5({ form: "1998" }), 60_000],
    [
      "AlexNet in two groups: “60 million”, Krizhevsky et al. 2012; figure 2 in PyTorch, fixtures/networks/make.py",
      alexNet(),
      60_965_224,
    ],
    ["AlexNet in one column: torchvision", alexNet({ form: "one-column" }), 61_100_840],
    ["VGG-11: torchvision; 133 million in the paper's table 2", vgg11(), 132_863_336],
    ["VGG-13: torchvision; 133 million in the paper's table 2", vgg13(), 133_047_848],
    ["VGG-16: torchvision; 138 million in the paper's table 2", vgg16(), 138_357_544],
    ["VGG-19: torchvision; 144 million in the paper's table 2", vgg19(), 143_667_240],
    ["GoogLeNet: table 1 of the paper in PyTorch, fixtures/networks/make.py", googLeNet(), 6_998_552],
    ["Inception v3: torchvision without the auxiliary classifier; “less than 25 million”", inceptionV3(), 23_834_568], // biome-ignore format: one line
    ["ResNet-18: torchvision", resNet18(), 11_689_512],
    ["ResNet-34: torchvision", resNet34(), 21_797_672],
    ["ResNet-50: torchvision", resNet50(), 25_557_032],
    ["ResNet-20: 0.27 million in He et al. 2015, table 6", resNet20(), 269_722],
    ["Xception: Chollet 2016, table 3", xception(), 22_855_952],
    ["U-Net: figure 1 of the paper in PyTorch, fixtures/networks/make.py", uNet(), 31_030_658],
  ];
  for (const [title, model, expected] of published) {
    test(title, () => {
      const trained = model.layers.flatMap(({ parameters }) => parameters.filter(({ trainable }) => trainable));
      assert.equal(trained.reduce((sum, { size }) => sum + size, 0), expected); // biome-ignore format: one line
    });
  }
});
