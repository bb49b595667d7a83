import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import fc from "fast-check";
import { conv2d } from "../../src/kernels/wasm/conv2d.ts";
import { Engine } from "../../src/kernels/wasm/engine.ts";
import { kernelsOn } from "../../src/kernels/wasm/kernels.ts";
import { floats, type Geometry, geometries, seeds, windowOf } from "../support/arbitraries.ts";
import { equalBits } from "../support/compare.ts";
import { wake } from "../support/kernels.ts";

const numbers = [1, 2, 3, 4, 7];
const engines = numbers.map((threads) => new Engine({ threads }));

function directions(engine: Engine, geometry: Geometry, channels: number, filters: number, seed: number, groups = 1) {
  const kernels = conv2d(engine);
  const window = windowOf(geometry);
  const images = 8;
  const draw = (shape: number[], more: number) => {
    const tensor = engine.allocate(shape);
    tensor.data.set(floats(shape, seed + more).data);
    return tensor;
  };
  const x = draw(window.inputShape(images, channels), 0);
  const kernel = draw([...geometry.kernelSize, channels / groups, filters], 1);
  const y = draw(window.outputShape(images, filters), 2);
  const dx = draw(x.shape, 3);
  const dkernel = draw(kernel.shape, 4);
  kernels.conv2dBackwardInput(dx, y, kernel, window);
  kernels.conv2dBackwardKernel(dkernel, x, y, window);
  kernels.conv2dForward(y, x, kernel, undefined, window, { name: "relu", alpha: 0 });
  return { y, dx, dkernel };
}

describe("threads", () => {
  test(`give the same bits, whether ${numbers.join(", ")}`, async () => {
    await wake(...engines.map((engine) => kernelsOn(engine, "threads")));
    fc.assert(
      fc.property(
        geometries({ kernel: 4, stride: 2, output: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        seeds,
        (g, size, depthwise, seed) => {
          // One channel and six filters go a way of their own.
          const [filters, groups] = depthwise ? [size, size] : [size === 1 ? 6 : 10 - size, 1];
          const [one, ...others] = engines.map((engine) => directions(engine, g, size, filters, seed, groups));
          for (const [index, other] of others.entries()) {
            const context = { threads: numbers[index + 1], g, size, groups, seed };
            for (const name of ["y", "dx", "dkernel"] as const) equalBits(other[name], one[name], { name, ...context });
          }
        },
      ),
    );
  });

  test("are started when there has been work for them, and not before", () => {
    const { stdout, status, stderr } = child(`
      run();
      const before = workers.length;
      work();
      console.log(JSON.stringify([before, workers.length]));
    `);
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), [0, 2]);
  });

  test("rest without using the processor", () => {
    const { stdout, status, stderr } = child(`
      work();
      await sleep(500);
      const before = process.cpuUsage();
      await sleep(500);
      const used = process.cpuUsage(before);
      console.log(JSON.stringify({ idle: (used.user + used.system) / 1000 }));
    `);
    assert.equal(status, 0, stderr);
    const { idle } = JSON.parse(stdout);
    assert.ok(idle < 250, `two idle workers used ${idle} ms of 500 ms; spinning ones would use 1000 ms`);
  });

  test("do not keep a process alive", () => {
    const { status, signal, stderr } = child("work();");
    assert.deepEqual([status, signal], [0, null], stderr);
  });

  test("that die are an error with a name, not a hang", () => {
    const { stdout, status, stderr } = child(`
      work();
      while (!workers[0].up) await sleep(20);
      await workers[0].terminate();
      await sleep(50);
      try { run(); } catch (error) { console.log(error.name + ": " + error.message); }
    `);
    assert.equal(status, 0, stderr);
    assert.match(
      stdout,
      /^NeocogError: wasmKernels: worker 1 of 2 stopped: exit code 1; start the program again, or use threads: 1/,
    );
  });
});

/**
 * Runs a script in a process of its own: `run()` is an operation for three threads, `work()` runs it until workers are
 * started, which are then in `workers`.
 */
function child(script: string) {
  const from = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
  const source = `
    import { setTimeout as sleep } from "node:timers/promises";
    const { Engine } = await import(${from("kernels/wasm/engine.ts")});
    const { conv2d } = await import(${from("kernels/wasm/conv2d.ts")});
    const { Window } = await import(${from("window.ts")});
    const workers = [];
    const builtin = process.getBuiltinModule;
    const { Worker } = builtin("node:worker_threads");
    class Noted extends Worker {
      constructor(...all) {
        super(...all);
        workers.push(this);
        this.once("online", () => { this.up = true; });
      }
    }
    process.getBuiltinModule = (name) => name === "node:worker_threads" ? { Worker: Noted } : builtin(name);
    const engine = new Engine({ threads: 3 });
    const window = Window.over("test", 8, 8, { kernelSize: 3, padding: "same" });
    const [x, w, y] = [[32, 8, 8, 4], [3, 3, 4, 8], [32, 8, 8, 8]].map((shape) => engine.allocate(shape));
    const kernels = conv2d(engine);
    const run = () => kernels.conv2dForward(y, x, w, undefined, window, { name: "linear", alpha: 0 });
    const work = () => { while (workers.length === 0) run(); };
    ${script}
  `;
  const args = ["--import", "tsx", "--input-type=module", "--eval", source];
  return spawnSync(process.execPath, args, { encoding: "utf8", timeout: 60_000 });
}
