/**
 * What depends on random numbers, element by element: inverted dropout, y = x / kept where the element's random bits reach
 * the threshold, else 0, of elements or of whole channels; and noise with a normal distribution.
 *
 * The bits are those of Philox4x32-10 (see src/random.ts), four counters side by side: word w of the counters c … c + 3
 * serves the elements 4c + 4w … 4c + 4w + 3, so every four words are used as they lie.
 */
import { log } from "./math";
import { Divided, endOf, firstOf } from "./units";
import { loadLanes, storeLanes } from "./vectors";

const DROP = 0;
const MASK = 1;
const NOISE = 2;

@unmanaged
class Draws extends Divided {
  y: usize;
  /** For a mask there is none. */
  x: usize;
  threshold: i32;
  /** What is kept is divided by it; of noise the standard deviation. */
  kept: f32;
  key0: i32;
  key1: i32;
}

/** Units: numbers, a multiple of 16 in each. */
export function dropout(record: usize, begin: i32, end: i32, scratch: usize): void {
  eachSixteen(DROP, changetype<Draws>(record), begin, end);
}

/** y = all bits where an element is kept, else 0. Units as for dropout. */
export function dropoutMask(record: usize, begin: i32, end: i32, scratch: usize): void {
  eachSixteen(MASK, changetype<Draws>(record), begin, end);
}

/** y = x + kept · z, with z from a standard normal distribution. Units as for dropout. */
export function gaussianNoise(record: usize, begin: i32, end: i32, scratch: usize): void {
  eachSixteen(NOISE, changetype<Draws>(record), begin, end);
}

/** `count` is pixels of all images. */
@unmanaged
class ChannelMask extends Divided {
  y: usize;
  x: usize;
  /** A row of channels for each image. */
  mask: usize;
  /** Of one image. */
  pixels: i32;
  channels: i32;
  kept: f32;
}

/** y = x / kept in the channels that the image's row of the mask keeps, 0 in the others. Units: pixels. */
export function maskChannels(record: usize, begin: i32, end: i32, scratch: usize): void {
  const m = changetype<ChannelMask>(record);
  const last = endOf(m, end);
  for (let pixel = firstOf(m, begin); pixel < last; pixel++) {
    const offset = <usize>(pixel * m.channels) << 2;
    const mask = m.mask + (<usize>((pixel / m.pixels) * m.channels) << 2);
    for (let c = 0; c < m.channels; c += 4) {
      const lanes = min(4, m.channels - c);
      const at = offset + (<usize>c << 2);
      const scaled = f32x4.div(loadLanes(m.x + at, lanes), f32x4.splat(m.kept));
      storeLanes(m.y + at, v128.and(scaled, loadLanes(mask + (<usize>c << 2), lanes)), lanes);
    }
  }
}

// @ts-ignore: decorator
@inline
function eachSixteen(purpose: i32, d: Draws, begin: i32, end: i32): void {
  const last = endOf(d, end);
  for (let e = firstOf(d, begin); e < last; e += 16) drawSixteen(purpose, d, e, last);
}

