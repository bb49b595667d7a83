/**
 * Every dy[i, j, f] is sent to its taps: for a column j and a row u of dx, 32 numbers of the run that all of the
 * column sends there are summed in eight vectors, and added to dx where it overlaps with the column before. Lost: it
 * multiplies the zeros, and on Node 20 and 22 one of the sums goes through memory in every turn (see tile/07), which
 * halves its speed.
 */
import { clearNumbers, madd } from "../../../../assembly/vectors";
import { LANES, Shape, gradientBytes, imageBytes, packRuns } from "../shape";

export function pack(s: Shape, kernel: usize, to: usize): void {
  packRuns(s, kernel, to);
}

export function gradient(s: Shape, dy: usize, weights: usize, dx: usize, scratch: usize): void {
  const row = <usize>(s.width * s.channels) << 2;
  for (let image = 0; image < s.images; image++) {
    clearNumbers(dx, s.height * s.width * s.channels);
    for (let u = 0; u < s.height; u++) {
      const rows = rowsThatReach(s, u, dy, weights, scratch);
      if (rows > 0) addRuns(s, rows, dx + u * row, scratch);
    }
    dy += gradientBytes(s);
    dx += imageBytes(s);
  }
}

/** Notes which rows of dy reach row u of dx, and by which kernel row: pairs of addresses behind the block. */
function rowsThatReach(s: Shape, u: i32, dy: usize, weights: usize, scratch: usize): i32 {
  const blocks = (s.kernelWidth * s.channels + LANES - 1) / LANES;
  let rows = 0;
  for (let p = 0; p < s.kernelHeight; p++) {
    const i = u + s.top - p;
    if (i < 0 || i >= s.outputHeight) continue;
    const place = scratch + LANES * 4 + (<usize>rows << 3);
    store<usize>(place, dy + (<usize>(i * s.outputWidth * s.filters) << 2));
    store<usize>(place, weights + (<usize>(p * blocks * s.filters * LANES) << 2), 4);
    rows++;
  }
  return rows;
}

/** Adds to a row of dx the runs of all columns of dy. */
function addRuns(s: Shape, rows: i32, dx: usize, scratch: usize): void {
  const C = s.channels;
  const length = s.kernelWidth * C;
  for (let j = 0; j < s.outputWidth; j++) {
    const left = j - s.left;
    const inside = max(0, -left) * C;
    const outside = min(s.kernelWidth, s.width - left) * C;
    for (let r = 0; r < length; r += LANES) {
      const first = max(inside, r);
      const count = min(outside, r + LANES) - first;
      if (count <= 0) continue;
      sumRun(s, rows, <usize>(j * s.filters) << 2, <usize>(r * s.filters) << 2, scratch);
      addNumbers(dx + (<usize>(left * C + first) << 2), scratch + (<usize>(first - r) << 2), count);
    }
  }
}

/** One block of a run, into the scratch memory. */
function sumRun(s: Shape, rows: i32, column: usize, block: usize, scratch: usize): void {
  let a0 = f32x4.splat(0);
  let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  const depth = <usize>s.filters << 2;
  let place = scratch + LANES * 4;
  for (; rows > 0; --rows) {
    let dy = load<usize>(place) + column;
    let w = load<usize>(place, 4) + block;
    const end = dy + depth;
    do {
      const d = v128.load32_splat(dy);
      a0 = madd(a0, d, v128.load(w));
      a1 = madd(a1, d, v128.load(w, 16));
      a2 = madd(a2, d, v128.load(w, 32));
      a3 = madd(a3, d, v128.load(w, 48));
      a4 = madd(a4, d, v128.load(w, 64));
      a5 = madd(a5, d, v128.load(w, 80));
      a6 = madd(a6, d, v128.load(w, 96));
      a7 = madd(a7, d, v128.load(w, 112));
      dy += 4;
      w += 128;
    } while (dy < end);
    place += 8;
  }
  v128.store(scratch, a0); v128.store(scratch, a1, 16); v128.store(scratch, a2, 32); v128.store(scratch, a3, 48);
  v128.store(scratch, a4, 64); v128.store(scratch, a5, 80); v128.store(scratch, a6, 96); v128.store(scratch, a7, 112);
}

/** to += from, for `count` numbers. */
function addNumbers(to: usize, from: usize, count: i32): void {
  const end = to + (<usize>count << 2);
  while (to + 16 <= end) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    to += 16;
    from += 16;
  }
  while (to < end) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    to += 4;
    from += 4;
  }
}
