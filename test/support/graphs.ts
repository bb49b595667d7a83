import fc from "fast-check";
import { Activation, Add, Concatenate, Dense, Dropout, input, type Layer, Multiply, type SymbolicTensor } from "../../src/layers/index.ts"; // biome-ignore format: names
import { Model } from "../../src/model/model.ts";
import type { Random } from "../../src/random.ts";
import { seeds } from "./arbitraries.ts";

const KINDS = ["dense", "add", "add3", "multiply", "concatenate", "shared", "tanh", "dropout", "twice"] as const;

/** A node of a random graph: what it is, and which of the values before it takes (modulo their number). */
interface Drawn {
  readonly kind: (typeof KINDS)[number];
  readonly from: readonly [number, number, number];
}

/** A random directed acyclic graph of values of one width, which is what shrinks; `seed` draws numbers. */
export interface Recipe {
  readonly inputs: number;
  readonly nodes: readonly Drawn[];
  /** The value that a second output takes, which other layers may take as well; none: −1. */
  readonly second: number;
  readonly frozen: readonly number[];
  readonly seed: number;
}

export const recipes: fc.Arbitrary<Recipe> = fc.record({
  inputs: fc.integer({ min: 1, max: 2 }),
  nodes: fc.array(fc.record({ kind: fc.constantFrom(...KINDS), from: fc.tuple(fc.nat(12), fc.nat(12), fc.nat(12)) }), {
    minLength: 1,
    maxLength: 9,
  }),
  second: fc.integer({ min: -1, max: 9 }),
  frozen: fc.array(fc.nat(9), { maxLength: 4 }),
  seed: seeds,
});

/** How many numbers a value has. */
export const WIDTH = 16;

/** The graph of a recipe, not yet a model. */
export interface Built {
  readonly inputs: SymbolicTensor[];
  readonly outputs: SymbolicTensor[];
}

/**
 * Builds the graph of a recipe: three classes at the end, and all inputs and the last value joined before them.
 * @param order where it is given, nodes are applied in a random order that is possible
 */
export function build({ inputs: count, nodes, second, frozen }: Recipe, order?: Random): Built {
  const inputs = Array.from({ length: count }, () => input({ shape: [WIDTH] }));
  const shared = new Dense({ units: WIDTH, activation: "tanh" });
  const layers = nodes.map(({ kind }, index) => layersOf(kind, shared, frozen.includes(index)));
  const values = new Array<SymbolicTensor | undefined>(nodes.length);
  const valueAt = (place: number) => (place < count ? inputs[place] : values[place - count]);
  const ready = (index: number) => taken(nodes[index], count + index).every((place) => valueAt(place) !== undefined);
  for (let left = nodes.length; left > 0; left--) {
    const possible = nodes.flatMap((_, index) => (values[index] === undefined && ready(index) ? index : []));
    const index = possible[order ? order.below(possible.length) : 0];
    const xs = taken(nodes[index], count + index).map((place) => valueAt(place)!);
    values[index] = layers[index].reduce<SymbolicTensor | SymbolicTensor[]>((x, layer) => layer.apply(x), xs) as SymbolicTensor; // biome-ignore format: one chain
  }
  const last = new Add().apply([...inputs, values[nodes.length - 1]!]);
  const outputs = [new Dense({ units: 3, activation: "softmax" }).apply(last)];
  if (second >= 0) outputs.push(new Dense({ units: 2 }).apply(values[second % nodes.length]!));
  return { inputs, outputs };
}

export function modelOf(recipe: Recipe, order?: Random): Model<SymbolicTensor[]> {
  return new Model({ ...build(recipe, order), seed: recipe.seed });
}

function taken({ kind, from }: Drawn, before: number): number[] {
  const places = from.map((place) => place % before);
  if (kind === "add3") return places;
  if (kind === "add" || kind === "multiply" || kind === "concatenate") return places.slice(0, 2);
  return kind === "twice" ? [places[0], places[0]] : places.slice(0, 1);
}

function layersOf(kind: Drawn["kind"], shared: Layer, frozen: boolean): Layer[] {
  const dense = () => new Dense({ units: WIDTH, activation: "tanh", trainable: !frozen });
  switch (kind) {
    case "dense":
      return [dense()];
    case "shared":
      return [shared];
    case "tanh":
      return [new Activation("tanh")];
    case "dropout":
      return [new Dropout({ rate: 0.3 })];
    case "multiply":
      return [new Multiply()];
    case "concatenate":
      return [new Concatenate(), dense()];
    default:
      return [new Add()];
  }
}
