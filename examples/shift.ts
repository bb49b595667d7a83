/**
 * A pattern that was learnt in one place is not found in another (A5): a multilayer perceptron and two convolutional
 * networks learn Fashion-MNIST in the middle of a larger picture, and are tested on images that lie 0 to 6 pixels beside
 * it. `npx tsx examples/shift.ts`
 */
import { Adam, analyze, Conv2D, Dense, datasetDirectory, Flatten, GlobalMaxPooling2D, type LabelledImages, type Layer, MaxPooling2D, readDataset, Sequential, type Tensor, tensor, ZeroPadding2D } from "../src/index.ts"; // biome-ignore format: names

const MARGIN = 6;
const QUICK = process.argv.includes("--quick"); // does it run? no figures to believe
const EPOCHS = QUICK ? 1 : 4;
const SEEDS = QUICK ? [0] : [0, 1];
const IMAGES = QUICK ? 200 : 10_000;
const TESTS = QUICK ? 100 : 1000;

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

const convolutions = (): Layer[] => [
  new Conv2D({ filters: 6, kernelSize: 5, padding: "same", activation: "relu", kernelInitializer: "heNormal" }),
  new MaxPooling2D({ poolSize: 2 }),
  new Conv2D({ filters: 12, kernelSize: 5, padding: "same", activation: "relu", kernelInitializer: "heNormal" }),
  new MaxPooling2D({ poolSize: 2 }),
];
const classifier = () => new Dense({ units: classNames.length, activation: "softmax" });
const hidden = (units: number) => new Dense({ units, activation: "relu", kernelInitializer: "heNormal" });

const NETWORKS: readonly [name: string, layers: () => Layer[]][] = [
  ["MLP", () => [new Flatten(), hidden(64), classifier()]],
  ["CNN, dense layer over all places", () => [...convolutions(), new Flatten(), hidden(64), classifier()]],
  [
    "CNN, maximum over all places",
    () => [
      ...convolutions(),
      new Conv2D({ filters: 48, kernelSize: 3, padding: "same", activation: "relu", kernelInitializer: "heNormal" }),
      new GlobalMaxPooling2D(),
      classifier(),
    ],
  ],
];

/** The images in a larger black picture, so many pixels beside its middle: nothing of them is lost. [n, 40, 40, 1] */
function placed(images: Tensor, down: number, right: number): Tensor {
  const padding = [MARGIN + down, MARGIN - down, MARGIN + right, MARGIN - right] as const;
  return new ZeroPadding2D({ padding }).forward(images);
}

const centred = placed(learnt.images, 0, 0);
const shifts = Array.from({ length: MARGIN + 1 }, (_, pixels) => pixels);
const DIRECTIONS = [[1, 0], [-1, 0], [0, 1], [0, -1]]; // biome-ignore format: pairs

/** The share of the test images that is recognised so many pixels below, above, right and left of the middle. */
async function accuracy(model: Sequential, pixels: number): Promise<number> {
  const directions = pixels === 0 ? [[0, 0]] : DIRECTIONS;
  let sum = 0;
  for (const [down, right] of directions) {
    const images = placed(asked.images, down * pixels, right * pixels);
    sum += (await model.evaluate(images, asked.labels, { batchSize: 250 })).accuracy;
  }
  return sum / directions.length;
}

console.log(`${IMAGES.toLocaleString("en")} training images in the middle of 40×40 pixels, ${EPOCHS} epochs;`);
console.log(`${TESTS.toLocaleString("en")} test images; means of seeds ${SEEDS.join(" and ")}`);
console.log("test accuracy in %, by how many pixels the image lies beside the middle, any side\n");
const columns = shifts.map((pixels) => String(pixels).padStart(6)).join("");
console.log(`${"network".padEnd(32)}${"parameters".padStart(12)}${"connections".padStart(13)}  ${columns}`);
for (const [name, layers] of NETWORKS) {
  const sums = shifts.map(() => 0);
  let totals = { parameters: 0, connections: 0 };
  for (const seed of SEEDS) {
    const model = new Sequential(layers(), { inputShape: centred.shape.slice(1), seed });
    totals = analyze(model).totals;
    model.compile({ optimizer: new Adam({ learningRate: 0.002 }), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] }); // biome-ignore format: one line
    await model.fit(centred, learnt.labels, { epochs: EPOCHS, batchSize: 32 });
    for (const pixels of shifts) sums[pixels] += await accuracy(model, pixels);
  }
  const cells = sums.map((sum) => ((100 * sum) / SEEDS.length).toFixed(1).padStart(6)).join("");
  const [parameters, connections] = [totals.parameters, totals.connections].map((n) => n.toLocaleString("en"));
  console.log(`${name.padEnd(32)}${parameters.padStart(12)}${connections.padStart(13)}  ${cells}`);
}
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
