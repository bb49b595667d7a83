/**
 * What augmentation (D5) does to a picture: a sheet with a row for each option and a column for each epoch; the first
 * column is the picture as it is. `npx tsx examples/augmentation.ts [file.png]`
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { encode } from "fast-png";
import { Augmentation, type AugmentationOptions, datasetDirectory, readDataset, type Tensor, tensor } from "../src/index.ts"; // biome-ignore format: names

const EPOCHS = 9;
const ENLARGED = 3;
const GAP = 4;
const PAPER = 255;

const ROWS: readonly [title: string, options: AugmentationOptions][] = [
  ["rotation: 30", { rotation: 30 }],
  ["shear: 30", { shear: 30 }],
  ["zoom: 0.4", { zoom: 0.4 }],
  ['widthShift: 0.2, heightShift: 0.2, fillMode: "constant"', { widthShift: 0.2, heightShift: 0.2, fillMode: "constant" }], // biome-ignore format: a table
  ['widthShift: 0.4, fillMode: "nearest"', { widthShift: 0.4, fillMode: "nearest" }],
  ['widthShift: 0.4, fillMode: "reflect"', { widthShift: 0.4, fillMode: "reflect" }],
  ["horizontalFlip: true, verticalFlip: true", { horizontalFlip: true, verticalFlip: true }],
  ['randomCrop: 4, fillMode: "constant"', { randomCrop: 4, fillMode: "constant" }],
  ["brightness: 0.6", { brightness: 0.6 }],
  ["cutout: 10, fillValue: 0.5", { cutout: 10, fillValue: 0.5 }],
  ["all of them, a little", { rotation: 10, shear: 10, zoom: 0.1, widthShift: 0.1, heightShift: 0.1, horizontalFlip: true, brightness: 0.2, cutout: 6 }], // biome-ignore format: a table
];

const { images } = readDataset(datasetDirectory("fashion-mnist-part")).test;
const [, height, width] = images.shape;

/** Picture number `n` as it is, and as it is in each epoch. */
function row(n: number, options: AugmentationOptions): Tensor[] {
  const picture = tensor(images.data.slice(n * height * width, (n + 1) * height * width), [1, height, width, 1]);
  const augmentation = new Augmentation(options);
  const epochs = Array.from({ length: EPOCHS }, (_, epoch) => augmentation.apply(picture, { epoch, indices: [n] }));
  return [picture, ...epochs];
}

const sheet = ROWS.map(([, options], index) => row(3 * index, options));
const [cellHeight, cellWidth] = [height * ENLARGED + GAP, width * ENLARGED + GAP];
const [sheetHeight, sheetWidth] = [sheet.length * cellHeight + GAP, (EPOCHS + 1) * cellWidth + GAP];
const data = new Uint8Array(sheetHeight * sheetWidth).fill(PAPER);
sheet.forEach((pictures, down) => {
  pictures.forEach((picture, across) => {
    for (let i = 0; i < height * ENLARGED; i++) {
      for (let j = 0; j < width * ENLARGED; j++) {
        const value = picture.data[Math.floor(i / ENLARGED) * width + Math.floor(j / ENLARGED)];
        const place = (GAP + down * cellHeight + i) * sheetWidth + GAP + across * cellWidth + j;
        data[place] = Math.round(255 * Math.min(Math.max(value, 0), 1));
      }
    }
  });
});

const path = process.argv[2] ?? "runs/augmentation.png";
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, encode({ width: sheetWidth, height: sheetHeight, data, channels: 1, depth: 8 }));
ROWS.forEach(([title], index) => {
  console.log(`row ${index + 1}: ${title}`);
});
console.log(`the sheet: ${path}`);
