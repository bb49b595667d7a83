import { checkOptions } from "../errors.ts";
import type { LayerKinds } from "../layers/index.ts";
import type { SymbolicTensor } from "../layers/symbolic.ts";
import type { Symbols } from "./connection.ts";
import { Model } from "./model.ts";
import { Sequential } from "./sequential.ts";
import { decodeTopology, type ModelFiles, readModelFiles } from "./serialize.ts";
import { decodeWeights } from "./weights-file.ts";

export interface LoadOptions {
  /** Layers of one's own by kind: `{ layers: { Blur } }`. */
  layers?: LayerKinds;
}

/**
 * Brings a saved model back, a Sequential or any other.
 *
 * ```ts
 * model.save("runs/mine");
 * const same = loadModel("runs/mine");
 * const several = loadModel<SymbolicTensor[]>("runs/other"); // a model whose predictions are a list
 * ```
 * @throws NeocogError, naming the file, where it is missing, damaged, or of another format.
 */
export function loadModel<Outputs extends Symbols = SymbolicTensor>(
  directory: string,
  options: LoadOptions = {},
): Model<Outputs> {
  return modelFromFiles<Outputs>(readModelFiles(directory), { ...options, directory });
}

/** Brings a model back from what `toFiles` gave. @param options directory: what errors call the place of the files */
export function modelFromFiles<Outputs extends Symbols = SymbolicTensor>(
  files: ModelFiles,
  options: LoadOptions & { directory?: string } = {},
): Model<Outputs> {
  checkOptions("loadModel", options, ["layers", "directory"]);
  const place = options.directory === undefined ? "" : `${options.directory}/`;
  const topology = decodeTopology(files["model.json"], `${place}model.json`, options.layers);
  const { name } = topology;
  const model =
    topology.kind === "chain"
      ? new Sequential(topology.layers, { name, inputShape: topology.inputShape })
      : new Model({ name, inputs: topology.inputs, outputs: topology.outputs });
  decodeWeights(files["weights.safetensors"], `${place}weights.safetensors`, model.layers);
  return model as unknown as Model<Outputs>;
}
