/**
 * What a network has learnt (D9): a small network learns Fashion-MNIST, and then is asked what it looks for, and where.
 * `npx tsx examples/insight.ts`
 *
 *   filters.png      the first layer's filters, and below what each makes of two images
 *   patches.png      for units of the last convolution a row each: the patches that excite it most, and below them what in
 *                    these patches does so, by the deconvnet
 *   attention.png    images; their saliency; guided backpropagation; what is lost where a patch of 7 × 7 hides the image
 */
import { parseArgs } from "node:util";
import { Adam, bestPatches, Conv2D, Dense, datasetDirectory, deconvnet, Flatten, l2, MaxPooling2D, occlusion, readDataset, Sequential, saliency, type Tensor, tensor, truncated } from "../src/index.ts"; // biome-ignore format: names
import type { FloatArray } from "../src/tensor.ts";
import { imageOf, percent, Sheet, signed, stretched } from "./support/sheet.ts";

const { values: options } = parseArgs({
  options: {
    pictures: { type: "string", default: "runs/insight" },
    images: { type: "string", default: "10000" },
    epochs: { type: "string", default: "6" },
  },
});
const { train, test, classNames } = readDataset(datasetDirectory("fashion-mnist-part"));
const SIZE = 28;
const started = performance.now();
const some = (x: Tensor, count: number) => tensor(x.data.slice(0, (x.size / x.shape[0]) * count), [count, ...x.shape.slice(1)]); // biome-ignore format: one line
/** The weights begin small, and what is not needed decays: what is seen of them in the end has been learnt. */
const relu = {
  activation: "relu",
  kernelInitializer: { name: "randomNormal", stddev: 0.03 },
  kernelRegularizer: l2(0.0005),
} as const;

const model = new Sequential(
  [
    new Conv2D({ filters: 12, kernelSize: 7, padding: "same", ...relu, name: "first" }),
    new MaxPooling2D(),
    new Conv2D({ filters: 24, kernelSize: 3, padding: "same", ...relu, name: "second" }),
    new MaxPooling2D(),
    new Conv2D({ filters: 32, kernelSize: 3, padding: "same", ...relu, name: "third" }),
    new Flatten(),
    new Dense({ units: 10, activation: "softmax" }),
  ],
  { inputShape: [SIZE, SIZE, 1] },
);
model.compile({
  optimizer: new Adam({ learningRate: 0.0015 }),
  loss: "sparseCategoricalCrossentropy",
  metrics: ["accuracy"],
});
const count = Math.min(Number(options.images), train.labels.size);
await model.fit(some(train.images, count), some(train.labels, count), {
  epochs: Number(options.epochs),
  batchSize: 32,
});
const { accuracy } = await model.evaluate(test.images, test.labels);
console.log(`${percent(accuracy)} of 2,000 test images are right`);

// What the first layer looks for, and where it finds it.

const [kernel] = model.getWeights();
const FILTERS = 12;
const SHOWN = [0, 5];
const filters = new Sheet(1 + SHOWN.length, FILTERS, [SIZE, SIZE], 2);
const maps = await truncated(model, "first").predict(test.images);
const channelOf = (values: FloatArray, channel: number, channels: number) => values.filter((_, e) => e % channels === channel); // biome-ignore format: one line
for (let f = 0; f < FILTERS; f++) {
  const weights = channelOf(kernel.data, f, FILTERS);
  // Each of the 7 × 7 weights as a square of four pixels.
  const enlarged = Float32Array.from({ length: SIZE * SIZE }, (_, e) => weights[Math.floor(e / SIZE / 4) * 7 + Math.floor((e % SIZE) / 4)]); // biome-ignore format: one line
  filters.picture(0, f, signed(enlarged));
  SHOWN.forEach((n, row) => {
    filters.picture(1 + row, f, stretched(channelOf(imageOf(maps, n), f, FILTERS)));
  });
}
const active = Array.from({ length: FILTERS }, (_, f) => channelOf(maps.data, f, FILTERS).filter((value) => value > 0).length / (maps.size / FILTERS)); // biome-ignore format: one line
console.log(`the first layer's units are active in ${active.map(percent).join(", ")} of all places`);
console.log(`  ${filters.save(options.pictures, "filters.png")}`);

