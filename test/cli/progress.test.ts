import assert from "node:assert/strict";
import { test } from "node:test";
import { displayOn } from "../../src/cli/progress.ts";
import { clock, count, duration, hasColours } from "../../src/cli/terminal.ts";
import type { Progress } from "../../src/model/callbacks.ts";

const progress: Progress = {
  model: undefined as never,
  epoch: 2,
  epochs: 12,
  batch: 150,
  batches: 297,
  samples: 4800,
  samplesPerEpoch: 9500,
  logs: { loss: 0.5123, accuracy: 0.8123 },
  stop: () => {},
};
const speed = { seconds: 1.5, imagesPerSecond: 3200 };

/** What is written for one batch and the end of an epoch. */
function shown(columns: number | undefined, quiet = false): string {
  const written: string[] = [];
  const display = displayOn(
    { write: (text) => written.push(text), isTTY: columns !== undefined, columns },
    { json: false, quiet },
  );
  display.epochBegins(progress);
  display.batchEnds(progress, speed);
  display.epochEnds(
    { ...progress, batch: 297, logs: { ...progress.logs, valLoss: 0.4, valAccuracy: 0.85 } },
    { ...speed, seconds: 3.1 },
  );
  return written.join("");
}

const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
const without = (colours: string) => colours.replace(COLOUR, "");

test("a terminal shows a bar with loss, accuracy, images a second and the time left, that never wraps while it moves", () => {
  for (const columns of [60, 80, 100, 140]) {
    const [, running] = without(shown(columns)).split("\r\x1b[K");
    assert.match(running, /^150\/297 ━+─+ 2 s left - loss: 0\.5123 - accuracy: 0\.8123/);
    assert.ok(running.length < columns, `${running.length} characters in ${columns} columns`);
    if (columns >= 80) assert.match(running, /3,200 images\/s$/);
  }
  assert.match(
    without(shown(80)),
    /297\/297 ━+ 3\.1 s - .*val_loss: 0\.4000 - val_accuracy: 0\.8500 - 3,200 images\/s\n$/,
  );
});

test("elsewhere there is a line an epoch, without control characters; --quiet says nothing", () => {
  assert.equal(
    shown(undefined),
    "Epoch  2/12 - 3.1 s - loss: 0.5123 - accuracy: 0.8123 - val_loss: 0.4000 - val_accuracy: 0.8500 - 3,200 images/s\n",
  );
  assert.equal(shown(undefined, true), "");
});

test("NO_COLOR is honoured where it is not empty", () => {
  const before = process.env.NO_COLOR;
  try {
    process.env.NO_COLOR = "1";
    assert.equal(hasColours({ write: () => {}, isTTY: true }), false);
    assert.equal(shown(80), without(shown(80)));
    process.env.NO_COLOR = "";
    assert.equal(hasColours({ write: () => {}, isTTY: true }), process.env.TERM !== "dumb");
  } finally {
    if (before === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = before;
  }
});

test("times and counts read well", () => {
  assert.deepEqual([0.123, 3.14, 12.2, 59.99].map(duration), ["0.12 s", "3.1 s", "13 s", "1 min 00 s"]);
  assert.deepEqual([0, 7.1, 125, 3725].map(clock), ["0 s", "8 s", "2 min 05 s", "1 h 02 min"]);
  assert.equal(count(61706), "61,706");
});
