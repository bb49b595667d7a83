/**
 * Localisation and detection in the small (D8): where is the piece of clothes, and which? Where are all of them?
 *
 * 1. One object: a network with two outputs, the class and the four numbers of a box, each with a loss of its own.
 * 2. Several: a LeNet that knows ten kinds of clothes and "nothing" in 28×28 pixels is made convolutional and scans images
 *    of 96×96; of windows that overlap the surest one stays.
 *
 * `npx tsx examples/detection.ts`
 */
import { parseArgs } from "node:util";
import { Adam, analyze, Conv2D, convolutional, Dense, Dropout, datasetDirectory, Flatten, input, type LabelledImages, MaxPooling2D, Model, Random, readDataset, Sequential, type Tensor, tensor } from "../src/index.ts"; // biome-ignore format: names
import { clutter, type Found, overlap, paste, resized } from "./support/clutter.ts";
import { type Box, type Colour, imageOf, percent, Sheet } from "./support/sheet.ts";

const { values: options } = parseArgs({
  options: {
    pictures: { type: "string", default: "runs/detection" },
    images: { type: "string", default: "10000" },
    epochs: { type: "string", default: "8" },
  },
});
const [COUNT, EPOCHS] = [Number(options.images), Number(options.epochs)];
const { train, test, classNames } = readDataset(datasetDirectory("fashion-mnist-part"));
const [TRUE, RIGHT, WRONG]: readonly Colour[] = [[1, 0.9, 0.2], [0.3, 0.9, 0.4], [1, 0.3, 0.3]]; // biome-ignore format: a table
const relu = { activation: "relu", kernelInitializer: "heNormal" } as const;
const started = performance.now();

// 1. One object in 48×48 pixels.

const SIZE = 48;

/** Piece n of a data set for each scene, and its box as parts of the scene: the middle's row and column, height, width. */
function ones({ images, labels }: LabelledImages, count: number, random: Random) {
  const x = tensor(new Float32Array(count * SIZE * SIZE), [count, SIZE, SIZE, 1]);
  const boxes = tensor(new Float32Array(4 * count), [count, 4]);
  const found: Found[] = [];
  for (let n = 0; n < count; n++) {
    const own = random.fork(n);
    const scene = clutter(images, SIZE, own);
    const side = 20 + own.below(17);
    const piece = resized(images, n, side);
    const box = paste(scene, SIZE, piece, [own.below(SIZE - side + 1), own.below(SIZE - side + 1)]);
    x.data.set(scene, n * scene.length);
    const { top, left, bottom, right } = box;
    boxes.data.set([(top + bottom) / 2, (left + right) / 2, bottom - top, right - left].map((v) => v / SIZE), 4 * n); // biome-ignore format: short
    found.push({ box, label: labels.data[n] });
  }
  return { x, boxes, labels: tensor(labels.data.slice(0, count)), found };
}

function boxFrom([row, column, height, width]: ArrayLike<number> & Iterable<number>): Box {
  const edges = [row - height / 2, column - width / 2, row + height / 2, column + width / 2];
  const [top, left, bottom, right] = edges.map((edge) => SIZE * Math.min(Math.max(edge, 0), 1));
  return { top, left, bottom, right };
}

const image = input({ shape: [SIZE, SIZE, 1], name: "image" });
let features = image;
for (const filters of [8, 16, 32]) {
  features = new Conv2D({ filters, kernelSize: 3, padding: "same", ...relu }).apply(features);
  features = new MaxPooling2D().apply(features);
}
const flat = new Flatten().apply(features);
const hidden = (name: string) => new Dense({ units: 96, ...relu, name }).apply(flat);
const what = new Dropout({ rate: 0.5 }).apply(hidden("what"));
const kind = new Dense({ units: 10, activation: "softmax", name: "kind" }).apply(what);
const box = new Dense({ units: 4, activation: "sigmoid", name: "box" }).apply(hidden("where"));
const localizer = new Model({ inputs: image, outputs: [kind, box] });
localizer.compile({
  optimizer: new Adam({ learningRate: 0.0015 }),
  loss: { kind: "sparseCategoricalCrossentropy", box: "meanSquaredError" },
  lossWeights: { kind: 1, box: 30 },
  metrics: { kind: ["accuracy"] },
});
const seen = ones(train, Math.min(COUNT, train.labels.size), new Random(1));
const heldOut = ones(test, 1000, new Random(2));
const { history } = await localizer.fit(seen.x, [seen.labels, seen.boxes], { epochs: EPOCHS, batchSize: 32 });
console.log(`one object: loss of the kind ${history.kindLoss.at(-1)!.toFixed(3)}, of the box ${history.boxLoss.at(-1)!.toFixed(4)}`); // biome-ignore format: one line

