/**
 * Looks for places of the functions in which the kernels compress better, and writes them into places.txt:
 *
 *      npx tsx assembly/search.ts [seconds]
 *
 * Deflate sees 32 KB at a time, half of the kernels' text, and what a function has in common with those before it is not written
 * again. Simulated annealing moves some functions elsewhere, or lays the variables of one in another order. Places that
 * were found for other kernels are still good ones, so this is for the end of larger changes. (The kernels of 2026-11-28:
 * 0.5 kB less than with each function behind those that contain most of it.)
 */
import { deflateRawSync } from "node:zlib";
import { makeDelta } from "../src/kernels/wasm/delta.ts";
import { textOf } from "../src/kernels/wasm/text.ts";
import { Random } from "../src/random.ts";
import { bodiesOf, functionsOf, type Place, readPlaces, rearrange, writePlaces } from "./arrange.ts";
import { compile } from "./compile.ts";

const USES = [0, 1, 2, 3, 4, 5, 6, 7, -1, -2, -3, -4, -5, -6, -7, -8];
/** Bytes that a worse arrangement may have more, in the beginning; that it falls to nothing is what annealing is. */
const WARMTH = 3;
const LONGEST = 12;

const seconds = Number(process.argv[2] ?? 240);
if (!(seconds > 0)) throw new Error(`search.ts: seconds is ${process.argv[2]}; give a number above 0`);
const [plain, relaxed] = [await compile("simd"), await compile("relaxed")];
const known = new Map(readPlaces().map((place) => [place.name, place]));
const names = [...functionsOf(plain).keys()];
const places = [...known.values()].filter(({ name }) => names.includes(name));
for (const name of names) if (!known.has(name)) places.push({ name, use: 0 });

/** For each use, by name: what a function adds to both binaries. */
const versions = new Map(
  USES.map((use) => {
    const all = places.map(({ name }) => ({ name, use }));
    const bodies = bodiesOf(rearrange(plain, all));
    const other = bodiesOf(rearrange(relaxed, all));
    return [use, new Map(all.map(({ name }, k) => [name, { body: bodies[k], delta: makeDelta(bodies[k], other[k]) }]))];
  }),
);

let [current, size] = [places, sizeOf(places)];
let [best, least] = [current, size];
console.log(`${least} bytes`);
const random = new Random(Date.now() & 0xffff);
const start = performance.now();
for (let share = 0; share < 1; share = (performance.now() - start) / 1000 / seconds) {
  const next = changed(current);
  const nextSize = sizeOf(next);
  if (nextSize <= size || random.uniform() < Math.exp((size - nextSize) / (WARMTH * (1 - share)))) {
    [current, size] = [next, nextSize];
    if (size < least) [best, least] = [current, size];
  }
}
writePlaces(best);
console.log(`${least} bytes after ${seconds} s`);

function sizeOf(arrangement: readonly Place[]): number {
  const parts = arrangement.map(({ name, use }) => versions.get(use)!.get(name)!);
  const texts = [parts.map(({ body }) => body), parts.map(({ delta }) => delta)].map((all) =>
    textOf(Buffer.concat(all)),
  );
  return deflateRawSync(texts.join(""), { level: 9 }).length;
}

function changed(from: readonly Place[]): Place[] {
  const next = [...from];
  const at = random.below(next.length);
  if (random.below(4) === 0) {
    next[at] = { name: next[at].name, use: USES[random.below(USES.length)] };
    return next;
  }
  const moved = next.splice(at, 1 + (random.below(2) === 0 ? 0 : random.below(LONGEST)));
  next.splice(random.below(next.length + 1), 0, ...moved);
  return next;
}
