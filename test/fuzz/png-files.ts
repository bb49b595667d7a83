/** PNG files chunk by chunk, with right check sums, so that fuzzing gets behind them. */
import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import { joined } from "./target.ts";

type Chunk = readonly [type: string, data: Uint8Array];

const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Mostly small; otherwise what a decoder may want to make room for. */
const sides = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 2 ** 13, 2 ** 20, 2 ** 31, 2 ** 32 - 1) },
);

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly kind: number;
  readonly methods: readonly number[];
}

const DEPTHS = Object.entries({ 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] });
const formats = DEPTHS.flatMap(([kind, depths]) => depths.map((depth) => [depth, Number(kind)]));

const headers: fc.Arbitrary<Header> = fc
  .record({
    width: sides,
    height: sides,
    format: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...formats) },
      { weight: 1, arbitrary: fc.tuple(fc.nat(255), fc.nat(7)) },
    ),
    methods: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom([0, 0, 0], [0, 0, 0], [0, 0, 1]) },
      { weight: 1, arbitrary: fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }) },
    ),
  })
  .map(({ format: [depth, kind], ...rest }) => ({ ...rest, depth, kind }));

/** Other chunks: those that decoders look into, and one that they skip. */
const others: fc.Arbitrary<Chunk> = fc.tuple(
  fc.constantFrom("PLTE", "PLTE", "tRNS", "tRNS", "iCCP", "tEXt", "pHYs", "IDAT", "abcd"),
  fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.constantFrom(3, 6, 9, 12).map((length) => new Uint8Array(length).fill(77)),
  ),
);

export const pngs: fc.Arbitrary<Uint8Array> = fc
  .record({
    header: headers,
    second: fc.oneof({ weight: 20, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: headers }),
    others: fc.array(others, { maxLength: 2, size: "small" }),
    /** How many bytes more or fewer the rows have than they should, and what is in them. */
    surplus: fc.oneof(
      { weight: 6, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -9, max: 9 }) },
    ),
    fill: fc.uint8Array({ minLength: 1, maxLength: 5 }),
    end: fc.constantFrom(true, true, true, false),
  })
  .map(({ header, second, others, surplus, fill, end }) => {
    const chunks: Chunk[] = [
      ["IHDR", headerBytes(header)],
      ...others,
      ["IDAT", deflateSync(rows(header, surplus, fill))],
    ];
    if (second) chunks.splice(1, 0, ["IHDR", headerBytes(second)]);
    if (end) chunks.push(["IEND", new Uint8Array(0)]);
    return joined([137, 80, 78, 71, 13, 10, 26, 10], ...chunks.map(encoded));
  });

function headerBytes({ width, height, depth, kind, methods }: Header): Uint8Array {
  return joined(number(width), number(height), [depth, kind, ...methods]);
}

/** Each begins with the number of its filter, one of five and rarely another. */
function rows({ width, height, depth, kind }: Header, surplus: number, fill: Uint8Array): Uint8Array {
  const rowBytes = 1 + Math.ceil((width * depth * (CHANNELS[kind] ?? 1)) / 8);
  const size = Math.max(0, Math.min(height * rowBytes + surplus, 2000));
  const filter = fill[0] % 32;
  return Uint8Array.from({ length: size }, (_, k) => {
    const value = fill[k % fill.length];
    return k % rowBytes > 0 ? value : filter === 5 ? value : (filter + k) % 5;
  });
}

function encoded([type, data]: Chunk): Uint8Array {
  const body = joined(new TextEncoder().encode(type), data);
  return joined(number(data.length), body, number(crc32(body)));
}

function number(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
