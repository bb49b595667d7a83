/**
 * The relaxed build has one instruction where the plain one has a multiplication and an addition, and taller tiles. The
 * package holds it as a delta from the plain build with the two fused: pairs of "these bytes, then so many of the base from
 * there on". assembly/build.ts makes it.
 *
 *   number of bytes in all
 *   number of literal bytes, the bytes, distance from the end of the last copy (zigzag), number of copied bytes, …
 *
 * Numbers are seven bits a byte, the lowest first; the eighth bit says that more follow.
 */
export function applyDelta(plain: Uint8Array, delta: Uint8Array): Uint8Array<ArrayBuffer> {
  const base = fused(plain);
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = delta[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  // Nothing is compiled yet where this runs: bytes are moved by the run, not one by one.
  const result = new Uint8Array(number());
  let size = 0;
  let from = 0;
  const take = (bytes: Uint8Array, start: number, count: number) => {
    result.set(bytes.subarray(start, start + count), size);
    size += count;
    return start + count;
  };
  while (at < delta.length) {
    const literals = number();
    at = take(delta, at, literals);
    if (at === delta.length) break;
    const distance = number();
    from += distance & 1 ? -((distance + 1) >> 1) : distance >> 1;
    from = take(base, from, number());
  }
  return result;
}

/** `f32x4.mul, local.get n, f32x4.add`, as it is everywhere in the plain build, as `local.get n, f32x4.relaxed_madd`. */
function fused(plain: Uint8Array): Uint8Array {
  const result = new Uint8Array(plain.length);
  let size = 0;
  for (let at = 0; at < plain.length; ) {
    const end = plain[at + 4] < 128 ? at + 5 : at + 6;
    if (isAt(plain, at, MULTIPLY_GET) && isAt(plain, end, ADD)) {
      result.set(plain.subarray(at + 3, end), size);
      result.set(FUSED, size + end - at - 3);
      size += end - at;
      at = end + 3;
    } else {
      result[size++] = plain[at++];
    }
  }
  return result.subarray(0, size);
}

/** Instructions of WebAssembly as bytes. */
const [MULTIPLY_GET, ADD, FUSED] = [
  [0xfd, 0xe6, 0x01, 0x20],
  [0xfd, 0xe4, 0x01],
  [0xfd, 0x85, 0x02],
];

function isAt(bytes: Uint8Array, at: number, some: readonly number[]): boolean {
  for (let index = 0; index < some.length; index++) {
    if (bytes[at + index] !== some[index]) return false;
  }
  return true;
}

/** A short delta that makes `target` from `plain`. */
export function makeDelta(plain: Uint8Array, target: Uint8Array): Uint8Array<ArrayBuffer> {
  const base = fused(plain);
  const result: number[] = [];
  const put = (value: number) => {
    for (; value > 127; value >>>= 7) result.push((value & 127) | 128);
    result.push(value);
  };
  const key = (bytes: Uint8Array, at: number) => bytes.subarray(at, at + SHORTEST).join();
  const places = new Map<string, number[]>();
  for (let at = 0; at + SHORTEST <= base.length; at++)
    places.set(key(base, at), [...(places.get(key(base, at)) ?? []), at]);
  put(target.length);
  let literals: number[] = [];
  let expected = 0;
  for (let at = 0; at < target.length; ) {
    const copy = longest(base, target, at, expected, places.get(key(target, at)) ?? []);
    if (copy.worth < SHORTEST) {
      literals.push(target[at++]);
      continue;
    }
    const distance = copy.from - expected;
    put(literals.length);
    for (const byte of literals) result.push(byte);
    put(distance < 0 ? -2 * distance - 1 : 2 * distance);
    put(copy.length);
    literals = [];
    at += copy.length;
    expected = copy.from + copy.length;
  }
  put(literals.length);
  for (const byte of literals) result.push(byte);
  return Uint8Array.from(result);
}

/**
 * A copy of fewer bytes is, gzipped, no shorter than the bytes. From far away it takes more of them, because the distance
 * is a number that is like no other: what it is worth is counted without these. (0.25 kB of the package.)
 */
const SHORTEST = 5;
const FAR = 64;
const FAR_BYTES = 8;

/** The run of `base` that `target` goes on with and that is worth most; of equal ones the nearest to the last copy's end. */
function longest(base: Uint8Array, target: Uint8Array, at: number, expected: number, places: readonly number[]) {
  let best = { from: 0, length: 0, worth: 0 };
  for (const from of [...places].sort((a, b) => Math.abs(a - expected) - Math.abs(b - expected)).slice(0, 64)) {
    let length = 0;
    while (at + length < target.length && target[at + length] === base[from + length]) length++;
    const worth = length - (Math.abs(from - expected) < FAR ? 0 : FAR_BYTES);
    if (worth > best.worth) best = { from, length, worth };
  }
  return best;
}
