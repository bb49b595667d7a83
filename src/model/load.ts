import { checkOptions } from "../errors.ts";
import type { LayerKinds } from "../layers/index.ts";
import type { SymbolicTensor } from "../layers/symbolic.ts";
import type { Symbols } from "./connection.ts";
import { Model, Unconnected } from "./model.ts";
import { Sequential } from "./sequential.ts";
import { decodeTopology, type ModelFiles, readModelFiles } from "./serialize.ts";
import { decodeWeights, kernelsForLoading } from "./weights-file.ts";

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
  const [weights, where] = [files["weights.safetensors"], `${place}weights.safetensors`];
  const kernels = kernelsForLoading(weights, where);
  let model: Model;
  if (topology.kind === "chain") {
    const chain = new Sequential(topology.layers, { name });
    chain.build(topology.inputShape, kernels);
    model = chain;
  } else {
    model = new Model(new Unconnected(name, 0));
    model.connect(topology.inputs, topology.outputs, kernels);
  }
  decodeWeights(weights, where, model.layers);
  return model as unknown as Model<Outputs>;
}
