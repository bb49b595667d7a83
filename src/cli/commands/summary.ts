import { loadModel } from "../../model/load.ts";
import type { Model } from "../../model/model.ts";
import { ARCHITECTURES } from "../architectures.ts";
import { command, UsageError } from "../arguments.ts";
import { MODEL_OPTION } from "../saved-run.ts";

export const summary = command({
  name: "summary",
  summary: "prints the layers of a model as a table",
  options: {
    model: MODEL_OPTION,
    architecture: { type: "text", choices: Object.keys(ARCHITECTURES), help: "a network by its name, instead" },
    json: { type: "flag", help: "one JSON object, for machines" },
  },
  examples: ["neocog summary --model runs/fashion-mnist-part", "neocog summary --architecture lenet5"],
  run({ model: directory, architecture, json }) {
    if ((directory === undefined) === (architecture === undefined)) {
      throw new UsageError("neocog summary: give --model DIR or --architecture NAME, one of them");
    }
    const model = directory === undefined ? ARCHITECTURES[architecture!]() : loadModel(directory);
    process.stdout.write(json ? `${JSON.stringify(describe(model))}\n` : `${model.summary()}\n`);
    return 0;
  },
});

function describe({ name, connection }: Model): object {
  const { graph, inputs, outputs, listed } = connection;
  const shapes = (ports: typeof inputs, list: boolean) => (list ? ports.map(({ shape }) => shape) : ports[0].shape);
  const layers = graph.nodes.map(({ layer, shape, inputs: taken }) => {
    const parameters = layer.parameters.reduce((total, { size }) => total + size, 0);
    const row = { name: layer.name, kind: layer.kind, output_shape: shape, parameters };
    return graph.isChain ? row : { ...row, inputs: taken };
  });
  return {
    name,
    input_shape: shapes(inputs, listed.inputs),
    output_shape: shapes(outputs, listed.outputs),
    layers,
  };
}
