import { fail } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";
import type { SymbolicTensor } from "../layers/symbolic.ts";

/**
 * Gives every layer whose name the user did not choose one of its own: conv2d, conv2d_1, conv2d_2 … Layers that
 * have parameters from another model come first, so that they keep the name that they have there.
 * @throws NeocogError where the user chose a name twice.
 */
export function nameLayers(owner: string, layers: readonly Layer[]): void {
  const different = [...new Set(layers)];
  const taken = new Set<string>();
  for (const { named, name } of different) {
    if (named && taken.has(name)) fail(owner, "the name of a layer", name, "another has it; give each its own");
    if (named) taken.add(name);
  }
  const [built, fresh] = [true, false].map((from) => different.filter(({ built, named }) => !named && built === from));
  for (const layer of [...built, ...fresh]) {
    if (taken.has(layer.name)) layer.name = free(layer.defaultName, taken);
    taken.add(layer.name);
  }
}

/**
 * The names of a model's inputs, or of its outputs: those that the user chose, else the layer's that gives them, else
 * "input"; numbered where one would be there twice.
 * @throws NeocogError where the user chose a name twice.
 */
export function namePorts(owner: string, tensors: readonly SymbolicTensor[]): string[] {
  const chosen = tensors.flatMap(({ name }) => name ?? []);
  const twice = chosen.find((name, index) => chosen.indexOf(name) !== index);
  if (twice !== undefined) fail(owner, "the name of an input", twice, "another has it; give each its own");
  const taken = new Set(chosen);
  return tensors.map(({ name, source }) => {
    const own = name ?? free(source?.layer.name ?? "input", taken);
    taken.add(own);
    return own;
  });
}

function free(base: string, taken: ReadonlySet<string>): string {
  let name = base;
  for (let number = 1; taken.has(name); number++) name = `${base}_${number}`;
  return name;
}
