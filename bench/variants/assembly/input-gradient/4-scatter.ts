/**
 * The other way round: the weights of one filter and 32 taps stay in eight vectors, and for every number of the
 * filter's list that is not zero 32 numbers of a padded dx are loaded, added to and stored. Where one number of ten is
 * not zero it is faster than 3, by a third and more for 14×14×6 → 16, probably because its lists are longer: fewer of
 * their ends are mispredicted. Lost from 20 % on: 8 stores a number, and a load has to wait for the store to the
 * neighbouring pixel.
 */
import { clearNumbers, copyNumbers, madd } from "../../../../assembly/vectors";
import { append, layTable } from "../../../../assembly/nonzeros";
import { LANES, Shape, gradientBytes, packRuns } from "../shape";

const ENDS: usize = 256;
const LIST: usize = 1 << 12;
const LIST_BYTES: usize = (1 << 12) + 128;
const DISTANCE: usize = (1 << 19) + 2112;
const PADDED: usize = 1 << 20;

export function pack(s: Shape, kernel: usize, to: usize): void {
  packRuns(s, kernel, to);
}

export function gradient(s: Shape, dy: usize, weights: usize, dx: usize, scratch: usize): void {
  layTable(scratch);
  const padded = scratch + PADDED;
  const row = <usize>((s.width + s.kernelWidth - 1) * s.channels) << 2;
  const run = s.kernelWidth * s.channels;
  for (let image = 0; image < s.images; image++) {
    // What is left of a run's last block is zeros, which are added to whatever lies behind.
    clearNumbers(padded, <i32>(((s.height + s.kernelHeight - 1) * row) >> 2) + LANES);
    for (let f = 0; f < s.filters; f += 4) listPixels(s, dy + (<usize>f << 2), <usize>f, row, scratch);
    let w = weights;
    for (let p = 0; p < s.kernelHeight; p++) {
      for (let r = 0; r < run; r += LANES) {
        for (let f: usize = 0; f < <usize>s.filters; f++) {
          const end = load<usize>(scratch + ENDS + (f << 2));
          scatter(scratch + LIST + f * LIST_BYTES, end, padded + p * row + (<usize>r << 2), w);
          w += LANES * 4;
        }
      }
    }
    let from = padded + s.top * row + (<usize>(s.left * s.channels) << 2);
    for (let u = 0; u < s.height; u++) {
      copyNumbers(dx, from, s.width * s.channels);
      dx += <usize>(s.width * s.channels) << 2;
      from += row;
    }
    dy += gradientBytes(s);
  }
}

function scatter(from: usize, end: usize, dx: usize, w: usize): void {
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48);
  const w4 = v128.load(w, 64), w5 = v128.load(w, 80), w6 = v128.load(w, 96), w7 = v128.load(w, 112);
  for (; from < end; from += 4) {
    const value = v128.load32_splat(from);
    const to = dx + load<usize>(from + DISTANCE);
    v128.store(to, madd(v128.load(to), value, w0));
    v128.store(to, madd(v128.load(to, 16), value, w1), 16);
    v128.store(to, madd(v128.load(to, 32), value, w2), 32);
    v128.store(to, madd(v128.load(to, 48), value, w3), 48);
    v128.store(to, madd(v128.load(to, 64), value, w4), 64);
    v128.store(to, madd(v128.load(to, 80), value, w5), 80);
    v128.store(to, madd(v128.load(to, 96), value, w6), 96);
    v128.store(to, madd(v128.load(to, 112), value, w7), 112);
  }
}

/** Lists for four filters the pixels whose dy is not zero, with their windows' places in the padded dx. */
function listPixels(s: Shape, dy: usize, filter: usize, row: usize, scratch: usize): void {
  let to0 = scratch + LIST + filter * LIST_BYTES;
  let to1 = to0 + LIST_BYTES, to2 = to1 + LIST_BYTES, to3 = to2 + LIST_BYTES;
  const step = <usize>s.filters << 2;
  const pixel = s.channels * 4;
  const steps = i32x4(0, pixel, 2 * pixel, 3 * pixel);
  const zero = f32x4.splat(0);
  for (let i = 0; i < s.outputHeight; i++) {
    let offsets = i32x4.add(i32x4.splat(<i32>(i * row)), steps);
    for (let j = 0; j < s.outputWidth; j += 4) {
      const pixels = min(4, s.outputWidth - j);
      const r0 = v128.load(dy);
      const r1 = pixels > 1 ? v128.load(dy + step) : zero;
      const r2 = pixels > 2 ? v128.load(dy + 2 * step) : zero;
      const r3 = pixels > 3 ? v128.load(dy + 3 * step) : zero;
      const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      to0 = append(to0, DISTANCE, v128.shuffle<f64>(low01, low23, 0, 2), offsets, scratch);
      to1 = append(to1, DISTANCE, v128.shuffle<f64>(low01, low23, 1, 3), offsets, scratch);
      to2 = append(to2, DISTANCE, v128.shuffle<f64>(high01, high23, 0, 2), offsets, scratch);
      to3 = append(to3, DISTANCE, v128.shuffle<f64>(high01, high23, 1, 3), offsets, scratch);
      offsets = i32x4.add(offsets, i32x4.splat(4 * pixel));
      dy += pixels * step;
    }
  }
  const ends = scratch + ENDS + (filter << 2);
  store<usize>(ends, to0);
  store<usize>(ends, to1, 4);
  store<usize>(ends, to2, 8);
  store<usize>(ends, to3, 12);
}
