import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import { readPng } from "../../src/data/png.ts";
import {
  assertClose,
  assertRefused,
  assertTruncationsRefused,
  changes,
  mutated,
  resultOrRefusal,
} from "../formats/support.ts";

interface Drawing {
  width: number;
  height: number;
  depth: number;
  kind: number;
  samples: number[];
  chunks?: Record<string, number[]>;
}

/** The simplest PNG of the drawing: no filter, each row padded to whole bytes, samples with the first in the high bits. */
function writePng({ width, height, depth, kind, samples, chunks = {} }: Drawing, interlaced = 0): Uint8Array {
  const perRow = samples.length / height;
  const rows = Array.from({ length: height }, (_, row) => {
    const bits = samples
      .slice(row * perRow, (row + 1) * perRow)
      .map((sample) => sample.toString(2).padStart(depth, "0"));
    return [0, ...(bits.join("").match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2))];
  });
  const number = (value: number) => [value >>> 24, value >>> 16, value >>> 8, value].map((byte) => byte & 255);
  const chunk = (type: string, data: ArrayLike<number>) => {
    const body = Buffer.from([...Buffer.from(type), ...Array.from(data)]);
    return [...number(data.length), ...body, ...number(crc32(body))];
  };
  return Uint8Array.from([
    ...[137, 80, 78, 71, 13, 10, 26, 10],
    ...chunk("IHDR", [...number(width), ...number(height), depth, kind, 0, 0, interlaced]),
    ...Object.entries(chunks).flatMap(([type, data]) => chunk(type, data)),
    ...chunk("IDAT", deflateSync(Uint8Array.from(rows.flat()))),
    ...chunk("IEND", []),
  ]);
}

const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const sides = fc.integer({ min: 1, max: 10 });

/** Drawings of the given colour types: every depth that these may have, samples anything. */
function drawings(kinds: number[], depths: number[]): fc.Arbitrary<Drawing> {
  return fc
    .record({
      width: sides,
      height: sides,
      depth: fc.constantFrom(...depths),
      kind: fc.constantFrom(...kinds),
      seed: fc.nat(),
    })
    .map(({ seed, ...rest }) => {
      const length = rest.width * rest.height * CHANNELS[rest.kind];
      const samples = Array.from({ length }, (_, k) => Math.imul(seed + k, 0x9e3779b1) >>> (32 - rest.depth));
      return { ...rest, samples };
    });
}
const gray = drawings([0], [1, 2, 4, 8, 16]);
const opaque = fc.oneof(gray, drawings([2], [8, 16]));
const withAlpha = drawings([4, 6], [8, 16]);

test("what is drawn is what is read: gray and colour of every depth, divided by the largest sample", () => {
  fc.assert(
    fc.property(opaque, (drawing) => {
      const image = readPng(writePng(drawing), "d.png");
      assert.deepEqual(image.shape, [1, drawing.height, drawing.width, CHANNELS[drawing.kind]]);
      assert.deepEqual(
        image.data,
        Float32Array.from(drawing.samples, (sample) => sample / (2 ** drawing.depth - 1)),
      );
    }),
  );
});

test("alpha lays the drawing over white", () => {
  fc.assert(
    fc.property(withAlpha, (drawing) => {
      const most = 2 ** drawing.depth - 1;
      const channels = CHANNELS[drawing.kind];
      const expected = drawing.samples.flatMap((sample, k) => {
        if (k % channels === channels - 1) return [];
        const alpha = drawing.samples[k - (k % channels) + channels - 1] / most;
        return [(sample / most) * alpha + 1 - alpha];
      });
      const image = readPng(writePng(drawing), "d.png");
      assert.equal(image.shape[3], channels - 1);
      assertClose(image, expected);
    }),
  );
});

test("a palette gives the colours its numbers stand for, with their transparency over white", () => {
  const palette = [255, 0, 0, 0, 255, 0, 0, 0, 255];
  for (const depth of [2, 4, 8]) {
    const drawing = { width: 3, height: 2, depth, kind: 3, samples: [0, 1, 2, 2, 1, 0] };
    const [r, g, b] = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    const image = readPng(writePng({ ...drawing, chunks: { PLTE: palette } }), "p.png");
    assert.deepEqual([...image.data], [r, g, b, b, g, r].flat());
    const half = readPng(writePng({ ...drawing, chunks: { PLTE: palette, tRNS: [0, 51] } }), "p.png");
    const [clear, faint] = [
      [1, 1, 1],
      [0.8, 1, 0.8],
    ];
    assertClose(half, [clear, faint, b, b, faint, clear].flat());
  }
});

