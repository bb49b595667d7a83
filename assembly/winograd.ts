/**
 * Convolution with stride 1 by Winograd's minimal filtering, 3 × 3 kernels by F(4×4, 3×3), 5 × 5 kernels by F(2×2, 5×5)
 *                                                                                            Lavin & Gray 2015, §4.3
 *   Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A        d: 6×6 of the image   g: the kernel   Y: 4×4 or 2×2 of the output
 *
 * 16 outputs cost 36 multiplications instead of 144, or 4 outputs 36 instead of 100. Summed over channels, each of the 36
 * places is a matrix product of its own, so a block of tiles goes through three stages that stay in the second-level cache:
 *
 *    image ──Bᵀ d B──▶ 36 planes [tiles][channels] ──· U──▶ 36 planes [tiles][filters] ──Aᵀ m A──▶ the outputs
 *
 * U = G g Gᵀ is made before, in winograd-weights.ts. Both forms multiply two polynomials at the points 0, ±1, ±2 and ∞: the
 * degree of the one, the kernel, may grow while that of the other shrinks. So Bᵀ is the same, and the two rows of the other
 * Aᵀ are the first and, with 2 instead of 8, the last of this one.
 *
 * The price: sums are formed with factors up to 8 and 1/24, so the error is some ten times that of the direct sum (a
 * bound is derived in the tests). The planes are a cache line further apart than their size, because stores whose
 * addresses differ by a multiple of 4096 bytes would all fall into the same few lines of the first-level cache.
 */
import { products } from "./product";
import { finishTile } from "./winograd-outputs";
import { APART, LINES, Winograd, planeBytes, transformTiles } from "./winograd-tiles";

/** Units: blocks of tiles. */
export function winograd(record: usize, begin: i32, end: i32, scratch: usize): void {
  const w = changetype<Winograd>(record);
  const from = scratch + LINES;
  const to = from + 36 * planeBytes(w.blockTiles, w.channels);
  for (let unit = begin; unit < end; unit++) {
    const first = unit * w.blockTiles;
    const tiles = min(w.blockTiles, w.tiles - first);
    transformTiles(w, first, tiles, from, scratch);
    multiply(w, (tiles + 3) & ~3, from, to);
    const step = planeBytes(w.blockTiles, w.filters);
    for (let t = 0; t < tiles; t++) {
      finishTile(w, first + t, to + (<usize>(t * w.filters) << 2), step, 0, w.filters, scratch);
    }
  }
}

/** The 36 matrix products [tiles][channels] · [channels][filters], in tiles of 4 × 8 as in convolution.ts. */
function multiply(w: Winograd, tiles: i32, from: usize, to: usize): void {
  const C = w.channels;
  const F = w.filters;
  const fromStep = planeBytes(w.blockTiles, C);
  const toStep = planeBytes(w.blockTiles, F);
  const row = <usize>C << 2;
  const toRow = <usize>F << 2;
  let weights = w.weights;
  for (let place = 0; place < 36; place++) {
    for (let f = 0; f < F; f += 8) {
      products(from, row, row, tiles, weights, to + (<usize>f << 2), toRow, false);
      weights += <usize>C << 5;
    }
    weights += APART;
    from += fromStep;
    to += toStep;
  }
}
