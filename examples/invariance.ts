/**
 * Pooling makes a network partly invariant to small shifts, not to rotation (C3); what it has not, augmentation teaches
 * (D5). A network with max pooling and one that has strides instead, each trained on the images as they are and on images
 * that are turned and shifted: test accuracy against angle and against shift. `npx tsx examples/invariance.ts`
 */
import { Adam, Augmentation, type AugmentationOptions, Conv2D, Dense, datasetDirectory, Flatten, type LabelledImages, type Layer, MaxPooling2D, readDataset, Sequential, tensor } from "../src/index.ts"; // biome-ignore format: names

const QUICK = process.argv.includes("--quick"); // does it run? no figures to believe
const EPOCHS = QUICK ? 1 : 5;
const SEEDS = QUICK ? [0] : [0, 1];
const IMAGES = QUICK ? 200 : 10_000;
const TESTS = QUICK ? 100 : 1000;
const SHIFTS = [0, 1, 2, 3, 4, 5];
const ANGLES = [0, 10, 20, 30, 45, 90];
/** What is beyond the edges is black, as the pictures are there. */
const AUGMENTED: AugmentationOptions = { rotation: 45, widthShift: 4, heightShift: 4, fillMode: "constant" };

const { train, test, classNames } = readDataset(datasetDirectory("fashion-mnist-part"));
const [learnt, asked] = [first(train, IMAGES), first(test, TESTS)];
const started = performance.now();

/** The first images and their labels. */
function first({ images, labels }: LabelledImages, count: number): LabelledImages {
  const size = images.size / images.shape[0];
  return {
    images: tensor(images.data.slice(0, count * size), [count, ...images.shape.slice(1)]),
    labels: tensor(labels.data.slice(0, count)),
  };
}

/** Two convolutions that halve the image each: by a maximum of 2×2 behind it, or by its stride. The weights are as many. */
function network(pooling: boolean, seed: number): Sequential {
  const relu = { activation: "relu", kernelInitializer: "heNormal" } as const;
  const halving = (filters: number): Layer[] => {
    const convolution = new Conv2D({ filters, kernelSize: 5, padding: "same", strides: pooling ? 1 : 2, ...relu });
    return pooling ? [convolution, new MaxPooling2D({ poolSize: 2 })] : [convolution];
  };
  const dense = [new Dense({ units: 64, ...relu }), new Dense({ units: classNames.length, activation: "softmax" })];
  const layers = [...halving(8), ...halving(16), new Flatten(), ...dense];
  return new Sequential(layers, { inputShape: learnt.images.shape.slice(1), seed });
}

/** All test images changed alike, to either side. */
const changed = (options: readonly AugmentationOptions[]) =>
  options.map((each) => new Augmentation({ fillMode: "constant", ...each }).apply(asked.images));
const shifted = SHIFTS.map((pixels) =>
  changed([-pixels, pixels].flatMap((by) => [{ widthShift: [by, by] }, { heightShift: [by, by] }])),
);
const turned = ANGLES.map((angle) => changed([-angle, angle].map((by) => ({ rotation: [by, by] }))));

const rows: { name: string; shifts: number[]; angles: number[] }[] = [];
for (const augmentation of [undefined, new Augmentation(AUGMENTED)]) {
  for (const pooling of [false, true]) {
    const name = `${pooling ? "max pooling" : "strides"}, ${augmentation ? "augmented" : "images as they are"}`;
    const row = { name, shifts: SHIFTS.map(() => 0), angles: ANGLES.map(() => 0) };
    rows.push(row);
    for (const seed of SEEDS) {
      const model = network(pooling, seed);
      const optimizer = new Adam({ learningRate: 0.002 });
      model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
      await model.fit(learnt.images, learnt.labels, { epochs: EPOCHS, batchSize: 32, augmentation });
      for (const [sums, tests] of [
        [row.shifts, shifted],
        [row.angles, turned],
      ] as const) {
        for (const [index, sides] of tests.entries()) {
          let sum = 0;
          for (const images of sides) {
            sum += (await model.evaluate(images, asked.labels, { batchSize: 250 })).accuracy;
          }
          sums[index] += sum / sides.length;
        }
      }
    }
  }
}

console.log(`test accuracy in %; ${IMAGES.toLocaleString("en")} training images, ${EPOCHS} epochs; means`);
console.log(`of seeds ${SEEDS.join(" and ")} and of all sides`);
console.log(`augmented: ${JSON.stringify(AUGMENTED)}`);
function print(
  title: string,
  heads: readonly number[],
  cells: (row: (typeof rows)[number]) => readonly number[],
): void {
  const line = (texts: readonly string[]) => texts.map((text) => text.padStart(7)).join("");
  console.log(`\n${title.padEnd(32)}${line(heads.map(String))}`);
  for (const row of rows) {
    console.log(`${row.name.padEnd(32)}${line(cells(row).map((sum) => ((100 * sum) / SEEDS.length).toFixed(1)))}`);
  }
}
print("shifted by pixels", SHIFTS, (row) => row.shifts);
print("turned by degrees", ANGLES, (row) => row.angles);
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
