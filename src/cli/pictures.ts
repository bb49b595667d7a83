/** Pictures to predict, from PNG files or from a file of IDX images, made to fit a model. */
import { gunzipSync } from "node:zlib";
import { parseIdx } from "../data/idx.ts";
import { readPng, resizeTo, toGrayscale } from "../data/png.ts";
import { fail } from "../errors.ts";
import { readFileBytes } from "../formats/files.ts";
import { type Shape, type Tensor, tensor } from "../tensor.ts";

export interface Picture {
  /** What it is called in the answer: the file, and the place in it where there are several. */
  readonly name: string;
  /** [1, height, width, channels], 0 black to 1 white. */
  readonly image: Tensor;
}

/** A PNG as the model takes it: as many channels, and of its height and width. */
export function readPicture(path: string, [height, width, channels]: Shape): Picture {
  const png = readPng(readFileBytes(path), path);
  const image = channels === 1 ? toGrayscale(png) : png;
  if (image.shape[3] !== channels) {
    fail(path, "the number of channels", image.shape[3], `the model takes ${channels}; save it in colour`);
  }
  return { name: path, image: resizeTo(image, height, width) };
}

/** Some images of an IDX file, plain or .gz. */
export function readIdxPictures(path: string, places: readonly number[], [height, width, channels]: Shape): Picture[] {
  const { shape, data } = parseIdx(path.endsWith(".gz") ? gunzip(path) : readFileBytes(path), path);
  if (shape.length !== 3) fail(path, "the shape", shape, "give a file of images: [count, height, width]");
  if (channels !== 1) fail(path, "the number of channels", 1, `the model takes ${channels}; give PNG files in colour`);
  const [count, rows, columns] = shape;
  const size = rows * columns;
  return places.map((place) => {
    if (place >= count) fail(path, "--index", place, `it has ${count} images; use 0 to ${count - 1}`);
    const pixels = Float32Array.from(data.subarray(place * size, (place + 1) * size), (value) => value / 255);
    return { name: `${path}[${place}]`, image: resizeTo(tensor(pixels, [1, rows, columns, 1]), height, width) };
  });
}

/** White on black for black on white, and the reverse. */
export function inverted({ name, image }: Picture): Picture {
  return {
    name,
    image: tensor(
      Float32Array.from(image.data, (value) => 1 - value),
      image.shape,
    ),
  };
}

/** All pictures as one batch. */
export function stack(pictures: readonly Picture[]): Tensor {
  const [first] = pictures;
  const data = new Float32Array(first.image.size * pictures.length);
  pictures.forEach(({ image }, n) => {
    data.set(image.data, n * image.size);
  });
  return tensor(data, [pictures.length, ...first.image.shape.slice(1)]);
}

function gunzip(path: string): Uint8Array {
  const bytes = readFileBytes(path);
  try {
    return gunzipSync(bytes);
  } catch (error) {
    return fail(path, "the answer of gunzip", (error as Error).message, "the file is damaged; fetch it again");
  }
}
