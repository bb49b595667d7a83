/**
 * Bytes as text that can stand in a string literal as it is, and that compresses as well as the bytes: the 90 most frequent
 * ones are one character each, so whoever compresses the package sees them whole.
 *
 *   the table   what each of the 90 characters behind the first one stands for, two characters a byte
 *   the bytes   such a character; or the first character, and a byte in two characters
 *
 * A byte in two characters is their two digits in a number system with the 91 characters as digits.
 */
const CHARACTERS = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter(
  (character) => !'"$\\`'.includes(character),
);
const [ESCAPE, ...SHORT] = CHARACTERS;
const BASE = CHARACTERS.length;

/** For assembly/build.ts. */
export function textOf(bytes: Uint8Array): string {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  const frequent = [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b).slice(0, SHORT.length);
  const long = (byte: number) => CHARACTERS[Math.floor(byte / BASE)] + CHARACTERS[byte % BASE];
  const texts = counts.map((_, byte) => SHORT[frequent.indexOf(byte)] ?? ESCAPE + long(byte));
  return frequent.map(long).join("") + Array.from(bytes, (byte) => texts[byte]).join("");
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const digits = new Map(CHARACTERS.map((character, index) => [character.charCodeAt(0), index]));
  let at = 0;
  const digit = () => digits.get(text.charCodeAt(at++))!;
  const long = () => digit() * BASE + digit();
  const frequent = SHORT.map(long);
  // Never longer than the text.
  const bytes = new Uint8Array(text.length);
  let size = 0;
  while (at < text.length) {
    const first = digit();
    bytes[size++] = first === 0 ? long() : frequent[first - 1];
  }
  return bytes.slice(0, size);
}