const [kinds, places] = await localizer.predict(heldOut.x);
const kindOf = (probabilities: Tensor, n: number) => {
  const row = imageOf(probabilities, n);
  return row.indexOf(Math.max(...row));
};
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const located = heldOut.found.map(({ label }, n) => ({ box: boxFrom(imageOf(places, n)), right: kindOf(kinds, n) === label })); // biome-ignore format: one line
const overlaps = located.map(({ box }, n) => overlap(box, heldOut.found[n].box));
const average = [0, 1, 2, 3].map((k) => mean(seen.found.map((_, n) => seen.boxes.data[4 * n + k])));
const blind = heldOut.found.map(({ box }) => overlap(box, boxFrom(average)));
const both = located.filter(({ right }, n) => right && overlaps[n] >= 0.5).length / located.length;
console.log(
  `  1,000 held-out images: the kind is right in ${percent(mean(located.map(({ right }) => Number(right))))}`,
);
console.log(`  mean IoU of the boxes ${percent(mean(overlaps))}; of the mean box, everywhere, ${percent(mean(blind))}`);
console.log(`  IoU of ½ at least in ${percent(mean(overlaps.map((iou) => Number(iou >= 0.5))))}, and the kind right too in ${percent(both)}`); // biome-ignore format: one line

const one = new Sheet(5, 8, [SIZE, SIZE], 2);
for (let cell = 0; cell < 40; cell++) {
  const [row, column, n] = [Math.floor(cell / 8), cell % 8, 25 * cell];
  one.picture(row, column, imageOf(heldOut.x, n));
  one.frame(row, column, heldOut.found[n].box, TRUE);
  one.frame(row, column, located[n].box, located[n].right ? RIGHT : WRONG);
}
console.log(`  ${one.save(options.pictures, "localisation.png")}: yellow where it is; green the right kind, red a wrong one\n`); // biome-ignore format: one line

// 2. Several objects in 96×96 pixels.

const LARGE = 96;
const WINDOW = 28;
const NOTHING = 10;
const PIECES = 3;
/** Windows without a piece for each with one: in a scene most are. */
const EMPTY = 2;
/** A window that is further off than this has not the piece; one that is nearer than NEAR has. */
const [FAR, NEAR] = [7, 2];

/** Three pieces that do not touch, in a scene. @returns the scene, and the windows that the pieces fill */
function three(
  { images, labels }: LabelledImages,
  first: number,
  random: Random,
): { scene: Float32Array; found: Found[] } {
  // biome-ignore format: short
  const scene = clutter(images, LARGE, random);
  const found: Found[] = [];
  while (found.length < PIECES) {
    const [top, left] = [random.below(LARGE - WINDOW + 1), random.below(LARGE - WINDOW + 1)];
    const box = windowAt(top, left);
    if (found.some((other) => overlap(box, other.box) > 0)) continue;
    const n = first + found.length;
    paste(scene, LARGE, imageOf(images, n), [top, left]);
    found.push({ box, label: labels.data[n] });
  }
  return { scene, found };
}

function windowAt(top: number, left: number): Box {
  return { top, left, bottom: top + WINDOW, right: left + WINDOW };
}

/** Windows of many scenes: for each piece one that has it nearly in the middle, and two without any. */
function windows(part: LabelledImages, count: number, random: Random): LabelledImages {
  const rows: { pixels: Float32Array; label: number }[] = [];
  const cut = (scene: Float32Array, top: number, left: number) =>
    Float32Array.from({ length: WINDOW * WINDOW }, (_, e) => scene[(top + Math.floor(e / WINDOW)) * LARGE + left + (e % WINDOW)]); // biome-ignore format: one line
  for (let n = 0; n + PIECES <= count; n += PIECES) {
    const own = random.fork(n);
    const { scene, found } = three(part, n, own);
    const inside = (place: number) => Math.min(Math.max(place, 0), LARGE - WINDOW);
    const apart = ({ box }: Found, top: number, left: number) => Math.max(Math.abs(box.top - top), Math.abs(box.left - left)); // biome-ignore format: one line
    const without = (box: Box): [top: number, left: number] => {
      let [top, left] = [box.top, box.left];
      while (found.some((other) => apart(other, top, left) < FAR)) {
        // Half of the empty windows have a part of a piece: those are the hard ones.
        const spread = own.below(2) === 0 ? LARGE : 20;
        [top, left] = [box.top, box.left].map((place) => inside(place + own.below(2 * spread + 1) - spread));
      }
      return [top, left];
    };
    for (const { box, label } of found) {
      const near = (place: number) => inside(place + own.below(2 * NEAR + 1) - NEAR);
      rows.push({ pixels: cut(scene, near(box.top), near(box.left)), label });
      for (let k = 0; k < EMPTY; k++) rows.push({ pixels: cut(scene, ...without(box)), label: NOTHING });
    }
  }
  const images = tensor(new Float32Array(rows.length * WINDOW * WINDOW), [rows.length, WINDOW, WINDOW, 1]);
  rows.forEach(({ pixels }, n) => {
    images.data.set(pixels, n * pixels.length);
  });
  return { images, labels: tensor(Float32Array.from(rows, ({ label }) => label)) };
}

