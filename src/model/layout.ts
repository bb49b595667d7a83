/** Where a drawing of a graph has its boxes and lines. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** One for each node. */
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

/** By its middle. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** From the bottom of a box down to the top of another; through each row between them it goes straight down. */
export interface Line {
  readonly from: number;
  readonly to: number;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A place in a row: a node, or where a line passes through. */
interface Slot {
  readonly node: number | undefined;
  readonly row: number;
  readonly width: number;
  readonly above: Slot[];
  readonly below: Slot[];
  x: number;
}

const GAP = 24;
const ROW_GAP = 40;
const PASSAGE = 8;
const SWEEPS = 8;

/**
 * Places the nodes of a directed acyclic graph in rows, so that every line goes down and none crosses a box.
 *
 * Sugiyama, Tagawa & Toda 1981: rows by the longest path, a slot in each row that a line passes; the slots of a row in the
 * order of the mean of their neighbours', sweeping down and up; then as close to that mean as their widths allow.
 *
 * @param sources for each node the nodes it comes from, all of them before it
 */
export function layOut(sources: readonly (readonly number[])[], size: { width: number; height: number }): Layout {
  const rows = slotsOf(sources, size.width);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) {
      // Not only the order: neighbours of the next row are to be near.
      const wanted = row.map((slot) => mean(down ? slot.above : slot.below) ?? slot.x);
      spread(row, wanted);
    }
  }
  return drawn(rows, sources, size);
}

function slotsOf(sources: readonly (readonly number[])[], width: number): Slot[][] {
  const depth = sources.map(() => 0);
  sources.forEach((from, node) => {
    depth[node] = from.reduce((most, source) => Math.max(most, depth[source] + 1), 0);
  });
  // What has nothing above it stands as low as it can: an input beside the layers that it goes through.
  sources.forEach((from, node) => {
    const users = sources.flatMap((others, user) => (others.includes(node) ? depth[user] : []));
    if (from.length === 0 && users.length > 0) depth[node] = Math.min(...users) - 1;
  });
  const rows: Slot[][] = Array.from({ length: Math.max(0, ...depth) + 1 }, () => []);
  const slot = (node: number | undefined, row: number, width: number): Slot => {
    const made = { node, row, width, above: [], below: [], x: 0 };
    rows[row].push(made);
    return made;
  };
  const nodes = depth.map((row, node) => slot(node, row, width));
  sources.forEach((from, node) => {
    for (const source of from) {
      let last = nodes[source];
      for (let row = depth[source] + 1; row < depth[node]; row++) last = join(last, slot(undefined, row, PASSAGE));
      join(last, nodes[node]);
    }
  });
  for (const row of rows) spread(row, row.map((_, place) => place)); // biome-ignore format: short
  return rows;
}

function join(above: Slot, below: Slot): Slot {
  above.below.push(below);
  below.above.push(above);
  return below;
}

function mean(slots: readonly Slot[]): number | undefined {
  return slots.length === 0 ? undefined : slots.reduce((sum, { x }) => sum + x, 0) / slots.length;
}

/** Puts the slots of a row next to each other, in the order of where they want to be and around the same middle. */
function spread(row: Slot[], wanted: readonly number[]): void {
  const order = row.map((slot, place) => ({ slot, want: wanted[place], place }));
  order.sort((a, b) => a.want - b.want || a.place - b.place);
  let right = -Infinity;
  for (const { slot, want } of order) {
    slot.x = Math.max(want, right + slot.width / 2);
    right = slot.x + slot.width / 2 + GAP;
  }
  const drift = order.reduce((sum, { slot, want }) => sum + slot.x - want, 0) / row.length;
  for (const { slot } of order) slot.x -= drift;
  row.splice(0, row.length, ...order.map(({ slot }) => slot));
}

function drawn(
  rows: readonly Slot[][],
  sources: readonly (readonly number[])[],
  size: { width: number; height: number },
) {
  const left = Math.min(...rows.flat().map(({ x, width }) => x - width / 2)) - GAP;
  const right = Math.max(...rows.flat().map(({ x, width }) => x + width / 2)) + GAP;
  const xOf = ({ x }: Slot) => Math.round(x - left);
  const yOf = (row: number) => GAP + size.height / 2 + row * (size.height + ROW_GAP);
  const boxes = new Array<Box>(sources.length);
  const lines: Line[] = [];
  for (const slot of rows.flat()) {
    if (slot.node === undefined) continue;
    boxes[slot.node] = { x: xOf(slot), y: yOf(slot.row), ...size };
    for (let next of slot.below) {
      const points: [number, number][] = [[xOf(slot), yOf(slot.row) + size.height / 2]];
      for (; next.node === undefined; next = next.below[0]) {
        for (const side of [-1, 1]) points.push([xOf(next), yOf(next.row) + (side * size.height) / 2]);
      }
      points.push([xOf(next), yOf(next.row) - size.height / 2]);
      lines.push({ from: slot.node, to: next.node, points });
    }
  }
  const height = yOf(rows.length - 1) + size.height / 2 + GAP;
  return { width: Math.ceil(right - left), height, boxes, lines };
}
