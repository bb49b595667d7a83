/**
 * The gradient of a kernel by the transpose of Winograd's F(4×4, 3×3) or F(2×2, 5×5), see winograd.ts:
 *
 *   y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A     ⇒     ∂L/∂g = Gᵀ [ Σ over tiles (A dy Aᵀ) ⊙ (Bᵀ d B) ] G
 *
 * Each of the 36 places sums, over all tiles, an outer product [channels] × [filters]; Gᵀ · G is applied once, at the
 * end, when the slices of the batch are added in their order.
 */
import { outerProducts } from "./outer-product";
import { clearNumbers, madd } from "./vectors";
import { LINES, Winograd, planeBytes, transformGradients, transformTiles } from "./winograd-tiles";

/** The forward pass' record (source: x; destination: the slices' sums [36][channels][filters]), and more. */
@unmanaged
class WinogradGradient extends Winograd {
  dy: usize;
  slices: i32;
}

/** Units: slices of the blocks of tiles. */
export function winogradGradient(record: usize, begin: i32, end: i32, scratch: usize): void {
  const w = changetype<WinogradGradient>(record);
  const size = 36 * w.channels * w.filters;
  const blocks = (w.tiles + w.blockTiles - 1) / w.blockTiles;
  const from = scratch + LINES;
  const gradients = from + 36 * planeBytes(w.blockTiles, w.channels);
  for (let slice = begin; slice < end; slice++) {
    const sums = w.destination + (<usize>slice * size << 2);
    const endBlock = (blocks * (slice + 1)) / w.slices;
    clearNumbers(sums, size);
    for (let block = (blocks * slice) / w.slices; block < endBlock; block++) {
      const first = block * w.blockTiles;
      const tiles = min(w.blockTiles, w.tiles - first);
      transformTiles(w, first, tiles, from, scratch);
      transformGradients(w, w.dy, first, tiles, gradients, scratch);
      addProducts(w, tiles, from, gradients, sums);
    }
  }
}

/** sums[place][c][f] += Σ over tiles x[place][tile][c] · gradients[place][tile][f]. */
function addProducts(w: Winograd, tiles: i32, x: usize, gradients: usize, sums: usize): void {
  const C = w.channels;
  const F = w.filters;
  const xStep = planeBytes(w.blockTiles, C);
  const gStep = planeBytes(w.blockTiles, F);
  const xRow = <usize>C << 2, gRow = <usize>F << 2;
  for (let place = 0; place < 36; place++) {
    for (let f = 0; f < F; f += 8) {
      const to = sums + (<usize>f << 2);
      outerProducts(x, xRow, C, gradients + (<usize>f << 2), gRow, tiles, to, gRow, 8, 0, false);
    }
    x += xStep;
    gradients += gStep;
    sums += <usize>(C * F) << 2;
  }
}

@unmanaged
class WinogradSum {
  destination: usize;
  source: usize;
  channels: i32;
  filters: i32;
  slices: i32;
  /** Rows and columns of the kernel: 3 or 5. */
  size: i32;
}

/** dw[p,q,c,f] = Gᵀ (Σ over slices) G. Units: channels. */
export function winogradGradientSum(record: usize, begin: i32, end: i32, scratch: usize): void {
  const w = changetype<WinogradSum>(record);
  const plane = <usize>(w.channels * w.filters) << 2;
  const size = w.size;
  for (let c = begin; c < end; c++) {
    for (let f = 0; f < w.filters; f += 4) {
      const place = <usize>(c * w.filters + f) << 2;
      for (let k: usize = 0; k < 36; k++) {
        let from = w.source + k * plane + place;
        let sum = v128.load(from);
        for (let slice = 1; slice < w.slices; slice++) {
          from += 36 * plane;
          sum = f32x4.add(sum, v128.load(from));
        }
        v128.store(scratch + (k << 4), sum);
      }
      for (let j: usize = 0; j < 6; j++) weightLine(scratch + (j << 4), 96, size, scratch + 576 + (j << 4), 96);
      for (let p = 0; p < size; p++) {
        weightLine(scratch + 576 + 96 * p, 16, size, w.destination + <usize>(size * p) * plane + place, plane);
      }
    }
  }
}

/**
 * Gᵀ of six vectors:  1/4 −1/6 −1/6 1/24 1/24 0 | 0 −1/6 1/6 1/12 −1/12 0 | 0 −1/6 −1/6 1/6 1/6 1,
 * where a kernel of five has two rows more:       0 −1/6 1/6 1/3 −1/3 0 | 0 −1/6 −1/6 2/3 2/3 1  and not the 1 above.
 */
// @ts-ignore: decorator
@inline
function weightLine(from: usize, step: usize, size: i32, to: usize, toStep: usize): void {
  const u0 = v128.load(from);
  const u1 = v128.load(from + step);
  const u2 = v128.load(from + 2 * step);
  const u3 = v128.load(from + 3 * step);
  const u4 = v128.load(from + 4 * step);
  const u5 = v128.load(from + 5 * step);
  const sixth = f32x4.splat(1.0 / 6.0);
  const sum1 = f32x4.mul(f32x4.add(u1, u2), sixth);
  const sum2 = f32x4.mul(f32x4.add(u3, u4), sixth);
  const difference1 = f32x4.mul(f32x4.sub(u2, u1), sixth);
  const difference2 = f32x4.mul(f32x4.sub(u3, u4), f32x4.splat(1.0 / 12.0));
  const quarter = f32x4.splat(0.25);
  v128.store(to, f32x4.sub(f32x4.mul(quarter, f32x4.add(u0, sum2)), sum1));
  v128.store(to + toStep, f32x4.add(difference1, difference2));
  let middle = f32x4.sub(sum2, sum1);
  if (size == 3) {
    middle = f32x4.add(middle, u5);
  } else {
    const four = f32x4.splat(4);
    v128.store(to + 3 * toStep, madd(difference1, difference2, four));
    v128.store(to + 4 * toStep, f32x4.add(madd(f32x4.neg(sum1), sum2, four), u5));
  }
  v128.store(to + 2 * toStep, middle);
}
