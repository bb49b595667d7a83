import { alexNet } from "../architectures/alexnet.ts";
import { architecture } from "../architectures/architecture.ts";
import { googLeNet } from "../architectures/googlenet.ts";
import { inceptionV3 } from "../architectures/inception-v3.ts";
import { leNet5 } from "../architectures/lenet5.ts";
import { parseNotation } from "../architectures/notation.ts";
import { resNet18, resNet20, resNet34, resNet50 } from "../architectures/resnet.ts";
import { uNet } from "../architectures/unet.ts";
import { vgg11, vgg13, vgg16, vgg19 } from "../architectures/vgg.ts";
import { xception } from "../architectures/xception.ts";
import { NeocogError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { type Shape, sameShape } from "../tensor.ts";
import { UsageError } from "./arguments.ts";

/** What a classifier is made for. */
export interface Task {
  /** Of one image. */
  readonly inputShape: Shape;
  readonly classes: number;
  readonly seed: number;
}

/** Networks that have a name; without a task as in their papers. */
export const ARCHITECTURES: Record<string, (task?: Task) => Model> = {
  lenet5: (task) => leNet5(task),
  "lenet5-1998": (task) => leNet5({ ...task, form: "1998" }),
  alexnet: alexNet,
  ...{ vgg11, vgg13, vgg16, vgg19 },
  googlenet: (task) => googLeNet(task),
  inceptionv3: inceptionV3,
  ...{ resnet18: resNet18, resnet34: resNet34, resnet50: resNet50, resnet20: resNet20 },
  xception,
  unet: uNet,
};

/**
 * A classifier by its name, or by a pattern as `architecture` reads it: "resnet20", "conv8-relu-pool-softmax10".
 * @throws UsageError where it is neither, and where it does not make probabilities of these classes from these images.
 */
export function classifier(text: string, task: Task): Model {
  const named = Object.hasOwn(ARCHITECTURES, text);
  const refuse = (why: string): never => {
    throw new UsageError(`--architecture is ${JSON.stringify(text)}; ${why}`);
  };
  const built = (make: () => Model): Model => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof NeocogError)) throw error;
      return refuse(`with images of [${task.inputShape}] that cannot be built: ${firstLine(error)}`);
    }
  };
  if (!named) checkPattern(text, refuse);
  const { inputShape, classes, seed } = task;
  const model = built(() => (named ? ARCHITECTURES[text](task) : architecture(text, { inputShape, seed })));
  if (!sameShape(model.outputShape, [classes]) || model.layers.at(-1)?.logits()?.closing !== "softmax") {
    const remedy = named
      ? "use a network that gives an image one class"
      : `end with softmax${classes}, one unit for each class`;
    refuse(`what it gives, [${model.outputShape}], are no probabilities of ${classes} classes; ${remedy}`);
  }
  return model;
}

/** A single word that is no layer is a typing error in a name. */
function checkPattern(text: string, refuse: (why: string) => never): void {
  const known = Object.keys(ARCHITECTURES).join(", ");
  try {
    parseNotation(text);
  } catch (error) {
    if (!(error instanceof NeocogError)) throw error;
    refuse(`it is no network with a name (there are ${known}), and no pattern: ${firstLine(error)}`);
  }
  if (/^[a-z]+\d*$/i.test(text) && !/^softmax/i.test(text)) {
    refuse(`there is no such network; there are ${known}, and patterns such as conv8-relu-pool-softmax10`);
  }
}

/** A refusal of the command line is one line; the arrow below the pattern stays away, its character is named. */
function firstLine({ message }: NeocogError): string {
  return message.split("\n")[0];
}
