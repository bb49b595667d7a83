/**
 * Transfer learning (D6): LeNet-5 learns the first five classes of Fashion-MNIST; what it has learnt there is used for the
 * other five, of which only a few labels are known. Three regimes against a network that begins anew.
 */
import { Adam, Dense, datasetDirectory, type LabelledImages, leNet5, type Model, Random, readDataset, Sequential, tensor, trainFrom, truncated } from "../src/index.ts"; // biome-ignore format: names

const CLASSES = 5;
const DRAWS = 5;
const STEPS = 300;
const BATCH = 25;

const { train, test, classNames } = readDataset(datasetDirectory("fashion-mnist-part"));
const started = performance.now();

/** Some images of the classes from `first` on, which get the numbers 0 to 4; of each class `most` at most. */
function select({ images, labels }: LabelledImages, first: number, most = Infinity, random?: Random): LabelledImages {
  const size = images.size / images.shape[0];
  const order = random?.permutation(labels.size) ?? labels.data.map((_, n) => n);
  const found = new Array<number>(CLASSES).fill(0);
  const rows = [...order].filter((n) => {
    const label = labels.data[n] - first;
    return label >= 0 && label < CLASSES && found[label]++ < most;
  });
  const pixels = new Float32Array(rows.length * size);
  rows.forEach((n, row) => {
    pixels.set(images.data.subarray(n * size, (n + 1) * size), row * size);
  });
  return {
    images: tensor(pixels, [rows.length, ...images.shape.slice(1)]),
    labels: tensor(Float32Array.from(rows, (n) => labels.data[n] - first)),
  };
}

async function learn(model: Model, { images, labels }: LabelledImages, learningRate: number, epochs: number) {
  model.compile({
    optimizer: new Adam({ learningRate }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  await model.fit(images, labels, { epochs, batchSize: BATCH });
}

const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
const tested = async (model: Model, { images, labels }: LabelledImages) =>
  (await model.evaluate(images, labels, { batchSize: 250 })).accuracy;

console.log(`first: ${classNames.slice(0, CLASSES).join(", ")}`);
const first = leNet5({ classes: CLASSES });
await learn(first, select(train, 0), 0.002, 6);
console.log(`       all labels, 6 epochs: ${percent(await tested(first, select(test, 0)))} of the test images`);
const learnt = first.getWeights();

/** The trained body, as it was, with a new head. */
function transferred(seed: number): Sequential {
  first.setWeights(learnt);
  const head = new Dense({ units: CLASSES, activation: "softmax", name: "head" });
  return new Sequential([truncated(first, "dense_1"), head], { inputShape: [28, 28, 1], seed });
}

/** Where training begins, and its learning rate: small steps for what is good already. */
const REGIMES: readonly [name: string, from: string | undefined, learningRate: number][] = [
  ["new head only", "head", 0.005],
  ["dense layers and head", "dense", 0.001],
  ["all of it", undefined, 0.001],
];

console.log(`then:  ${classNames.slice(CLASSES).join(", ")}`);
console.log(`       ${STEPS} steps of ${BATCH} images, means of ${DRAWS} draws of labels, tested on 1,000 images\n`);
const others = select(test, CLASSES);
for (const count of [10, 100]) {
  console.log(`${count} labels a class`);
  const epochs = Math.ceil((STEPS * BATCH) / (count * CLASSES));
  const report = async (name: string, make: (draw: number) => Sequential, learningRate: number) => {
    let [accuracy, least, most, seconds] = [0, 1, 0, 0];
    for (let draw = 0; draw < DRAWS; draw++) {
      const model = make(draw);
      const labelled = select(train, CLASSES, count, new Random(draw));
      const before = performance.now();
      await learn(model, labelled, learningRate, epochs);
      seconds += (performance.now() - before) / 1000;
      const right = await tested(model, others);
      [accuracy, least, most] = [accuracy + right / DRAWS, Math.min(least, right), Math.max(most, right)];
    }
    const step = ((1000 * seconds) / (DRAWS * STEPS)).toFixed(2);
    console.log(
      `  ${name.padEnd(22)} ${percent(accuracy)}  (${percent(least)} to ${percent(most)}), ${step} ms a step`,
    );
  };
  await report("from scratch", (seed) => leNet5({ classes: CLASSES, seed }), 0.002);
  for (const [name, from, learningRate] of REGIMES) {
    const make = (draw: number) => {
      const model = transferred(draw);
      trainFrom(model, from);
      return model;
    };
    await report(name, make, learningRate);
  }
}
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
