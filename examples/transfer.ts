/**
 * Transfer learning (D6): LeNet-5 learns the first five classes of Fashion-MNIST; what its convolutions have learnt there
 * is used for the other five, of which few labels are known. Three regimes against the same network that begins anew.
 * `npx tsx examples/transfer.ts`
 */
import { Adam, Dense, datasetDirectory, type LabelledImages, leNet5, type Model, Random, readDataset, Sequential, tensor, trainFrom, truncated } from "../src/index.ts"; // biome-ignore format: names

const CLASSES = 5;
const DRAWS = 5;
const BATCH = 25;
const STEPS = [20, 200];

const { train, test, classNames } = readDataset(datasetDirectory("fashion-mnist-part"));
const started = performance.now();

/** Images of the classes from `first` on, which get the numbers 0 to 4; of each class `most` at most, drawn at random. */
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

/** Trains for so many epochs. @returns seconds */
async function learn(model: Model, { images, labels }: LabelledImages, rate: number, epochs: number): Promise<number> {
  const optimizer = new Adam({ learningRate: rate });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  const begin = performance.now();
  await model.fit(images, labels, { epochs, batchSize: BATCH });
  return (performance.now() - begin) / 1000;
}

const accuracy = async (model: Model, { images, labels }: LabelledImages) =>
  (await model.evaluate(images, labels, { batchSize: 250 })).accuracy;
const percent = (part: number) => `${(100 * part).toFixed(1)} %`;

const first = leNet5({ classes: CLASSES });
await learn(first, select(train, 0), 0.002, 6);
const learnt = first.getWeights();
console.log(`learnt: ${classNames.slice(0, CLASSES).join(", ")}`);
console.log(`        from all labels, ${percent(await accuracy(first, select(test, 0)))} of the test images are right`);

/** The convolutions of a LeNet-5, and a new classifier of two dense layers. */
function withNewClassifier(body: Model, seed: number): Sequential {
  const hidden = new Dense({ units: 84, activation: "relu", kernelInitializer: "heNormal", name: "hidden" });
  const classes = new Dense({ units: CLASSES, activation: "softmax", name: "classes" });
  return new Sequential([truncated(body, "flatten"), hidden, classes], { inputShape: [28, 28, 1], seed });
}

/** The first layer that is trained, and the learning rate: small steps where there is something to lose. */
const REGIMES: readonly [name: string, from: string | undefined, rate: number][] = [
  ["classifier only", "hidden", 0.002],
  ["second convolution too", "conv2d_1", 0.001],
  ["all of it", undefined, 0.001],
];

const others = select(test, CLASSES);
console.log(`new:    ${classNames.slice(CLASSES).join(", ")}`);
console.log(`        means of ${DRAWS} draws of labels; batches of ${BATCH}, tested on 1,000 images`);

for (const count of [10, 100]) {
  console.log(
    `\n${`${count} labels a class`.padEnd(24)}  ${STEPS.map((steps) => `${steps} steps`.padStart(10)).join("")}`,
  );
  const report = async (name: string, rate: number, make: (draw: number) => Sequential) => {
    const means: number[] = [];
    let milliseconds = 0;
    for (const steps of STEPS) {
      let [sum, seconds] = [0, 0];
      for (let draw = 0; draw < DRAWS; draw++) {
        const model = make(draw);
        const labelled = select(train, CLASSES, count, new Random(draw));
        seconds += await learn(model, labelled, rate, (steps * BATCH) / (count * CLASSES));
        sum += await accuracy(model, others);
      }
      means.push(sum / DRAWS);
      milliseconds = (1000 * seconds) / (DRAWS * steps);
    }
    const cells = means.map((mean) => percent(mean).padStart(10)).join("");
    console.log(`${name.padEnd(24)}  ${cells}   ${milliseconds.toFixed(2)} ms a step`);
  };
  await report("from scratch", 0.002, (seed) => withNewClassifier(leNet5({ classes: CLASSES, seed }), seed));
  for (const [name, from, rate] of REGIMES) {
    await report(name, rate, (seed) => {
      first.setWeights(learnt); // the models share them: the last one may have trained them on
      const model = withNewClassifier(first, seed);
      trainFrom(model, from);
      return model;
    });
  }
}
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
