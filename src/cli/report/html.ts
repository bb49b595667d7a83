/** Text that is HTML already, and needs no escaping. */
export class Html {
  constructor(readonly text: string) {}
}

type Piece = Html | string | number | readonly Piece[];

/**
 * Puts values into HTML; everything but HTML made here is escaped, because names of classes and runs come from outside.
 *
 * ```ts
 * html`<b>${"a < b"}</b>`.text; // "<b>a &lt; b</b>"
 * ```
 */
export function html(parts: TemplateStringsArray, ...values: readonly Piece[]): Html {
  return new Html(parts.reduce((text, part, index) => text + escaped(values[index - 1]) + part));
}

function escaped(piece: Piece): string {
  if (piece instanceof Html) return piece.text;
  if (typeof piece === "object") return piece.map(escaped).join("");
  return String(piece).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
