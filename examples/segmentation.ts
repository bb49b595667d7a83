/**
 * Semantic segmentation (D7): a U-Net says for every pixel whether it is ground, a top, trousers, a shoe or a bag. The
 * images are put together from pieces of Fashion-MNIST, in colours, on patterned grounds, so that the masks are exact; the
 * held-out images are made of pieces that are not in the others. `npx tsx examples/segmentation.ts`
 *
 * With icons that have transparency, such as those of Debian's tango-icon-theme, there are two classes, ground and icon;
 * the held-out icons are others. `--photographs` with a folder of PNG files takes the ground from them:
 * `npx tsx examples/segmentation.ts --icons /usr/share/icons/Tango/32x32 --photographs photographs`
 */
import { parseArgs } from "node:util";
import { Adam, datasetDirectory, type LabelledImages, Random, readDataset, type Tensor, tensor, uNet } from "../src/index.ts"; // biome-ignore format: names
import type { FloatArray } from "../src/tensor.ts";
import { cutOut, partOf, readIcons, readPhotographs } from "./support/icons.ts";
import { type CutOut, clothes, ground, place } from "./support/scenes.ts";
import { type Colour, imageOf, percent, Sheet } from "./support/sheet.ts";

const { values: options } = parseArgs({
  options: {
    pictures: { type: "string", default: "runs/segmentation" },
    images: { type: "string", default: "1500" },
    epochs: { type: "string", default: "10" },
    icons: { type: "string" },
    photographs: { type: "string" },
  },
});
const SIZE = 48;
const HELD_OUT = 200;
const MOST_OBJECTS = 3;
const started = performance.now();

const fashion = readDataset(datasetDirectory("fashion-mnist-part"));
/** What the ten kinds of clothes are here: 1 top, 2 trousers, 3 shoe, 4 bag. */
const KINDS = [1, 2, 1, 1, 1, 3, 1, 3, 4, 3];
const icons = options.icons === undefined ? undefined : readIcons(options.icons);
const photographs = options.photographs === undefined ? undefined : readPhotographs(options.photographs, SIZE);
if (icons) console.log(`${icons.length} icons`);
const names = icons ? ["ground", "icon"] : ["ground", "top", "trousers", "shoe", "bag"];
const INKS: readonly Colour[] = [[0, 0, 0], [0.9, 0.3, 0.2], [0.3, 0.6, 1], [1, 0.8, 0.2], [0.3, 0.8, 0.4]]; // biome-ignore format: a table

/** Some object and its class; every fifth icon is kept for the held-out images. */
function someObject({ images, labels }: LabelledImages, heldOut: boolean, random: Random): [CutOut, label: number] {
  const size = 20 + random.below(16);
  if (icons) {
    const own = icons.filter((_, n) => (n % 5 === 0) === heldOut);
    return [cutOut(own[random.below(own.length)], size), 1];
  }
  // Each class as often as the others, although there are five kinds of tops.
  const label = 1 + random.below(4);
  let n = random.below(labels.size);
  while (KINDS[labels.data[n]] !== label) n = random.below(labels.size);
  return [clothes(images, n, size, random), label];
}

/** Scenes of one to three objects, the later ones in front. @returns images [n,48,48,3], masks [n,48,48] of classes */
function scenes(part: LabelledImages, heldOut: boolean, count: number, random: Random): { x: Tensor; masks: Tensor } {
  const x = tensor(new Float32Array(count * SIZE * SIZE * 3), [count, SIZE, SIZE, 3]);
  const masks = tensor(new Float32Array(count * SIZE * SIZE), [count, SIZE, SIZE]);
  for (let n = 0; n < count; n++) {
    const own = random.fork(n);
    const photograph = photographs?.[own.below(photographs.length)];
    const scene = photograph ? partOf(photograph, SIZE, own) : ground(part.images, SIZE, own);
    const mask = new Float32Array(SIZE * SIZE);
    for (let left = 1 + own.below(MOST_OBJECTS); left > 0; left--) {
      const [object, label] = someObject(part, heldOut, own);
      const at = [own.below(SIZE - object.height + 1), own.below(SIZE - object.width + 1)] as const;
      place(scene, mask, SIZE, object, at, label);
    }
    x.data.set(scene, n * scene.length);
    masks.data.set(mask, n * mask.length);
  }
  return { x, masks };
}

