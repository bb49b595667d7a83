import { alexNet } from "../../architectures/alexnet.ts";
import { googLeNet } from "../../architectures/googlenet.ts";
import { inceptionV3 } from "../../architectures/inception-v3.ts";
import { leNet5 } from "../../architectures/lenet5.ts";
import { resNet18, resNet20, resNet34, resNet50 } from "../../architectures/resnet.ts";
import { uNet } from "../../architectures/unet.ts";
import { vgg11, vgg13, vgg16, vgg19 } from "../../architectures/vgg.ts";
import { xception } from "../../architectures/xception.ts";
import { loadModel } from "../../model/load.ts";
import type { Model } from "../../model/model.ts";
import { command, UsageError } from "../arguments.ts";
import { MODEL_OPTION } from "../saved-run.ts";

/** Networks that have a name. */
export const ARCHITECTURES: Record<string, () => Model> = {
  lenet5: () => leNet5(),
  "lenet5-1998": () => leNet5({ form: "1998" }),
  alexnet: alexNet,
  ...{ vgg11, vgg13, vgg16, vgg19 },
  googlenet: () => googLeNet(),
  inceptionv3: inceptionV3,
  ...{ resnet18: resNet18, resnet34: resNet34, resnet50: resNet50, resnet20: resNet20 },
  xception,
  unet: uNet,
};

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
    const parameters = layer.parameters.reduce((total, { value }) => total + value.size, 0);
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
