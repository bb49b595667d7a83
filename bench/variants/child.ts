/**
 * The side of the runner that measures, in the Node that it was started with. It is told a case and the modules of the
 * variants, checks what they compute, and then measures one after the other whenever it is asked to.
 */
import { readFileSync } from "node:fs";
import type { Exports } from "./groups/group.ts";
import { groups } from "./groups/index.ts";
import { Place } from "./place.ts";

export type Question =
  | { readonly kind: "ready"; readonly group: string; readonly name: string; readonly modules: readonly string[] }
  | { readonly kind: "run"; readonly milliseconds: number };
/** What is wrong with which module; or, for each module, seconds a call. */
export type Answer = { readonly wrong: readonly string[] } | { readonly samples: readonly number[][] };

/** V8 compiles a function anew once it has run for a while: what is measured has to be what remains. */
const WARM_MS = 30;
const SAMPLE_MS = 2;
const POISON = 12345;

let variants: { readonly call: () => void; readonly calls: number }[] = [];

process.on("message", (question: Question) => {
  const answer: Answer =
    question.kind === "ready"
      ? { wrong: ready(question.group, question.name, question.modules) }
      : { samples: variants.map(({ call, calls }) => sample(call, calls, question.milliseconds)) };
  process.send!(answer);
});

function ready(group: string, name: string, modules: readonly string[]): string[] {
  const place = new Place();
  const { expected, attach } = groups[group].find((one) => one.name === name)!.ready(place);
  const wrong: string[] = [];
  variants = modules.map((file) => {
    const module = new WebAssembly.Module(readFileSync(file));
    const { exports } = new WebAssembly.Instance(module, { env: { memory: place.memory } });
    const attached = attach(exports as Exports);
    attached.result.fill(POISON);
    attached.call();
    const { result } = attached;
    const index = Array.from(expected).findIndex((value, k) => value !== result[k]);
    if (index >= 0) wrong.push(`${file}: number ${index} is ${result[index]} instead of ${expected[index]}`);
    const [time] = sample(attached.call, 1, WARM_MS).slice(-1);
    return { call: attached.call, calls: Math.max(1, Math.round(SAMPLE_MS / 1000 / time)) };
  });
  return wrong;
}

function sample(call: () => void, calls: number, milliseconds: number): number[] {
  const samples: number[] = [];
  const end = performance.now() + milliseconds;
  do {
    const start = performance.now();
    for (let k = 0; k < calls; k++) call();
    samples.push((performance.now() - start) / 1000 / calls);
  } while (performance.now() < end);
  return samples;
}
