/** PNG images as tensors (W3C, "Portable Network Graphics", third edition), and the steps that fit one to a model. */
import { type DecodedPng, decode, type PngDataArray } from "fast-png";
import { fail } from "../errors.ts";
import { type FloatArray, type Tensor, tensor, zeros } from "../tensor.ts";

const INDEXED = 3;
const MOST_PIXELS = 2 ** 26;
/** How many bytes one byte of deflate can stand for: 1032, and some room for short files. */
const MOST_COMPRESSION = 1100;
const IHDR = 0x49484452;
const IDAT = 0x49444154;
/** Samples of a pixel by colour type. */
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * Reads a PNG of any colour type and bit depth.
 *
 * Values are the file's, divided by its largest one; gamma and colour profiles are not applied. Palettes become RGB.
 * What is transparent is laid over white, the paper of most drawings: models know no alpha channel.
 *
 * ```ts
 * const image = readPng(bytes, "shoe.png"); // a photograph of 600×400
 * image.shape;                              // [1, 400, 600, 3]
 * resizeTo(toGrayscale(image), 28, 28).shape; // [1, 28, 28, 1]
 * ```
 * @returns [1, height, width, 1] for gray, [1, height, width, 3] for colour, float32 from 0 to 1
 * @throws NeocogError that names the file, where it is cut short, damaged or no PNG.
 */
export function readPng(bytes: Uint8Array, name: string): Tensor {
  checkStart(bytes, name);
  let png: DecodedPng;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (error) {
    const remedy = "the file is cut short, damaged or no PNG; save it again";
    return fail(name, "the answer of the decoder", (error as Error).message, remedy);
  }
  return toColours(png, bytes[25] === INDEXED ? (png.palette ?? []) : undefined, name);
}

/**
 * Colour to gray by the luma of ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue. Gray images come back as they are.
 *
 * ```ts
 * toGrayscale(tensor([[[[1, 0, 0]]]])).toNested(); // [[[[0.299]]]], in float32
 * ```
 * @param image [n, height, width, 3 or 1]
 * @returns [n, height, width, 1]
 */
export function toGrayscale(image: Tensor): Tensor {
  const [n, height, width, channels] = checkImage(image, "toGrayscale");
  if (channels === 1) return image;
  if (channels !== 3) fail("toGrayscale", "the number of channels", channels, "give an image of 1 or 3 channels");
  const gray = zeros([n, height, width, 1]);
  const [x, y] = [image.data, gray.data];
  for (let k = 0; k < y.length; k++) y[k] = 0.299 * x[3 * k] + 0.587 * x[3 * k + 1] + 0.114 * x[3 * k + 2];
  return gray;
}

/**
 * Another height and width, rows and columns one after the other. A side that shrinks takes the mean over the area
 * each new pixel covers, so no detail is skipped; a side that grows is interpolated linearly between pixel centres and
 * constant beyond the outermost. Its own size gives the same values; proportions are not kept.
 *
 * ```ts
 * resizeTo(tensor([[[[0], [1], [1], [1]]]]), 1, 2).toNested(); // [[[[0.5], [1]]]]
 * resizeTo(tensor([[[[0], [1]]]]), 1, 4).toNested();           // [[[[0], [0.25], [0.75], [1]]]]
 * ```
 * @param image [n, any height, any width, channels]
 * @returns [n, height, width, channels], float32
 */
export function resizeTo(image: Tensor, height: number, width: number): Tensor {
  const [n, oldHeight, oldWidth, channels] = checkImage(image, "resizeTo");
  for (const [argument, length] of Object.entries({ height, width })) {
    if (!Number.isInteger(length) || length < 1) fail("resizeTo", argument, length, "use a whole number of at least 1");
  }
  if (oldHeight === 0 || oldWidth === 0) fail("resizeTo", "image", image.shape, "give an image with pixels");
  const rows = resampleAxis(image.data, n, oldHeight, height, oldWidth * channels);
  const data = new Float32Array(resampleAxis(rows, n * height, oldWidth, width, channels));
  return tensor(data, [n, height, width, channels]);
}

/** Checks what the decoder takes on trust: sizes it would allocate, and the one kind of file it reads wrongly. */
function checkStart(bytes: Uint8Array, name: string): void {
  if (bytes.length < 33)
    fail(name, "the length in bytes", bytes.length, "the file is cut short or no PNG; save it again");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(12) !== IHDR) {
    fail(name, "the start of the file", [...bytes.subarray(0, 4)], "a PNG has 137, 80, 78, 71; convert it to PNG");
  }
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, kind, , , interlaced] = bytes.subarray(24, 29);
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) {
    fail(name, "width × height", [width, height], `give an image of 1 to ${MOST_PIXELS} pixels`);
  }
  const depths = kind === INDEXED ? [1, 2, 4, 8] : kind === 0 ? [1, 2, 4, 8, 16] : [8, 16];
  if (!depths.includes(depth)) fail(name, "the bit depth", depth, `colour type ${kind} has ${depths}; save it again`);
  if (interlaced && depth < 8) fail(name, "the bit depth", depth, "with interlacing, 8 or 16; save it without");
  const { headers, compressed } = survey(view);
  if (headers !== 1) fail(name, "the number of IHDR chunks", headers, "a PNG has one, the first; save it again");
  const rowBytes = 1 + Math.ceil((width * depth * (CHANNELS[kind] ?? 1)) / 8);
  if (height * rowBytes > compressed * MOST_COMPRESSION) {
    const remedy = `[${width}, ${height}] pixels cannot be in so few: the file is cut short; save it again`;
    fail(name, "the number of compressed bytes", compressed, remedy);
  }
}