const seen = scenes(fashion.train, false, Number(options.images), new Random(1));
const heldOut = scenes(fashion.test, true, HELD_OUT, new Random(2));

const model = uNet({ classes: names.length, inputShape: [SIZE, SIZE, 3], filters: 8, depth: 3, padding: "same" });
const metrics = ["accuracy", "meanIoU"] as const;
const optimizer = new Adam({ learningRate: 0.003 });
model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: [...metrics] });
const { history } = await model.fit(seen.x, seen.masks, { epochs: Number(options.epochs), batchSize: 16 });
history.loss.forEach((loss, epoch) => {
  const [accuracy, iou] = metrics.map((name) => percent(history[name][epoch]));
  console.log(`epoch ${epoch + 1}: loss ${loss.toFixed(3)}, accuracy ${accuracy}, mean IoU ${iou}`);
});

/** The class with the largest of K probabilities. */
function largest(values: FloatArray, start: number, count: number): number {
  let best = 0;
  for (let k = 1; k < count; k++) if (values[start + k] > values[start + best]) best = k;
  return best;
}

/** Intersection over union of each class, and the part of the pixels that are right. */
function assess(found: ArrayLike<number>): { right: number; ious: number[] } {
  const { data } = heldOut.masks;
  const counts = names.map(() => ({ both: 0, either: 0 }));
  data.forEach((truth, pixel) => {
    if (found[pixel] === truth) counts[truth].both++;
    for (const label of new Set([truth, found[pixel]])) counts[label].either++;
  });
  const right = counts.reduce((sum, { both }) => sum + both, 0) / data.length;
  return { right, ious: counts.map(({ both, either }) => (either === 0 ? 1 : both / either)) };
}

const probabilities = await model.predict(heldOut.x);
const K = names.length;
const prediction = Float32Array.from(heldOut.masks.data, (_, pixel) => largest(probabilities.data, pixel * K, K));
console.log(
  `\n${HELD_OUT} held-out images   pixels right   mean IoU   ${names.map((name) => name.padStart(9)).join("")}`,
);
for (const [title, found] of [
  ["U-Net", prediction],
  ["all ground", new Float32Array(prediction.length)],
] as const) {
  // biome-ignore format: two rows
  const { right, ious } = assess(found);
  const mean = ious.reduce((sum, iou) => sum + iou, 0) / K;
  const cells = ious.map((iou) => percent(iou).padStart(9)).join("");
  console.log(`${title.padEnd(19)}   ${percent(right).padStart(12)}   ${percent(mean).padStart(8)}   ${cells}`);
}

/** A mask in the inks of its classes. */
const inked = (labels: ArrayLike<number>) => Float32Array.from(Array.from(labels).flatMap((label) => INKS[label]));
const ROWS = 8;
const ACROSS = 2;
const sheet = new Sheet(ROWS, 3 * ACROSS, [SIZE, SIZE], 2);
for (let n = 0; n < ROWS * ACROSS; n++) {
  const [row, column] = [n % ROWS, 3 * Math.floor(n / ROWS)];
  const mask = (from: ArrayLike<number>) => inked(Array.prototype.slice.call(from, n * SIZE * SIZE, (n + 1) * SIZE * SIZE)); // biome-ignore format: short
  sheet.picture(row, column, imageOf(heldOut.x, n));
  sheet.picture(row, column + 1, mask(heldOut.masks.data));
  sheet.picture(row, column + 2, mask(prediction));
}
console.log(`\nimage, truth, prediction: ${sheet.save(options.pictures, "segmentation.png")}`);
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
