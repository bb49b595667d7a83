import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Add, Conv2D, input } from "../../src/layers/index.ts";
import { type Box, layOut } from "../../src/model/layout.ts";
import { Model } from "../../src/model/model.ts";
import { modelOf, recipes } from "../support/graphs.ts";

const SIZE = { width: 60, height: 20 };

/** For each node those that it comes from: any graph, with lines of any length, and several between two nodes. */
const graphs = fc
  .array(fc.array(fc.nat(1000), { maxLength: 3 }), { minLength: 1, maxLength: 14 })
  .map((nodes) => nodes.map((sources, node) => (node === 0 ? [] : sources.map((source) => source % node))));

const left = ({ x, width }: Box) => x - width / 2;
const right = ({ x, width }: Box) => x + width / 2;

describe("the layout of a graph", () => {
  test("keeps boxes apart, and inside of the picture", () => {
    fc.assert(
      fc.property(graphs, (sources) => {
        const { boxes, width, height } = layOut(sources, SIZE);
        assert.equal(boxes.length, sources.length);
        boxes.forEach((box, index) => {
          assert.ok(
            left(box) >= 0 && right(box) <= width && box.y >= SIZE.height / 2 && box.y <= height - SIZE.height / 2,
          );
          for (const other of boxes.slice(0, index)) {
            const apart = box.y !== other.y || left(box) >= right(other) || left(other) >= right(box);
            assert.ok(apart, `${JSON.stringify(box)} and ${JSON.stringify(other)}`);
          }
        });
      }),
    );
  });

  test("has a line for each connection, from the bottom of a box down to the top of another", () => {
    fc.assert(
      fc.property(graphs, (sources) => {
        const { boxes, lines } = layOut(sources, SIZE);
        const expected = sources.flatMap((from, to) => from.map((source) => `${source} ${to}`));
        assert.deepEqual(lines.map(({ from, to }) => `${from} ${to}`).sort(), expected.sort());
        for (const { from, to, points } of lines) {
          assert.deepEqual(points[0], [boxes[from].x, boxes[from].y + SIZE.height / 2]);
          assert.deepEqual(points[points.length - 1], [boxes[to].x, boxes[to].y - SIZE.height / 2]);
          for (let k = 1; k < points.length; k++) assert.ok(points[k][1] > points[k - 1][1]);
        }
      }),
    );
  });

  test("leads no line through a box: in a row it goes straight down between them", () => {
    fc.assert(
      fc.property(graphs, (sources) => {
        const { boxes, lines } = layOut(sources, SIZE);
        for (const { points } of lines) {
          for (let k = 1; k + 1 < points.length; k += 2) {
            const [[x, top], [same, bottom]] = [points[k], points[k + 1]];
            assert.ok(x === same && bottom - top === SIZE.height);
            const row = boxes.filter(({ y }) => y === (top + bottom) / 2);
            for (const box of row)
              assert.ok(x <= left(box) || x >= right(box), `${x} goes through ${JSON.stringify(box)}`);
          }
        }
      }),
    );
  });

  test("of a chain is a straight column, and of a block with a way around it has the way beside it", () => {
    const chain = layOut([[], [0], [1]], SIZE);
    assert.equal(new Set(chain.boxes.map(({ x }) => x)).size, 1);
    const { lines } = layOut([[], [0], [1], [2, 0]], SIZE);
    assert.deepEqual(lines.map(({ points }) => points.length).sort(), [2, 2, 2, 6]);
  });
});

describe("a model as a drawing", () => {
  const a = input({ shape: [4, 4, 2], name: '<"a" & b>' });
  const conv = new Conv2D({ filters: 2, kernelSize: 1 });
  const model = new Model({ inputs: a, outputs: new Add().apply([conv.apply(conv.apply(a)), a]), name: 'say "hi"' });

  test("in the language of Graphviz", () => {
    assert.deepEqual(model.toDot().split("\n"), [
      'digraph "say \\"hi\\"" {',
      "  node [shape=box];",
      '  v0 [label="<\\"a\\" & b>\\nInput (None, 4, 4, 2)"];',
      '  v1 [label="conv2d\\nConv2D (None, 4, 4, 2)"];',
      '  v2 [label="conv2d[1]\\nConv2D (None, 4, 4, 2)"];',
      '  v3 [label="add\\nAdd (None, 4, 4, 2)"];',
      "  v0 -> v1;",
      "  v1 -> v2;",
      "  v2 -> v3;",
      "  v0 -> v3;",
      "}",
      "",
    ]);
  });

  test("as SVG: a box for each value, a path for each connection, and names that are no tags", () => {
    const svg = model.toSvg();
    const count = (part: RegExp) => svg.match(part)?.length ?? 0;
    assert.deepEqual(
      [count(/<rect /g), count(/<path /g), count(/class="input"/g), count(/class="output"/g)],
      [4, 4, 1, 1],
    );
    assert.ok(svg.includes("&#60;&#34;a&#34; &#38; b&#62;") && !svg.includes('<"a"'));
    assert.ok(svg.includes("conv2d[1]: Conv2D (None, 4, 4, 2), 6 parameters"));
  });

  test("as SVG is well formed, whatever the graph: every tag that opens closes", () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const open: string[] = [];
        for (const [, end, name, self] of modelOf(recipe)
          .toSvg()
          .matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
          if (end) assert.equal(open.pop(), name);
          else if (!self) open.push(name);
        }
        assert.deepEqual(open, []);
      }),
    );
  });
});