function drawSixteen(purpose: i32, d: Draws, e: i32, last: i32): void {
  let word0 = i32x4.add(i32x4.splat(e >> 2), i32x4(0, 1, 2, 3));
  let word1 = i32x4.splat(0);
  let word2 = word1;
  let word3 = word1;
  let key0 = d.key0;
  let key1 = d.key1;
  for (let round = 0; round < 10; round++) {
    const even0 = i64x2.extmul_low_i32x4_u(word0, i32x4.splat(0xd2511f53));
    const odd0 = i64x2.extmul_high_i32x4_u(word0, i32x4.splat(0xd2511f53));
    const even1 = i64x2.extmul_low_i32x4_u(word2, i32x4.splat(0xcd9e8d57));
    const odd1 = i64x2.extmul_high_i32x4_u(word2, i32x4.splat(0xcd9e8d57));
    word0 = v128.xor(v128.xor(highHalves(even1, odd1), word1), i32x4.splat(key0));
    word2 = v128.xor(v128.xor(highHalves(even0, odd0), word3), i32x4.splat(key1));
    word1 = lowHalves(even1, odd1);
    word3 = lowHalves(even0, odd0);
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  useLanes(purpose, d, e, last, word0);
  useLanes(purpose, d, e + 4, last, word1);
  useLanes(purpose, d, e + 8, last, word2);
  useLanes(purpose, d, e + 12, last, word3);
}

function useLanes(purpose: i32, d: Draws, e: i32, last: i32, bits: v128): void {
  if (e >= last) return;
  const lanes = min(4, last - e);
  const offset = <usize>e << 2;
  if (purpose == NOISE) {
    const noise = f32x4.mul(f32x4.splat(d.kept), normal(bits));
    storeLanes(d.y + offset, f32x4.add(loadLanes(d.x + offset, lanes), noise), lanes);
    return;
  }
  const isKept = i32x4.ge_u(bits, i32x4.splat(d.threshold));
  if (purpose == MASK) {
    storeLanes(d.y + offset, isKept, lanes);
    return;
  }
  const scaled = f32x4.div(loadLanes(d.x + offset, lanes), f32x4.splat(d.kept));
  storeLanes(d.y + offset, v128.and(scaled, isKept), lanes);
}

/** √2 · erfinv u for the uniform u of 24 bits; the formula and its source are in src/kernels/reference/noise.ts. */
function normal(bits: v128): v128 {
  const one = f32x4.splat(1);
  const odd = i32x4.sub(i32x4.shl(i32x4.shr_u(bits, 8), 1), i32x4.splat(0xffffff));
  const u = f32x4.mul(f32x4.convert_i32x4_s(odd), f32x4.splat(1.0 / 16777216.0));
  const w = f32x4.neg(log(f32x4.mul(f32x4.sub(one, u), f32x4.add(one, u))));
  const p = v128.bitselect(middle(w), tail(w), f32x4.lt(w, f32x4.splat(5)));
  return f32x4.mul(f32x4.mul(p, u), f32x4.splat(SQRT_2));
}

const SQRT_2: f32 = 1.4142135623730951;

// @ts-ignore: decorator
@inline
function middle(w: v128): v128 {
  const v = f32x4.sub(w, f32x4.splat(2.5));
  let p = f32x4.splat(2.81022636e-8);
  p = next(p, v, 3.43273939e-7);
  p = next(p, v, -3.5233877e-6);
  p = next(p, v, -4.39150654e-6);
  p = next(p, v, 0.00021858087);
  p = next(p, v, -0.00125372503);
  p = next(p, v, -0.00417768164);
  p = next(p, v, 0.246640727);
  return next(p, v, 1.50140941);
}

// @ts-ignore: decorator
@inline
function tail(w: v128): v128 {
  const v = f32x4.sub(f32x4.sqrt(w), f32x4.splat(3));
  let p = f32x4.splat(-0.000200214257);
  p = next(p, v, 0.000100950558);
  p = next(p, v, 0.00134934322);
  p = next(p, v, -0.00367342844);
  p = next(p, v, 0.00573950773);
  p = next(p, v, -0.0076224613);
  p = next(p, v, 0.00943887047);
  p = next(p, v, 1.00167406);
  return next(p, v, 2.83297682);
}

/** The next step of Horner's scheme. */
// @ts-ignore: decorator
@inline
function next(p: v128, v: v128, coefficient: f32): v128 {
  return f32x4.add(f32x4.mul(p, v), f32x4.splat(coefficient));
}

/** The upper 32 bits of four 64-bit products. */
// @ts-ignore: decorator
@inline
function highHalves(first: v128, second: v128): v128 {
  return v128.shuffle<i32>(first, second, 1, 3, 5, 7);
}

/** The lower 32 bits of four 64-bit products. */
// @ts-ignore: decorator
@inline
function lowHalves(first: v128, second: v128): v128 {
  return v128.shuffle<i32>(first, second, 0, 2, 4, 6);
}
