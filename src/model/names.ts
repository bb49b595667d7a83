import { fail } from "../errors.ts";
import type { Layer } from "../layers/layer.ts";

/**
 * Gives every layer whose name the user did not choose one of its own: conv2d, conv2d_1, conv2d_2 …
 * @throws NeocogError where the user chose a name twice.
 */
export function nameLayers(layers: readonly Layer[]): void {
  const different = [...new Set(layers)];
  const taken = new Set<string>();
  for (const { named, name } of different) {
    if (named && taken.has(name)) fail("Sequential", "the name of a layer", name, "another has it; give each its own");
    if (named) taken.add(name);
  }
  for (const layer of different) {
    if (layer.named) continue;
    let name = layer.defaultName;
    for (let number = 1; taken.has(name); number++) name = `${layer.defaultName}_${number}`;
    taken.add(name);
    layer.name = name;
  }
}