/** LeNet-5 as in the paper, without padding: a window's edges are no other than in a larger image. */
const classifier = new Sequential(
  [
    new Conv2D({ filters: 8, kernelSize: 5, ...relu }),
    new MaxPooling2D(),
    new Conv2D({ filters: 24, kernelSize: 5, ...relu }),
    new MaxPooling2D(),
    new Flatten(),
    new Dense({ units: 120, ...relu }),
    new Dense({ units: 84, ...relu }),
    new Dense({ units: NOTHING + 1, activation: "softmax" }),
  ],
  { inputShape: [WINDOW, WINDOW, 1], name: "classifier" },
);
const STRIDE = 4;
classifier.compile({
  optimizer: new Adam({ learningRate: 0.001 }),
  loss: "sparseCategoricalCrossentropy",
  metrics: ["accuracy"],
});
const known = windows(train, Math.min(COUNT, train.labels.size), new Random(3));
const unknown = windows(test, 1500, new Random(4));
await classifier.fit(known.images, known.labels, { epochs: EPOCHS, batchSize: 32 });
const { accuracy } = await classifier.evaluate(unknown.images, unknown.labels);
console.log(
  `several: ${percent(accuracy)} of ${unknown.labels.size} held-out windows, two thirds of them empty, are right`,
);

const scan = convolutional(classifier, [LARGE, LARGE, 1]);
const [rows, columns] = scan.outputShape;
const products = [scan, classifier].map((model) => analyze(model).totals.multiplyAdds);
console.log(`  scanning: ${rows} × ${columns} windows in one pass, ${(products[0] / 1e6).toFixed(1)} million products; one by one ${((products[1] * rows * columns) / 1e6).toFixed(1)} million`); // biome-ignore format: one line

const SCENES = 200;
const scenes = Array.from({ length: SCENES }, (_, n) => three(test, PIECES * n, new Random(5).fork(n)));
const large = tensor(new Float32Array(SCENES * LARGE * LARGE), [SCENES, LARGE, LARGE, 1]);
scenes.forEach(({ scene }, n) => {
  large.data.set(scene, n * scene.length);
});
const maps = await scan.predict(large);

interface Detection extends Found {
  readonly score: number;
}

/** The windows that are surest of a kind; none overlaps a surer one by much (non-maximum suppression). */
function detect(map: ArrayLike<number>): Detection[] {
  const candidates: Detection[] = [];
  for (let place = 0; place < rows * columns; place++) {
    const box = windowAt(STRIDE * Math.floor(place / columns), STRIDE * (place % columns));
    for (let label = 0; label < NOTHING; label++)
      candidates.push({ box, label, score: map[place * (NOTHING + 1) + label] });
  }
  candidates.sort((a, b) => b.score - a.score);
  const kept: Detection[] = [];
  for (const candidate of candidates) {
    if (candidate.score < 0.3) break;
    if (kept.every(({ box }) => overlap(box, candidate.box) < 0.2)) kept.push(candidate);
  }
  return kept;
}

/** Whether a detection lies on a piece: an IoU of ½ at least. */
const hits = (detection: Detection, piece: Found) => overlap(detection.box, piece.box) >= 0.5;
const detections = scenes.map((_, n) => detect(imageOf(maps, n)));
console.log(
  `  ${SCENES} scenes with ${PIECES} pieces each; a detection is right where its IoU with a piece is ½ at least`,
);
console.log("  surer than   detections   precision   recall   …and of the right kind");
for (const least of [0.3, 0.5, 0.7, 0.9]) {
  let [count, onPiece, ofKind] = [0, 0, 0];
  scenes.forEach(({ found }, n) => {
    for (const detection of detections[n].filter(({ score }) => score >= least)) {
      const piece = found.find((each) => hits(detection, each));
      count++;
      if (piece) onPiece++;
      if (piece?.label === detection.label) ofKind++;
    }
  });
  const of = (part: number, all: number) => (all === 0 ? "–" : percent(part / all));
  const cells = [count.toString().padStart(13), of(onPiece, count).padStart(12), of(onPiece, PIECES * SCENES).padStart(9)]; // biome-ignore format: one row
  const kindCells = `${of(ofKind, count)} and ${of(ofKind, PIECES * SCENES)}`;
  console.log(`  ${least.toFixed(1).padStart(10)}${cells.join("")}   ${kindCells}`);
}

const several = new Sheet(3, 4, [LARGE, LARGE], 2);
for (let cell = 0; cell < 12; cell++) {
  const [row, column] = [Math.floor(cell / 4), cell % 4];
  several.picture(row, column, scenes[cell].scene);
  for (const { box } of scenes[cell].found) several.frame(row, column, box, TRUE);
  for (const detection of detections[cell].filter(({ score }) => score >= 0.5)) {
    const right = scenes[cell].found.some((piece) => hits(detection, piece) && piece.label === detection.label);
    several.frame(row, column, detection.box, right ? RIGHT : WRONG);
  }
}
console.log(`  ${several.save(options.pictures, "detection.png")}`);
const first = detections[0].filter(({ score }) => score >= 0.5).map(({ label, score }) => `${classNames[label]} ${percent(score)}`); // biome-ignore format: one line
console.log(`  in the first scene: ${first.join(", ")}`);
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
