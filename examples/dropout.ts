/**
 * Dropout narrows the gap between training and test accuracy (C7): one convolutional network with three rates, on so few
 * images that it can learn them by heart. `npx tsx examples/dropout.ts`
 */
import { Adam, Conv2D, Dense, Dropout, datasetDirectory, Flatten, type LabelledImages, MaxPooling2D, readDataset, Sequential, tensor } from "../src/index.ts"; // biome-ignore format: names

const QUICK = process.argv.includes("--quick"); // does it run? no figures to believe
const IMAGES = QUICK ? 100 : 500;
const EPOCHS = QUICK ? 1 : 50;
const RATES = [0, 0.25, 0.5];
const SEEDS = QUICK ? [0] : [0, 1, 2];

const { train, test, classNames } = readDataset(datasetDirectory("fashion-mnist-part"));
const started = performance.now();
const few = first(train, IMAGES);

/** The first images and their labels. */
function first({ images, labels }: LabelledImages, count: number): LabelledImages {
  const size = images.size / images.shape[0];
  return {
    images: tensor(images.data.slice(0, count * size), [count, ...images.shape.slice(1)]),
    labels: tensor(labels.data.slice(0, count)),
  };
}

/** Dropout behind both poolings and behind the hidden dense layer; a rate of 0 is no dropout. */
function network(rate: number, seed: number): Sequential {
  const relu = { activation: "relu", kernelInitializer: "heNormal" } as const;
  const layers = [
    new Conv2D({ filters: 8, kernelSize: 3, padding: "same", ...relu }),
    new MaxPooling2D({ poolSize: 2 }),
    new Dropout({ rate }),
    new Conv2D({ filters: 16, kernelSize: 3, padding: "same", ...relu }),
    new MaxPooling2D({ poolSize: 2 }),
    new Flatten(),
    new Dropout({ rate }),
    new Dense({ units: 128, ...relu }),
    new Dropout({ rate }),
    new Dense({ units: classNames.length, activation: "softmax" }),
  ];
  return new Sequential(layers, { inputShape: train.images.shape.slice(1), seed });
}

const COLUMNS = ["train", "test", "gap", "train loss", "test loss", "gap"];
console.log(`${IMAGES} training images, ${EPOCHS} epochs; means of seeds ${SEEDS.join(", ")};`);
console.log("accuracies in %, of training images too with all units present\n");
console.log(`${"rate".padEnd(6)}${COLUMNS.map((name) => name.padStart(12)).join("")}`);
for (const rate of RATES) {
  const sums = [0, 0, 0, 0];
  for (const seed of SEEDS) {
    const model = network(rate, seed);
    const optimizer = new Adam({ learningRate: 0.001 });
    model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
    await model.fit(few.images, few.labels, { epochs: EPOCHS, batchSize: 25 });
    const known = await model.evaluate(few.images, few.labels, { batchSize: 250 });
    const unknown = await model.evaluate(test.images, test.labels, { batchSize: 250 });
    [known.accuracy, unknown.accuracy, known.loss, unknown.loss].forEach((value, index) => {
      sums[index] += value / SEEDS.length;
    });
  }
  const [right, rightOfTest, loss, lossOfTest] = sums;
  const cells = [
    ...[right, rightOfTest, right - rightOfTest].map((part) => (100 * part).toFixed(1)),
    ...[loss, lossOfTest, lossOfTest - loss].map((value) => value.toFixed(3)),
  ];
  console.log(`${String(rate).padEnd(6)}${cells.map((cell) => cell.padStart(12)).join("")}`);
}
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