test("a colour beyond the palette is refused by name", () => {
  const drawing = { width: 1, height: 1, depth: 8, kind: 3, samples: [3], chunks: { PLTE: [0, 0, 0] } };
  assertRefused(() => readPng(writePng(drawing), "p.png"), "p.png", /colour number is 3; the palette has 1/);
});

test("a palette that only suggests colours, in a colour image, is not used", () => {
  const drawing = { width: 1, height: 1, depth: 8, kind: 2, samples: [255, 0, 0], chunks: { PLTE: [0, 0, 0] } };
  assert.deepEqual([...readPng(writePng(drawing), "p.png").data], [1, 0, 0]);
});

test("the one colour named as transparent becomes white", () => {
  const grays = { width: 3, height: 1, depth: 4, kind: 0, samples: [0, 5, 15], chunks: { tRNS: [0, 0] } };
  assertClose(readPng(writePng(grays), "t.png"), [1, 1 / 3, 1]);
  // Three pixels, because the decoder takes three numbers for more colours than an image of two can have.
  const samples = [1, 2, 3, 1, 2, 4, 9, 2, 3];
  const colours = { width: 3, height: 1, depth: 8, kind: 2, samples, chunks: { tRNS: [0, 1, 0, 2, 0, 3] } };
  assertClose(
    readPng(writePng(colours), "t.png"),
    [255, 255, 255, 1, 2, 4, 9, 2, 3].map((value) => value / 255),
  );
});

test("files the decoder would misread or choke on are refused by name", () => {
  const pixel = { width: 1, height: 1, depth: 8, kind: 0, samples: [7] };
  const refused: [Uint8Array, RegExp][] = [
    [writePng({ ...pixel, width: 0 }), /width × height is \[0, 1\]/],
    [writePng({ ...pixel, width: 2 ** 31 - 1, height: 2 ** 20 }), /width × height/],
    [writePng({ ...pixel, depth: 4, kind: 2 }), /bit depth is 4; colour type 2/],
    [writePng({ ...pixel, depth: 1, samples: [1] }, 1), /save it without/],
    [Uint8Array.from({ length: 64 }), /a PNG has 137/],
    [new Uint8Array(0), /cut short/],
  ];
  for (const [bytes, mention] of refused) assertRefused(() => readPng(bytes, "x.png"), "x.png", mention);
});

test("a second header, which would change the size behind the checks, is refused by name", () => {
  const [one, two] = [1, 4].map((side) =>
    writePng({ width: side, height: side, depth: 8, kind: 0, samples: new Array(side * side).fill(7) }),
  );
  const HEADER_END = 33;
  const both = Uint8Array.of(...one.subarray(0, HEADER_END), ...two.subarray(8));
  assertRefused(() => readPng(both, "two.png"), "two.png", /number of IHDR chunks is 2; a PNG has one/);
});

test("a header that promises more pixels than the file can hold is refused before room is made for them", () => {
  const pixel = { width: 1, height: 1, depth: 8, kind: 0, samples: [7] };
  const promising = writePng({ ...pixel, width: 8192, height: 8192 });
  assertRefused(() => readPng(promising, "p.png"), "p.png", /\[8192, 8192\] pixels cannot be in so few/);
  // The most that deflate can do: a thousand bytes in one.
  const plain = { width: 512, height: 512, depth: 8, kind: 0, samples: new Array(512 * 512).fill(0) };
  assert.equal(readPng(writePng(plain), "plain.png").size, 512 * 512);
});

test("any truncation of a valid file, and any change of one byte of it, is refused by name", () => {
  fc.assert(
    fc.property(fc.oneof(opaque, withAlpha), fc.nat(), (drawing, at) => {
      const bytes = writePng(drawing);
      assertTruncationsRefused(bytes, at, (part) => readPng(part, "cut.file"));
      // Check sums cover every byte after the signature; a change of a chunk's length moves where they are looked for.
      const changed = mutated(bytes, [[at, bytes[at % bytes.length] ^ 0x10]]);
      assertRefused(() => readPng(changed, "m.png"), "m.png");
    }),
  );
});

test("a valid file with bytes changed, or arbitrary bytes, give a result or a refusal, never a crash", () => {
  fc.assert(
    fc.property(opaque, changes, fc.uint8Array(), (drawing, changes, tail) => {
      const bytes = writePng(drawing);
      resultOrRefusal(() => readPng(mutated(bytes, changes), "m.png"), "m.png");
      resultOrRefusal(() => readPng(Uint8Array.of(...bytes.subarray(0, 33), ...tail), "m.png"), "m.png");
      resultOrRefusal(() => readPng(tail, "m.png"), "m.png");
    }),
  );
});
