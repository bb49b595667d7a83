import { leNet5 } from "../../architectures/lenet5.ts";
import { Sequential } from "../../model/sequential.ts";
import { command, UsageError } from "../arguments.ts";
import { MODEL_OPTION } from "../saved-run.ts";

const ARCHITECTURES: Record<string, () => Sequential> = { lenet5: leNet5 };

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
    const model = directory === undefined ? ARCHITECTURES[architecture!]() : Sequential.load(directory);
    process.stdout.write(json ? `${JSON.stringify(describe(model))}\n` : `${model.summary()}\n`);
    return 0;
  },
});

function describe({ name, inputShape, outputShape, layers }: Sequential): object {
  let shape: readonly number[] = [1, ...inputShape];
  const rows = layers.map((layer) => {
    shape = layer.outputShape(shape);
    const parameters = layer.parameters.reduce((total, { value }) => total + value.size, 0);
    return { name: layer.name, kind: layer.kind, output_shape: shape.slice(1), parameters };
  });
  return { name, input_shape: inputShape, output_shape: outputShape, layers: rows };
}
