/** One page that shows a training run: a single file that asks nothing of any network. */
import type { Tensor } from "../tensor.ts";
import type { Assessment } from "./assessment.ts";
import { reportAssets } from "./report/assets.ts";
import { confusionTable, frequentMistakes, scoreTable } from "./report/classes.ts";
import { Html, html } from "./report/html.ts";
import { diverging, filterPicture, photograph } from "./report/pictures.ts";

export interface Report {
  readonly name: string;
  /** One sentence: who learnt what. */
  readonly lead: string;
  /** The few numbers that matter, with a word of explanation. */
  readonly results: readonly { readonly label: string; readonly value: string; readonly note: string }[];
  /** Everything that is needed to do it again. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly summary: string;
  /** Values of each epoch, named as in history.csv. */
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly classNames: readonly string[];
  /** Of the test images. */
  readonly assessment: Assessment;
  readonly images: Tensor;
  /** The kernel [KH,KW,C,F] of the first layer, where that is a convolution. */
  readonly kernel?: Tensor;
}

const MISTAKES = 24;
const FILTERS = 96;

/** The whole page. */
export function renderReport(report: Report): string {
  const { css, js } = reportAssets();
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${report.name} · neocog</title>
<style>${new Html(css)}</style>
<main>
<h1>${report.name}</h1>
<p class="lead">${report.lead}</p>
<dl class="results">${report.results.map(
    ({ label, value, note }) => html`<div><dt>${label}</dt><dd>${value}<small>${note}</small></dd></div>`,
  )}</dl>
${curves(report.history)}
${confusion(report)}
<section>
<h2>Class by class</h2>
<p class="note">Precision: of the images called so, the part that is. Recall: of the images that are, the part that was found.</p>
${scoreTable(report.assessment)}
</section>
${report.kernel ? filters(report.kernel) : ""}
${mistakes(report)}
<section><h2>The network</h2><pre>${report.summary}</pre></section>
<section>
<h2>The run</h2>
<dl class="facts">${report.facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
</section>
</main>
<script>${new Html(js)}</script>
</html>
`;
  return page.text;
}

function curves(history: Report["history"]): Html {
  const epochs = (history.loss ?? []).map((_, index) => index + 1);
  const panels = ["loss", "accuracy"].map((metric) => ({
    title: metric[0].toUpperCase() + metric.slice(1),
    series: [
      { label: "training", colour: "training", values: history[metric] },
      { label: "validation", colour: "validation", values: history[`val_${metric}`] },
    ].filter(({ values }) => values),
  }));
  // "<" must not end the script element; numbers that are not finite become null, which uPlot draws as a gap.
  const data = new Html(JSON.stringify({ epochs, panels }).replaceAll("<", "\\u003c"));
  return html`<section>
<h2>Learning</h2>
<p class="note">Training values are means over the epoch, while the weights change; validation values are taken at its end.</p>
<div class="curves">${panels.map(({ title }) => html`<div><h3>${title}</h3></div>`)}</div>
<script type="application/json" id="history">${data}</script>
</section>`;
}

function confusion({ assessment }: Report): Html {
  return html`<section>
<h2>What it takes for what</h2>
<p class="note">${frequentMistakes(assessment)} Rows are the true classes, columns what the model says, numbers are test images.</p>
${confusionTable(assessment)}
</section>`;
}

function filters(kernel: Tensor): Html {
  const [height, width, channels, count] = kernel.shape;
  const scale = Math.max(...[...kernel.data].map(Math.abs)) || 1;
  const shown = Math.max(1, Math.min(count, Math.floor(FILTERS / channels)));
  const pictures = Array.from({ length: shown * channels }, (_, index) => {
    const [f, c] = [Math.floor(index / channels), index % channels];
    const name = channels === 1 ? `filter ${f + 1}` : `filter ${f + 1}, channel ${c + 1}`;
    return html`<figure>${filterPicture(kernel, c, f, scale, name)}<figcaption>${name}</figcaption></figure>`;
  });
  const colours = [-1, -0.5, 0, 0.5, 1].map((value) => `rgb(${diverging(value)})`).join(", ");
  return html`<section>
<h2>What the first layer looks for</h2>
<p class="note">${shown < count ? `The first ${shown} of ` : ""}${count} filters of ${height}×${width} weights. A filter answers most to a patch of the image that is bright where it is red, and dark where it is blue.</p>
<div class="pictures filters">${pictures}</div>
<div class="scale"><span>−${scale.toFixed(2)}</span><i style="background: linear-gradient(90deg, ${colours})"></i><span>+${scale.toFixed(2)}</span></div>
</section>`;
}

function mistakes({ assessment, images, classNames }: Report): Html {
  const worst = assessment.mistakes.slice(0, MISTAKES);
  if (worst.length === 0) return html`<section><h2>What it got wrong</h2><p>Nothing.</p></section>`;
  const figures = worst.map(({ index, label, predicted, probability }) => {
    const [truth, answer] = [classNames[label], classNames[predicted]];
    return html`<figure title="test image ${index}">${photograph(images, index, `test image ${index}, ${truth}`)}
<figcaption><b>${truth}</b>→ ${answer}, ${percent(probability)}</figcaption></figure>`;
  });
  return html`<section>
<h2>What it got most wrong</h2>
<p class="note">The ${worst.length} test images of highest loss, out of ${assessment.mistakes.length} mistakes: the true class, then what the model says and how sure it is.</p>
<div class="pictures mistakes">${figures}</div>
</section>`;
}

/** Never "100 %" for what is wrong. */
const percent = (part: number) => (part > 0.999 ? ">\u00a099.9\u00a0%" : `${(100 * part).toFixed(1)}\u00a0%`);
