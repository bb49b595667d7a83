/**
 * Bytes as text that can stand in a string literal as it is, and that compresses as well as the bytes: the 89 most frequent
 * ones are one character each, so whoever compresses the package sees them whole, and the others two.
 *
 *   the table   which bytes the 89 are, two characters each: digits in a number system with the 91 characters as digits
 *   the bytes   one of the characters behind the first two; or one of the first two, and any
 *
 * So all bytes have places: first those in the table, then the others in their order.
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
  const frequent = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b).slice(0, SHORT);
  const long = (number: number) => CHARACTERS[Math.floor(number / BASE)] + CHARACTERS[number % BASE];
  const texts: string[] = [];
  placesOf(frequent).forEach((byte, place) => {
    texts[byte] = place < SHORT ? CHARACTERS[place + ESCAPES] : long(place - SHORT);
  });
  return frequent.map(long).join("") + Array.from(bytes, (byte) => texts[byte]).join("");
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const digits: number[] = [];
  for (const [index, character] of CHARACTERS.entries()) digits[character.charCodeAt(0)] = index;
  let at = 0;
  const digit = () => digits[text.charCodeAt(at++)];
  const places = placesOf(Array.from({ length: SHORT }, () => digit() * BASE + digit()));
  // Never longer than the text.
  const bytes = new Uint8Array(text.length);
  let size = 0;
  while (at < text.length) {
    const first = digit();
    bytes[size++] = places[first < ESCAPES ? SHORT + first * BASE + digit() : first - ESCAPES];
  }
  return bytes.slice(0, size);
}

/** The byte at each place. */
function placesOf(frequent: readonly number[]): number[] {
  return [...new Set([...frequent, ...Array(256).keys()])];
}
