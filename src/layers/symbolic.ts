import { checkOptions, fail, NeocogError, wholeNumber } from "../errors.ts";
import type { Shape } from "../tensor.ts";
import type { Layer } from "./layer.ts";

/** Which layer a symbolic tensor comes from, and what it was applied to. */
export interface Application {
  readonly layer: Layer;
  readonly inputs: readonly SymbolicTensor[];
}

/**
 * A tensor that has a shape but no numbers yet: an edge of the graph that `new Model` reads.
 *
 * It cannot change once it is made, and what it comes from was made before it: so there is no way to build a cycle.
 */
export class SymbolicTensor {
  /** Of one example, without the batch. */
  readonly shape: Shape;
  /** Nothing, for an input. */
  readonly source: Application | undefined;
  /** An input's name, where the user chose one. */
  readonly name: string | undefined;

  constructor(shape: Shape, source?: Application, name?: string) {
    this.shape = Object.freeze([...shape]);
    this.source = source && Object.freeze({ layer: source.layer, inputs: Object.freeze([...source.inputs]) });
    this.name = name;
    Object.freeze(this);
  }
}

export interface InputOptions {
  /** Of one example, without the batch: [height, width, channels]. */
  shape: Shape;
  /** Default: "input", numbered by the model. */
  name?: string;
}

/**
 * Where a functional model begins.
 *
 * ```ts
 * const a = input({ shape: [64, 64, 1] });
 * const b = new Conv2D({ filters: 16, kernelSize: 3 }).apply(a);
 * b.shape; // [62, 62, 16]
 * new Model({ inputs: a, outputs: b });
 * ```
 * @throws NeocogError for a shape with lengths that are not whole numbers of at least 1.
 */
export function input(options: InputOptions): SymbolicTensor {
  checkOptions("input", options, ["shape", "name"]);
  const { shape, name } = options;
  if (!Array.isArray(shape)) fail("input", "shape", shape, "give that of one example: [height, width, channels]");
  for (const length of shape) wholeNumber("input", "each length of shape", length, 1);
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    fail("input", "name", name, "use a text that is not empty");
  }
  return new SymbolicTensor(shape, undefined, name);
}

/** What `layer.apply(x)` does: the symbolic y, or an error in the layer's name where such x do not fit. */
export function applyLayer(layer: Layer, x: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor {
  const inputs = symbolicList(layer.name, "x", x);
  const shape = layer.outputShapeAll(inputs.map((each) => [1, ...each.shape]));
  return new SymbolicTensor(shape.slice(1), { layer, inputs });
}

/** One symbolic tensor or a list of them, as a list. @throws NeocogError where it is something else, or empty. */
export function symbolicList(where: string, argument: string, given: unknown): readonly SymbolicTensor[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0)
    throw new NeocogError(`${where}: ${argument} is an empty list; give one symbolic tensor at least`);
  const wrong = list.findIndex((each) => !(each instanceof SymbolicTensor));
  if (wrong < 0) return list as readonly SymbolicTensor[];
  const place = Array.isArray(given) ? `${argument}[${wrong}]` : argument;
  return fail(where, place, list[wrong], "give what input(…) or a layer's apply returned; numbers go to forward");
}
