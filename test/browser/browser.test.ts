import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Training, train } from "../machines/training.ts";
import { browserKinds, findBrowser } from "./kinds.ts";
import { type Browser, openBrowser, type Thread } from "./open.ts";
import { augment } from "./tasks.ts";

type Augmented = Awaited<ReturnType<typeof augment>>;

/** What Node trains, once for all browsers. */
let trained: Promise<Training> | undefined;
const alone = () => (trained ??= train(1));

const THREADS: Thread[] = ["worker", "main"];

for (const kind of browserKinds) {
  const program = findBrowser(kind);

  describe(`in ${kind.name}`, { skip: program ? false : `there is none: ${kind.install}` }, () => {
    let browser: Browser;
    let broken: string | undefined;
    before(async () => {
      try {
        browser = await openBrowser(kind, program!);
      } catch (error) {
        // One that is there but does not start, as in a sandbox, is missing too, unless somebody has asked for it.
        if (process.env[kind.variable]) throw error;
        broken = String(error);
      }
    });
    after(() => browser?.close());

    const law = (title: string, check: () => Promise<void>) =>
      test(title, (context) => (broken ? context.skip(broken) : check()));

    for (const thread of THREADS) {
      const where = thread === "main" ? "a page's main thread" : "a worker of a page";

      law(`an isolated page trains as Node does, on ${where}`, async () => {
        const { hash } = await alone();
        const one = await browser.run<Training>("isolated", thread, "train", 1);
        assert.deepEqual([one.kernels, one.hash, one.helped], ["wasm simd, 1 thread", hash, 0]);
        const three = await browser.run<Training>("isolated", thread, "trainTogether", 3);
        assert.deepEqual([three.kernels, three.hash], ["wasm simd, 3 threads", hash]);
        assert.ok(three.helped > 0, "no worker took part");
      });

      law(`a page that is not isolated trains the same with one thread, on ${where}`, async () => {
        const three = await browser.run<Training>("open", thread, "train", 3);
        assert.deepEqual([three.kernels, three.hash, three.helped], ["wasm simd, 1 thread", (await alone()).hash, 0]);
      });

      law(`the number of threads is that of the cores where memory is shared, else one, on ${where}`, async () => {
        const many = { available: 5, usual: "wasm simd, 5 threads", three: "wasm simd, 3 threads" };
        const one = { available: 1, usual: "wasm simd, 1 thread", three: "wasm simd, 1 thread" };
        assert.deepEqual(await browser.run("isolated", thread, "threadsHere", 5), many);
        assert.deepEqual(await browser.run("open", thread, "threadsHere", 5), one);
        const unshared = { isolated: true, ...one };
        assert.deepEqual(await browser.run("isolated", thread, "threadsWithoutSharedMemory", 5), unshared);
      });

      law(`a helper augments images as Node does; where it may not start the caller does, on ${where}`, async () => {
        const expected = (await augment(0)).byCaller;
        for (const page of ["isolated", "open"] as const) {
          const { byHelper, byCaller } = await browser.run<Augmented>(page, thread, "augment", 60_000);
          assert.deepEqual(byHelper, expected, page);
          assert.deepEqual(byCaller, expected, page);
        }
        const strict = await browser.run<Augmented>("strict", thread, "augment", 1000);
        assert.deepEqual(strict, { byCaller: expected });
      });

      const remedy = "start the program again, or use threads: 1";
      const deaths = [
        ["isolated", "throw", /worker [12] of 2 stopped: .*no room/],
        ["isolated", "join and never leave", /a worker has not finished its part within 30 s/],
        [
          "strict",
          undefined,
          /worker [12] of 2 stopped: .*; a page's Content-Security-Policy must allow worker-src blob:/,
        ],
      ] as const;
      for (const [page, impostor, message] of deaths) {
        const how = impostor ?? "the page does not allow to start";
        law(`workers that ${how} are an error with a name, not a hang, on ${where}`, async () => {
          const errors = await browser.run<string[]>(page, thread, "convolveUntilError", impostor);
          assert.equal(errors.length, 2, "no error");
          for (const error of errors) {
            assert.match(error, /^NeocogError: wasmKernels: /);
            assert.match(error, message);
            assert.ok(error.endsWith(`; ${remedy}`), error);
          }
        });
      }

      law(`workers that are ended at rest are missing or an error with a name, not a hang, on ${where}`, async () => {
        const results = await browser.run<(number | string)[]>("isolated", thread, "convolveAfterTermination");
        const [sum, ...later] = results;
        assert.ok(typeof sum === "number" && sum !== 0, `${sum}`);
        assert.equal(later.length, 2);
        // In Firefox a worker that was ended may still wake up once, and dies when it has joined.
        for (const one of later) if (one !== sum) assert.match(`${one}`, /^NeocogError: wasmKernels: a worker has not/);
      });
    }
  });
}
