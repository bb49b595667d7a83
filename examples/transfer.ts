/**
 * Transfer learning in three regimes (D6): the convolutions of a LeNet-5 that has learnt digits, MNIST, look at clothes,
 * Fashion-MNIST, of which few labels are known, or more, or many; beside the same network that begins anew.
 * `npx tsx examples/transfer.ts`
 */
import { Adam, Dense, datasetDirectory, type LabelledImages, leNet5, type Model, Random, readDataset, Sequential, type Tensor, tensor, trainFrom, truncated } from "../src/index.ts"; // biome-ignore format: names

const QUICK = process.argv.includes("--quick"); // does it run? no figures to believe
const DIGITS = QUICK ? 500 : 60_000;
const LABELS = QUICK ? [10] : [10, 100, 1000];
const CHECKPOINTS = QUICK ? [2, 4] : [20, 200, 600];
const DRAWS = QUICK ? 1 : 3;
const BATCH = 50;

/** The first layer that is trained, and the one from the first checkpoint on; "hidden" begins the classifier. */
interface Regime {
  readonly from?: string;
  readonly later?: string;
  readonly learnt: boolean;
}
const REGIMES: Readonly<Record<string, Regime>> = {
  "from scratch": { learnt: false },
  "classifier only": { learnt: true, from: "hidden", later: "hidden" },
  "second convolution too": { learnt: true, from: "conv2d_1", later: "conv2d_1" },
  "all of it": { learnt: true },
  "classifier, then all": { learnt: true, from: "hidden" },
};

const digits = readDataset(datasetDirectory("mnist"), "mnist");
const { train, test, classNames } = readDataset(datasetDirectory("fashion-mnist-part"));
const started = performance.now();
const percent = (part: number) => `${(100 * part).toFixed(1)} %`;

/** The images with these numbers. */
function pick({ images, labels }: LabelledImages, rows: ArrayLike<number>): [x: Tensor, y: Tensor] {
  const size = images.size / images.shape[0];
  const x = new Float32Array(rows.length * size);
  const y = Float32Array.from(rows, (n) => labels.data[n]);
  for (let row = 0; row < rows.length; row++)
    x.set(images.data.subarray(rows[row] * size).subarray(0, size), row * size);
  return [tensor(x, [rows.length, ...images.shape.slice(1)]), tensor(y)];
}

/** Numbers of images, drawn at random: so many of each class. */
function draw(labels: Tensor, count: number, random: Random): number[] {
  const found = new Array<number>(classNames.length).fill(0);
  return [...random.permutation(labels.size)].filter((n) => found[labels.data[n]]++ < count);
}

function compiled<M extends Model>(model: M): M {
  const optimizer = new Adam({ learningRate: 0.002 });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

async function accuracy(model: Model, { images, labels }: LabelledImages): Promise<number> {
  return (await model.evaluate(images, labels, { batchSize: 250 })).accuracy;
}

/** The convolutions of a LeNet-5, and a new classifier of two dense layers. */
function withNewClassifier(body: Model, seed: number): Sequential {
  const hidden = new Dense({ units: 120, activation: "relu", kernelInitializer: "heNormal", name: "hidden" });
  const classes = new Dense({ units: classNames.length, activation: "softmax", name: "classes" });
  return compiled(new Sequential([truncated(body, "flatten"), hidden, classes], { inputShape: [28, 28, 1], seed }));
}

const reader = compiled(leNet5());
await reader.fit(
  ...pick(
    digits.train,
    Array.from({ length: DIGITS }, (_, n) => n),
  ),
  { epochs: 2, batchSize: BATCH },
);
const learnt = reader.getWeights();
const right = percent(await accuracy(reader, digits.test));
console.log(`${DIGITS.toLocaleString("en")} digits learnt: ${right} of the others are read`);
console.log(`clothes: batches of ${BATCH}, means of ${DRAWS} draws of labels, tested on 2,000 others`);

/** Trains in one regime; one optimizer goes through all of it. @returns accuracies, and milliseconds of the shortest step */
async function run({ learnt: transfer, from, later }: Regime, rows: number[], seed: number) {
  if (transfer) reader.setWeights(learnt); // the models share them: the last one may have trained them on
  const model = withNewClassifier(transfer ? reader : leNet5({ seed }), seed);
  trainFrom(model, from);
  const accuracies: number[] = [];
  let milliseconds = Infinity; // the shortest: what else the machine does makes steps longer, and none shorter
  const random = new Random(seed).fork("order");
  let order: number[] = [];
  for (let step = 1; accuracies.length < CHECKPOINTS.length; step++) {
    while (order.length < BATCH) order = [...order, ...Array.from(random.permutation(rows.length), (k) => rows[k])];
    const [x, y] = pick(train, order.splice(0, BATCH));
    const begin = performance.now();
    await model.trainOnBatch(x, y);
    if (accuracies.length > 0) milliseconds = Math.min(milliseconds, performance.now() - begin);
    if (step !== CHECKPOINTS[accuracies.length]) continue;
    accuracies.push(await accuracy(model, test));
    trainFrom(model, later);
  }
  return { accuracies, milliseconds };
}

const shortest: Record<string, number> = {};
for (const count of LABELS) {
  const title = `${count.toLocaleString("en")} labels a class`.padEnd(24);
  console.log(`\n${title}${CHECKPOINTS.map((steps) => `${steps} steps`.padStart(12)).join("")}`);
  for (const [name, regime] of Object.entries(REGIMES)) {
    const runs: Awaited<ReturnType<typeof run>>[] = [];
    for (let seed = 0; seed < DRAWS; seed++) {
      runs.push(await run(regime, draw(train.labels, count, new Random(seed)), seed));
    }
    const mean = (k: number) => runs.reduce((sum, { accuracies }) => sum + accuracies[k], 0) / DRAWS;
    const cells = CHECKPOINTS.map((_, k) => percent(mean(k)).padStart(12)).join("");
    console.log(`${name.padEnd(24)}${cells}`);
    shortest[name] = Math.min(shortest[name] ?? Infinity, ...runs.map(({ milliseconds }) => milliseconds));
  }
}
console.log("\nmilliseconds of a step, the shortest; layers below the lowest trained one have no backward pass");
for (const [name, step] of Object.entries(shortest)) console.log(`${name.padEnd(24)}${step.toFixed(2).padStart(12)}`);
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
