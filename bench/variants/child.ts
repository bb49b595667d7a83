/**
 * The side of the runner that measures, in the Node that it was started with. It is told a case and the modules of the
 * variants, checks what they compute, and then measures one after the other whenever it is asked to.
 */
import { groups } from "./groups/index.ts";
import { errorOf, Place } from "./place.ts";

export type Question =
  | { readonly kind: "ready"; readonly group: string; readonly name: string; readonly modules: readonly string[] }
  | { readonly kind: "run"; readonly milliseconds: number };
/** What is wrong with which module; or, for each module, seconds a call. */
export type Answer = { readonly wrong: readonly string[] } | { readonly samples: readonly number[][] };

/** V8 compiles a function anew once it has run for a while: what is measured has to be what remains. */
const WARM_MS = 30;
const SAMPLE_MS = 2;

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
    const attached = place.attach(file, attach);
    const error = errorOf(attached, expected);
    if (error) wrong.push(`${file}: ${error}`);
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
