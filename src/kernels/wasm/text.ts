/**
 * Bytes as text that can stand in a string literal as it is, and that compresses as well as the bytes: the 89 most frequent
 * ones are one character each, so whoever compresses the package sees them whole, and the others two.
 *
 *   the table   which bytes the 89 are: a bit for each of the 256, four bits a character
 *   the bytes   one of the characters behind the first two; or one of the first two, and any
 *
 * So all bytes have places: first the frequent ones in their order, then the others in theirs.
 */
const CHARACTERS = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter(
  (character) => !'"$\\`'.includes(character),
);
const BASE = CHARACTERS.length;
const ESCAPES = 2;
const SHORT = BASE - ESCAPES;

/** For assembly/build.ts. */
export function textOf(bytes: Uint8Array): string {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  const bytesByCount = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
  const frequent = new Set(bytesByCount.slice(0, SHORT));
  let table = "";
  for (let byte = 0; byte < 256; byte += 4) {
    table += CHARACTERS[[0, 1, 2, 3].reduce((sum, bit) => sum + (frequent.has(byte + bit) ? 1 << bit : 0), 0)];
  }
  const texts: string[] = [];
  placesOf((byte) => frequent.has(byte)).forEach((byte, place) => {
    const rest = place - SHORT;
    const isShort = rest < 0;
    texts[byte] = isShort ? CHARACTERS[place + ESCAPES] : CHARACTERS[Math.floor(rest / BASE)] + CHARACTERS[rest % BASE];
  });
  return table + Array.from(bytes, (byte) => texts[byte]).join("");
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  // Nothing is compiled yet when this runs at the start of a program: one loop over typed arrays, no closures over text.
  const digits = new Uint8Array(128);
  CHARACTERS.forEach((character, digit) => {
    digits[character.charCodeAt(0)] = digit;
  });
  const codes = new TextEncoder().encode(text);
  const isFrequent = (byte: number) => ((digits[codes[byte >> 2]] >> (byte & 3)) & 1) === 1;
  const places = Uint8Array.from(placesOf(isFrequent));
  // Never longer than the text.
  const bytes = new Uint8Array(codes.length);
  let size = 0;
  for (let at = 64; at < codes.length; ) {
    const first = digits[codes[at++]];
    const place = first < ESCAPES ? SHORT + first * BASE + digits[codes[at++]] : first - ESCAPES;
    bytes[size++] = places[place];
  }
  return bytes.slice(0, size);
}

/** The byte at each place. */
function placesOf(isFrequent: (byte: number) => boolean): number[] {
  const bytes = [...Array(256).keys()];
  return [...bytes.filter(isFrequent), ...bytes.filter((byte) => !isFrequent(byte))];
}