// What units of the last convolution look for.

const UNITS = 8;
const PATCHES = 8;
const searched = some(test.images, Math.min(count, test.labels.size));
const seen = await bestPatches(model, "third", searched, { channel: 0, count: 1 });
const [side] = seen[0].pixels.shape;
const patches = new Sheet(2 * UNITS, PATCHES, [side, side], 2);
console.log(`units of the third convolution see ${side} × ${side} pixels; what excites them most:`);
for (let unit = 0; unit < UNITS; unit++) {
  const channel = 4 * unit;
  const best = await bestPatches(model, "third", searched, { channel, count: PATCHES });
  const kinds = best.map(({ image }) => classNames[test.labels.data[image]]);
  const often = [...new Set(kinds)].map((name) => `${kinds.filter((kind) => kind === name).length} × ${name}`);
  console.log(`  ${channel.toString().padStart(2)}: ${best[0].activation.toFixed(2)} at most; ${often.join(", ")}`);
  best.forEach(({ image, place, pixels, top, left }, column) => {
    const x = tensor(imageOf(test.images, image), [1, SIZE, SIZE, 1]);
    const pattern = deconvnet(model, "third", x, { channel, place }).data;
    const part = Float32Array.from({ length: side * side }, (_, e) => {
      const [u, v] = [top + Math.floor(e / side), left + (e % side)];
      return u >= 0 && v >= 0 && u < SIZE && v < SIZE ? pattern[u * SIZE + v] : 0;
    });
    patches.picture(2 * unit, column, pixels.data);
    patches.picture(2 * unit + 1, column, signed(part));
  });
}
console.log(`  ${patches.save(options.pictures, "patches.png")}`);

// Where the network looks when it names a class.

const IMAGES = 10;
const HIDDEN = 7;
const chosen = Array.from({ length: IMAGES }, (_, label) => test.labels.data.indexOf(label));
const looked = tensor(new Float32Array(IMAGES * SIZE * SIZE), [IMAGES, SIZE, SIZE, 1]);
chosen.forEach((n, row) => {
  looked.data.set(imageOf(test.images, n), row * SIZE * SIZE);
});
const gradients = saliency(model, looked);
const last = model.layers[model.layers.length - 1].name;
const probabilities = await model.predict(looked);
const lost = await occlusion(model, looked, { size: HIDDEN, fill: 0 });
const [, places] = lost.shape;
const attention = new Sheet(4, IMAGES, [SIZE, SIZE], 2);
console.log("where a patch of 7 × 7 pixels is hidden, the class that was found loses at most, of its probability:");
for (let column = 0; column < IMAGES; column++) {
  const x = tensor(imageOf(looked, column), [1, SIZE, SIZE, 1]);
  const row = imageOf(probabilities, column);
  const label = row.indexOf(Math.max(...row));
  attention.picture(0, column, x.data);
  attention.picture(1, column, stretched(imageOf(gradients, column).map(Math.abs)));
  attention.picture(
    2,
    column,
    stretched(deconvnet(model, last, x, { channel: label, guided: true }).data.map(Math.abs)),
  );
  const map = imageOf(lost, column);
  // The map's number (i, j) is of the patch whose middle is at (i + 3, j + 3).
  const margin = (HIDDEN - 1) / 2;
  const placed = Float32Array.from({ length: SIZE * SIZE }, (_, e) => {
    const [i, j] = [Math.floor(e / SIZE) - margin, (e % SIZE) - margin];
    return i >= 0 && j >= 0 && i < places && j < places ? map[i * places + j] : 0;
  });
  attention.picture(3, column, signed(placed));
  const most = Math.max(...map);
  console.log(`  ${classNames[label].padEnd(12)} ${percent(row[label]).padStart(7)}, loses ${percent(most)}`);
}
console.log(`  ${attention.save(options.pictures, "attention.png")}`);
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
