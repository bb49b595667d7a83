/** The record of a convolution, and the band of the image that some rows of its output see. */
import { clearNumbers, copyNumbers, readAhead } from "./vectors";

@unmanaged
export class Convolution {
  source: usize;
  destination: usize;
  /** Packed: for each group and each block of filters, the biases, then the weights tap by tap. */
  weights: usize;
  sourceHeight: i32;
  sourceWidth: i32;
  sourceChannels: i32;
  groups: i32;
  /** Channels and filters of one group. */
  channels: i32;
  filters: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  /** Zeros above and on the left; negative: rows and columns that no window reads. */
  top: i32;
  left: i32;
  outputHeight: i32;
  outputWidth: i32;
  /** Bytes from one output image, row, pixel to the next. */
  imageStep: usize;
  rowStep: usize;
  pixelStep: usize;
  /** A unit of work is a band of output rows of one image. */
  bandRows: i32;
  bands: i32;
  /** Whether a window can hang over the border, so that a band has to be copied with its zeros. */
  padded: i32;
  /** Whether a band is not copied and too large to be in the cache, so that it is read ahead. */
  readsAhead: i32;
  activation: i32;
  alpha: f32;
}

/** What a worker notes at the start of its scratch memory: where its band lies, and how the runs under a window do. */
@unmanaged
export class Band {
  /** The number under the first window's first tap; the bytes from one row of the (copied) image to the next. */
  origin: usize;
  rowBytes: usize;
  runsInRow: i32;
  runBytes: usize;
  /** From the end of one run to the start of the next; from the end of a row's runs to the start of the next row's. */
  runStep: usize;
  kernelHeight: i32;
  kernelRowStep: usize;
}

export const BAND_BYTES: usize = 128;

/** Finds the band of the image that `rows` output rows see, or copies it with its zeros into the scratch memory. */
export function layBand(c: Convolution, image: i32, firstRow: i32, rows: i32, scratch: usize): void {
  const band = changetype<Band>(scratch);
  const C = c.sourceChannels;
  if (c.padded) {
    const width = (c.outputWidth - 1) * c.strideWidth + (c.kernelWidth - 1) * c.dilationWidth + 1;
    band.origin = scratch + BAND_BYTES;
    band.rowBytes = <usize>(width * C) << 2;
    copyBand(c, image, firstRow, rows, width, band.origin);
  } else {
    band.rowBytes = <usize>(c.sourceWidth * C) << 2;
    const row = image * c.sourceHeight + firstRow * c.strideHeight - c.top;
    const first = c.source + <usize>row * band.rowBytes;
    if (c.readsAhead) readAhead(first, ((rows - 1) * c.strideHeight + 1) * band.rowBytes, scratch);
    band.origin = first - (<usize>(c.left * C) << 2);
  }
  const whole = c.groups == 1 && c.dilationWidth == 1;
  band.runsInRow = whole ? 1 : c.kernelWidth;
  band.runBytes = <usize>(whole ? c.kernelWidth * c.channels : c.channels) << 2;
  band.runStep = (<usize>(c.dilationWidth * C) << 2) - band.runBytes;
  if (whole) band.runStep = 0;
  band.kernelHeight = c.kernelHeight;
  band.kernelRowStep = c.dilationHeight * band.rowBytes - band.runsInRow * (band.runBytes + band.runStep);
}

/** Copies what the windows of `rows` output rows see, with zeros for what lies outside the image. */
function copyBand(c: Convolution, image: i32, firstRow: i32, rows: i32, width: i32, to: usize): void {
  const C = c.sourceChannels;
  const sourceRows = (rows - 1) * c.strideHeight + (c.kernelHeight - 1) * c.dilationHeight + 1;
  const firstColumn = max(-c.left, 0);
  const from = min(max(c.left, 0), width);
  const until = max(from, min(width, c.sourceWidth + c.left));
  const length = (until - from) * C;
  const step = <usize>(width * C) << 2;
  // The zeros at the end of a row and those at the start of the next lie side by side.
  let zeros = to;
  let u = firstRow * c.strideHeight - c.top;
  for (let r = 0; r < sourceRows; r++, u++) {
    if (u >= 0 && u < c.sourceHeight) {
      const at = to + (<usize>(from * C) << 2);
      clearNumbers(zeros, <i32>((at - zeros) >> 2));
      copyNumbers(at, c.source + (<usize>((image * c.sourceHeight + u) * c.sourceWidth + firstColumn) * C << 2), length);
      zeros = at + (<usize>length << 2);
    }
    to += step;
  }
  clearNumbers(zeros, <i32>((to - zeros) >> 2));
}

/**
 * Notes for each pixel of `rows` output rows where its window begins and where its first result goes, across the ends of
 * rows; or, where `columns` is more than 1, for so many pixels side by side, of which the last ones of a row reach back
 * to end with it. A place has eight bytes. Five more repeat the last, for a ragged tile.
 * @returns the end of the list without these five
 */
export function notePlaces(c: Convolution, band: Band, columns: i32, output: usize, rows: i32, to: usize): usize {
  const window = <usize>(c.strideWidth * c.sourceChannels) << 2;
  let row = band.origin;
  let x: usize = 0, y: usize = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < c.outputWidth; j += columns) {
      const column = min(j, c.outputWidth - columns);
      x = row + column * window;
      y = output + column * c.pixelStep;
      store<usize>(to, x);
      store<usize>(to, y, 4);
      to += 8;
    }
    row += c.strideHeight * band.rowBytes;
    output += c.rowStep;
  }
  for (let more: usize = 0; more < 40; more += 8) {
    store<usize>(to + more, x);
    store<usize>(to + more, y, 4);
  }
  return to;
}

/**
 * Notes how far each tap of a group lies from the first one, eight bytes a tap; three more repeat the last, for a ragged
 * tile.
 * @returns the end of the list without these three
 */
export function noteTaps(c: Convolution, band: Band, to: usize): usize {
  let place: usize = 0;
  for (let p = 0; p < c.kernelHeight; p++) {
    for (let q = 0; q < c.kernelWidth; q++) {
      place = p * c.dilationHeight * band.rowBytes + (<usize>(q * c.dilationWidth * c.sourceChannels) << 2);
      for (let channel = 0; channel < c.channels; channel++) {
        store<usize>(to, place);
        to += 8;
        place += 4;
      }
    }
  }
  for (let more: usize = 0; more < 24; more += 8) store<usize>(to + more, place - 4);
  return to;
}