/** How many headers there are, and how many bytes of compressed pixels: before room is made for what they promise. */
function survey(view: DataView): { headers: number; compressed: number } {
  let [headers, compressed] = [0, 0];
  for (let at = 8; at + 12 <= view.byteLength; ) {
    const length = view.getUint32(at);
    const type = view.getUint32(at + 4);
    if (type === IHDR) headers++;
    if (type === IDAT) compressed += length;
    at += 12 + length;
  }
  return { headers, compressed };
}

/** Samples divided by the largest one; colour numbers looked up; transparency laid over white. */
function toColours(png: DecodedPng, palette: number[][] | undefined, name: string): Tensor {
  const { height, width, channels } = png;
  const samples = unpack(png);
  const colours = palette ? 3 : channels > 2 ? 3 : 1;
  const most = palette ? 255 : (1 << png.depth) - 1;
  const image = zeros([1, height, width, colours]);
  const y = image.data;
  for (let pixel = 0; pixel < height * width; pixel++) {
    const start = pixel * channels;
    const sample = palette ? palette[samples[start]] : samples.subarray(start, start + channels);
    if (!sample) fail(name, "a colour number", samples[start], `the palette has ${palette?.length}; save it again`);
    const alpha = isKey(sample, png.transparency, colours) ? 0 : (sample[colours] ?? most) / most;
    for (let c = 0; c < colours; c++) y[pixel * colours + c] = (sample[c] / most) * alpha + (1 - alpha);
  }
  return image;
}

/** One number a sample: below 8 bits several samples share a byte, the first in the high bits; each row starts a byte. */
function unpack({ data, depth, width, height, channels }: DecodedPng): PngDataArray {
  if (depth >= 8) return data;
  const rowBytes = Math.ceil((width * channels * depth) / 8);
  const samples = new Uint8Array(height * width);
  for (let k = 0; k < samples.length; k++) {
    const bit = (k % width) * depth;
    const byte = data[Math.floor(k / width) * rowBytes + (bit >> 3)];
    samples[k] = (byte >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
  }
  return samples;
}

/** A gray or colour PNG may name one colour that is transparent. */
function isKey(sample: ArrayLike<number>, key: Uint16Array | undefined, colours: number): boolean {
  if (key?.length !== colours) return false;
  return key.every((value, c) => value === sample[c]);
}

function checkImage(image: Tensor, where: string): number[] {
  if (image.shape.length !== 4) fail(where, "image", image.shape, "give the shape [n, height, width, channels]");
  return image.shape;
}

/** [outer, from, inner] to [outer, to, inner]: each new element a weighted sum of old ones. */
function resampleAxis(x: FloatArray, outer: number, from: number, to: number, inner: number): Float64Array {
  const y = new Float64Array(outer * to * inner);
  for (let i = 0; i < to; i++) {
    for (const [source, weight] of to < from ? overlaps(i, from / to, from) : neighbours(i, from / to, from)) {
      for (let o = 0; o < outer; o++) {
        const [target, start] = [(o * to + i) * inner, (o * from + source) * inner];
        for (let k = 0; k < inner; k++) y[target + k] += weight * x[start + k];
      }
    }
  }
  return y;
}

/** The old pixels under new pixel i, which spans [i·scale, (i+1)·scale], and the part of it that each covers. */
function overlaps(i: number, scale: number, from: number): [number, number][] {
  const [begin, end] = [i * scale, (i + 1) * scale];
  const covered: [number, number][] = [];
  for (let source = Math.floor(begin); source < Math.min(end, from); source++) {
    covered.push([source, (Math.min(end, source + 1) - Math.max(begin, source)) / scale]);
  }
  return covered;
}

/** The two old pixels whose centres enclose the centre of new pixel i. */
function neighbours(i: number, scale: number, from: number): [number, number][] {
  const centre = Math.min(Math.max((i + 0.5) * scale - 0.5, 0), from - 1);
  const first = Math.floor(centre);
  const fraction = centre - first;
  return [
    [first, 1 - fraction],
    [Math.min(first + 1, from - 1), fraction],
  ];
}
