/**
 * Every network with a name learns (D2, D3): each in a small form, a few dozen steps on the part of Fashion-MNIST, and what
 * it then makes of images that it has not seen. `npx tsx examples/networks.ts`
 *
 * Steps are too few for the moving statistics of batch normalization, which begin at 0 and 1: networks that have it see the
 * unknown images as in training, normalized over the batch. Of the pixels of the two U-Nets "all ground" would be right for
 * 32.9 and 65.0 %. `--only resnet`: those whose name contains a text.
 */
import { Adam, alexNet, analyze, Cropping2D, datasetDirectory, googLeNet, inceptionV3, leNet5, type Model, readDataset, resNet18, resNet20, resNet34, resNet50, type Tensor, tensor, UpSampling2D, uNet, vgg11, vgg13, vgg16, vgg19, xception, ZeroPadding2D } from "../src/index.ts"; // biome-ignore format: names

const QUICK = process.argv.includes("--quick"); // does it run? no figures to believe
const place = process.argv.indexOf("--only");
const ONLY = place < 0 ? "" : (process.argv[place + 1] ?? "");
const BATCH = QUICK ? 4 : 16;
const TESTS = QUICK ? 8 : 192;

interface Row {
  readonly name: string;
  readonly make: (options: { inputShape: number[]; classes: number }) => Model;
  /** Height and width of its images; 28×28 in the middle, or enlarged where that is twice as much or more. */
  readonly size: number;
  readonly steps: number;
  readonly rate: number;
  /** It names every pixel: the height and width of what it gives. */
  readonly pixels?: number;
}

const NETWORKS: readonly Row[] = [
  { name: "LeNet-5", make: leNet5, size: 28, steps: 150, rate: 0.003 },
  {
    name: "LeNet-5 of 1998",
    make: ({ inputShape }) => leNet5({ inputShape, form: "1998" }),
    size: 32,
    steps: 150,
    rate: 0.003,
  },
  { name: "AlexNet, two groups", make: alexNet, size: 67, steps: 30, rate: 2e-4 },
  { name: "AlexNet, one column", make: (o) => alexNet({ ...o, form: "one-column" }), size: 67, steps: 30, rate: 2e-4 },
  { name: "VGG-11", make: vgg11, size: 32, steps: 30, rate: 2e-4 },
  { name: "VGG-13", make: vgg13, size: 32, steps: 30, rate: 2e-4 },
  { name: "VGG-16", make: (o) => vgg16({ ...o, dropoutRate: 0 }), size: 32, steps: 60, rate: 3e-4 },
  { name: "VGG-19", make: (o) => vgg19({ ...o, dropoutRate: 0 }), size: 32, steps: 60, rate: 3e-4 },
  { name: "GoogLeNet", make: (o) => googLeNet(o), size: 32, steps: 60, rate: 5e-4 },
  { name: "Inception v3", make: inceptionV3, size: 75, steps: 20, rate: 1e-3 },
  { name: "ResNet-18", make: resNet18, size: 32, steps: 60, rate: 1e-3 },
  { name: "ResNet-34", make: resNet34, size: 32, steps: 60, rate: 1e-3 },
  { name: "ResNet-50", make: resNet50, size: 32, steps: 60, rate: 5e-4 },
  { name: "ResNet-20", make: resNet20, size: 28, steps: 60, rate: 3e-3 },
  { name: "Xception", make: xception, size: 32, steps: 60, rate: 1e-3 },
  {
    ...{ name: "U-Net, no padding", size: 60, pixels: 20, steps: 150, rate: 3e-3 },
    make: (o) => uNet({ ...o, filters: 16, depth: 2 }),
  },
  {
    ...{ name: "U-Net, padding", size: 32, pixels: 32, steps: 150, rate: 3e-3 },
    make: (o) => uNet({ ...o, filters: 16, depth: 3, padding: "same" }),
  },
];

const { train, test, classNames } = readDataset(datasetDirectory("fashion-mnist-part"));
const started = performance.now();

/** Images in the size that a network takes, from number `from` on. */
function images(all: Tensor, from: number, count: number, size: number): Tensor {
  const pixels = all.size / all.shape[0];
  const x = tensor(all.data.slice(from * pixels, (from + count) * pixels), [count, ...all.shape.slice(1)]);
  const factor = Math.floor(size / x.shape[1]);
  const large = factor > 1 && size % 2 === 1 ? new UpSampling2D({ size: factor, interpolation: "bilinear" }).forward(x) : x; // biome-ignore format: one line
  const before = Math.floor((size - large.shape[1]) / 2);
  const after = size - large.shape[1] - before;
  return new ZeroPadding2D({ padding: [before, after, before, after] }).forward(large);
}

/** A class for each image; or for each pixel: the ground is 0, and clothes are what they are. */
function answers(x: Tensor, labels: Tensor, from: number, pixels: number | undefined): Tensor {
  const count = x.shape[0];
  if (pixels === undefined) return tensor(labels.data.slice(from, from + count));
  const border = (x.shape[1] - pixels) / 2;
  const { data } = new Cropping2D({ cropping: border }).forward(x);
  const each = pixels * pixels;
  const named = Float32Array.from(data, (value, e) => (value > 0.1 ? 1 + labels.data[from + Math.floor(e / each)] : 0));
  return tensor(named, [count, pixels, pixels]);
}

/** The mean of some numbers. */
const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

async function row({ make, size, steps: wanted, rate, pixels }: Row) {
  const model = make({ inputShape: [size, size, 1], classes: classNames.length + (pixels === undefined ? 0 : 1) });
  const optimizer = new Adam({ learningRate: rate });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  const steps = QUICK ? 2 : wanted;
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const from = step * BATCH;
    const x = images(train.images, from, BATCH, size);
    losses.push((await model.trainOnBatch(x, answers(x, train.labels, from, pixels))).loss);
  }
  const normalizes = model.layers.some(({ kind }) => kind === "BatchNormalization");
  optimizer.learningRate = 0;
  const right: number[] = [];
  for (let from = 0; from < TESTS; from += BATCH) {
    const x = images(test.images, from, BATCH, size);
    const y = answers(x, test.labels, from, pixels);
    right.push((normalizes ? await model.trainOnBatch(x, y) : await model.evaluate(x, y)).accuracy);
  }
  const part = Math.min(5, Math.ceil(steps / 2));
  const { parameters } = analyze(model).totals;
  return { parameters, steps, first: mean(losses.slice(0, part)), last: mean(losses.slice(-part)), right: mean(right) };
}

const cell = (value: string | number, width: number) => String(value).padStart(width);
console.log(`batches of ${BATCH} images, each image once; losses are means of five steps`);
console.log(`right: of ${TESTS} images that were not trained with; of their pixels where a network names pixels\n`);
console.log("network                 images   parameters   steps   first loss   last loss     right   seconds");
for (const network of NETWORKS.filter(({ name }) => name.toLowerCase().includes(ONLY.toLowerCase()))) {
  const begin = performance.now();
  const { parameters, steps, first, last, right } = await row(network);
  const size = `${network.size}×${network.size}`;
  const numbers = [cell(first.toFixed(3), 13), cell(last.toFixed(3), 12), cell(`${(100 * right).toFixed(1)} %`, 10)];
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  const front = network.name.padEnd(22) + cell(size, 8) + cell(parameters.toLocaleString("en"), 13) + cell(steps, 8);
  console.log(front + numbers.join("") + cell(seconds, 10));
}
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
