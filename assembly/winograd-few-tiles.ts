/**
 * Winograd's way, see winograd.ts, where there are few tiles and many filters: the last layers of a network with
 * one image.
 *
 * There the transformed weights are most of the memory, four times the kernel, and each is used for a few tiles only. So
 * the roles are exchanged: the tiles are transformed once for all, and a unit of work transforms the weights of its filters,
 * 8 at a time, for some channels, uses them for all tiles while they are in the second-level cache, and forgets them:
 *
 *    for 8 filters:  kernel ──G g Gᵀ──▶ 36 planes [channels][8] ──┐
 *                      36 planes [tiles][channels], shared ───────┴─·──▶ 36 planes [tiles][8] ──Aᵀ m A──▶ the outputs
 *
 * Every sum has the order that it has in winograd.ts, so the bits are the same.
 */
import { products } from "./product";
import { finishTile } from "./winograd-outputs";
import { LINES, Winograd, planeBytes, transformTiles } from "./winograd-tiles";
import { WinogradWeights, transformFilters } from "./winograd-weights";

/** `blockTiles` are all tiles, filled up to a multiple of 4. */
@unmanaged
class FewTiles extends Winograd {
  /** The transformed tiles as 36 planes [tiles][channels]. */
  planes: usize;
  /** Channels whose weights are transformed together. */
  chunk: i32;
  /** A multiple of 8: lines of the cache are read whole, and pages of a large kernel not for every 8 filters anew. */
  unitFilters: i32;
  /** The first word of a `WinogradWeights`, which says how the kernel lies. */
  layout: i32;
}

/** Bᵀ d B. Units: tiles. */
export function winogradTiles(record: usize, begin: i32, end: i32, scratch: usize): void {
  const w = changetype<FewTiles>(record);
  transformTiles(w, begin, end - begin, w.planes + (<usize>(begin * w.channels) << 2), scratch);
}

/** All tiles of some filters. Units: `unitFilters` filters. */
export function winogradFilters(record: usize, begin: i32, end: i32, scratch: usize): void {
  const w = changetype<FewTiles>(record);
  const layout = changetype<WinogradWeights>(record + offsetof<FewTiles>("layout"));
  const weightsStep = planeBytes(w.chunk, 8);
  const sumsStep = planeBytes(w.blockTiles, 8);
  const tilesStep = planeBytes(w.blockTiles, w.channels);
  const weights = scratch + LINES;
  const firstSums = weights + 36 * weightsStep;
  const row = <usize>w.channels << 2;
  for (let unit = begin; unit < end; unit++) {
    const first = unit * w.unitFilters;
    const last = min(first + w.unitFilters, w.filters);
    for (let c = 0; c < w.channels; c += w.chunk) {
      const endChannel = min(c + w.chunk, w.channels);
      const length = <usize>(endChannel - c) << 2;
      let sums = firstSums;
      for (let f = first; f < last; f += 8) {
        transformFilters(layout, f, c, endChannel, weights, weightsStep, scratch);
        for (let place: usize = 0; place < 36; place++) {
          const x = w.planes + place * tilesStep + (<usize>c << 2);
          products(x, row, length, w.blockTiles, weights + place * weightsStep, sums, 32, c > 0);
          sums += sumsStep;
        }
      }
    }
    let sums = firstSums;
    for (let f = first; f < last; f += 8) {
      for (let t = 0; t < w.tiles; t++) finishTile(w, t, sums + (<usize>t << 5), sumsStep, f, 8, scratch);
      sums += 36 * sumsStep;
    }
  }
}
