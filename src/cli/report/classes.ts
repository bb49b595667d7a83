/** The tables of the report that have a row a class. */
import type { Assessment } from "../assessment.ts";
import { type Html, html } from "./html.ts";

/** Cells above this share of the full colour carry white text. */
const STRONG = 0.62;
/** Beyond this many classes a number no longer fits its cell. */
const MOST_NUMBERED = 20;

/**
 * confusion[true][predicted] as a coloured table. Hits are coloured by their share of the row; mistakes by their share of
 * the worst cell, because on the scale of the hits a good model's mistakes could not be told apart.
 */
export function confusionTable({ confusion, classes }: Assessment): Html {
  const worst = Math.max(
    ...confusion.flatMap((row, k) => row.map((images, other) => (k === other ? 0 : images / classes[k].images || 0))),
  );
  const cell = (images: number, k: number, other: number): Html => {
    const share = images / classes[k].images || 0;
    const part = k === other ? share : share / worst || 0;
    const kind = [k === other ? "right" : "", part > STRONG ? "strong" : "", images === 0 ? "none" : ""]
      .filter(Boolean)
      .join(" ");
    const title = `${classes[k].name}, taken for ${classes[other].name}: ${images} of ${classes[k].images} (${percent(share)})`;
    return html`<td class="${kind}" style="--part: ${percent(part)}" title="${title}">${confusion.length > MOST_NUMBERED ? "" : images}</td>`;
  };
  return html`<table class="confusion">
<thead><tr><th></th>${classes.map(({ name }) => html`<th scope="col"><span>${name}</span></th>`)}</tr></thead>
<tbody>${confusion.map(
    (
      row,
      k,
    ) => html`<tr><th scope="row">${classes[k].name}</th>${row.map((images, other) => cell(images, k, other))}</tr>
`,
  )}</tbody></table>`;
}

/** The three commonest mistakes as a sentence. */
export function frequentMistakes({ confusion, classes }: Assessment): string {
  const pairs = confusion
    .flatMap((row, k) => row.map((images, other) => ({ images, k, other })))
    .filter(({ images, k, other }) => k !== other && images > 0)
    .sort((a, b) => b.images - a.images)
    .slice(0, 3)
    .map(({ images, k, other }) => `${classes[k].name} for ${classes[other].name} (${images} of ${classes[k].images})`);
  return pairs.length > 0 ? `Its commonest mistakes: it takes ${pairs.join(", ")}.` : "It made no mistake.";
}

export function scoreTable({ classes }: Assessment): Html {
  const score = (value: number): Html =>
    Number.isNaN(value)
      ? html`<td>–</td>`
      : html`<td><div class="bar" style="--part: ${percent(value)}">${percent(value)}</div></td>`;
  return html`<table class="scores">
<thead><tr><th scope="col">class</th><td class="count">images</td><td>precision</td><td>recall</td></tr></thead>
<tbody>${classes.map(
    ({ name, images, precision, recall }) =>
      html`<tr><th scope="row">${name}</th><td class="count">${images}</td>${score(precision)}${score(recall)}</tr>
`,
  )}</tbody></table>`;
}

const percent = (part: number) => `${(100 * part).toFixed(1)}%`;
