/** A tensor of a step as the plan sees it: how large, and in which moments of the step it is needed. */
export interface Lifetime {
  readonly size: number;
  /** The first moment, and the last one (both included). */
  readonly birth: number;
  readonly death: number;
}

export interface MemoryPlan {
  /** Where each tensor begins, in elements from the start of the arena. */
  readonly offsets: readonly number[];
  /** Elements of the arena. */
  readonly size: number;
}

/** Elements between two possible offsets: 64 bytes of float32, a cache line and a whole number of vectors. */
const ALIGNMENT = 16;

/**
 * Places tensors in one arena so that those that live at the same time do not overlap.
 *
 * Greedy best fit, largest first (Pisarchyk & Lee, "Efficient memory management for deep neural net inference", 2020):
 * each tensor goes into the smallest gap that is left between those placed before it that live when it does, or behind
 * them.
 *
 * ```ts
 * planMemory([{ size: 16, birth: 0, death: 1 }, { size: 16, birth: 1, death: 2 }, { size: 16, birth: 2, death: 3 }]);
 * // { offsets: [0, 16, 0], size: 32 }: the third begins when the first has ended
 * ```
 */
export function planMemory(lifetimes: readonly Lifetime[]): MemoryPlan {
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const order = lifetimes.map((_, index) => index).sort((a, b) => lifetimes[b].size - lifetimes[a].size || a - b);
  const placed: number[] = [];
  let size = 0;
  for (const index of order) {
    const own = lifetimes[index];
    const neighbours = placed
      .filter((other) => lifetimes[other].birth <= own.death && own.birth <= lifetimes[other].death)
      .map((other) => ({ begin: offsets[other], end: offsets[other] + lifetimes[other].size }))
      .sort((a, b) => a.begin - b.begin);
    offsets[index] = bestGap(neighbours, own.size);
    placed.push(index);
    size = Math.max(size, offsets[index] + own.size);
  }
  return { offsets, size };
}

/** The start of the smallest gap of at least `size` between blocks in the order of their starts, or their end. */
function bestGap(blocks: readonly { begin: number; end: number }[], size: number): number {
  let best: number | undefined;
  let smallest = Infinity;
  let free = 0;
  for (const { begin, end } of blocks) {
    const gap = begin - free;
    if (gap >= size && gap < smallest) {
      best = free;
      smallest = gap;
    }
    free = Math.max(free, Math.ceil(end / ALIGNMENT) * ALIGNMENT);
  }
  return best ?? free;
}
