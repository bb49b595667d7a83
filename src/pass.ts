import { checkOptions, NeocogError, trueOrFalse } from "./errors.ts";
import { checkKernels, type Kernels } from "./kernels/kernels.ts";
import { wasmKernels } from "./kernels/wasm/kernels.ts";
import { Random, type RandomKey } from "./random.ts";
import { type Shape, type Tensor, zeros } from "./tensor.ts";

export interface PassOptions {
  /** Default: the WASM SIMD kernels, made once. */
  kernels?: Kernels;
  /** Whether dropout drops and batch normalisation uses the batch's statistics. Default: false. */
  training?: boolean;
  /** Whether a backward pass will follow, so that layers have to remember what it needs. Default: true. */
  gradients?: boolean;
  /** Fixes all randomness of the pass: initial weights, dropout. Default: 0. */
  seed?: number;
}

/** Whoever can be handed to {@link Pass.remember}: a layer. */
export interface Named {
  readonly name: string;
  /** The layer with the same parameters, where there is one: what both remember is one stack, so that gradients add. */
  readonly twinOf?: Named;
}

/**
 * All that a layer needs besides its input: kernels, memory, the training flag, random numbers; and the notes that the
 * forward pass leaves for the backward pass. Nothing in the library reads a global instead.
 *
 * ```ts
 * const pass = new Pass({ kernels: referenceKernels("float64"), training: true, seed: 7 });
 * const y = layer.forward(x, pass);
 * const dx = layer.backward(dy, pass);
 * ```
 */
export class Pass {
  readonly kernels: Kernels;
  readonly training: boolean;
  readonly random: Random;
  #gradients: boolean;
  #keys = 0;
  #keySource: Random;
  readonly #notes = new Map<Named, { notes: object[]; recalled: number }>();

  constructor(options: PassOptions = {}) {
    checkOptions("Pass", options, ["kernels", "training", "gradients", "seed"]);
    const { kernels, training = false, gradients = true } = options;
    this.kernels = kernels === undefined ? wasmKernels() : checkKernels("Pass", kernels);
    this.training = trueOrFalse("Pass", "training", training);
    this.#gradients = trueOrFalse("Pass", "gradients", gradients);
    this.random = new Random(options.seed ?? 0);
    this.#keySource = this.random;
  }

  /** Whether a backward pass will follow. */
  get gradients(): boolean {
    return this.#gradients;
  }

  /** Runs a part of the forward pass that no backward pass will go through: nothing in it has to be remembered. */
  withoutGradients<Result>(part: () => Result): Result {
    const before = this.#gradients;
    this.#gradients = false;
    try {
      return part();
    } finally {
      this.#gradients = before;
    }
  }

  /** Room for a result; what is in it is not defined. Here: ordinary memory, which lives as long as it is referred to. */
  allocate(shape: Shape): Tensor {
    return zeros(shape, this.kernels.dtype);
  }

  /**
   * Changes what outlives the step, as moving statistics do. The dry run of a step, in which numbers mean nothing, leaves
   * it out.
   */
  keep(change: () => void): void {
    change();
  }

  /** A key for a kernel that draws random numbers; every call of a pass gets another one. */
  nextKey(): RandomKey {
    return this.#keySource.fork(this.#keys++).key;
  }

  /**
   * Puts what backward will need on the layer's stack. It is a stack because a shared layer is called several times
   * forward, and in the reverse order backward.
   */
  remember(layer: Named, note: object): void {
    if (!this.gradients) return;
    const key = layer.twinOf ?? layer;
    const stack = this.#notes.get(key);
    if (!stack?.notes.length) this.#notes.set(key, { notes: [note], recalled: 0 });
    else stack.notes.push(note);
  }

  /** Takes the layer's latest note. The caller names the type that it put there. */
  recall<Note extends object>(layer: Named): Note {
    const stack = this.#notes.get(layer.twinOf ?? layer);
    const note = stack?.notes.pop();
    if (!stack || !note) {
      throw new NeocogError(
        `${layer.name}: backward has nothing to go back over; call forward first, with the same pass and with gradients: true`,
      );
    }
    stack.recalled++;
    return note as Note;
  }

  /** How often the layer has gone back since its stack was last empty: 1 in the first backward call of a step. */
  recalled(layer: Named): number {
    return this.#notes.get(layer.twinOf ?? layer)?.recalled ?? 0;
  }

  /** All that is remembered now, of all layers. */
  *notes(): Iterable<object> {
    for (const stack of this.#notes.values()) yield* stack.notes;
  }

  /** Forgets all notes and draws keys from a new source: what a training loop does before each step. */
  protected restart(keySource: Random = this.random): void {
    this.#keys = 0;
    this.#keySource = keySource;
    this.#notes.clear();
  }
}

/** The pass of somebody who calls a layer without one: inference, and only the latest call is remembered. */
class FirstLook extends Pass {
  #latest = new WeakMap<Named, object>();

  override remember(layer: Named, note: object): void {
    this.#latest.set(layer, note);
  }

  override recall<Note extends object>(layer: Named): Note {
    const note = this.#latest.get(layer);
    if (!note) return super.recall<Note>(layer);
    this.#latest.delete(layer);
    return note as Note;
  }

  override recalled(): number {
    return 1;
  }
}

let first: Pass | undefined;

/** The pass that is used where none is given. */
export function defaultPass(): Pass {
  first ??= new FirstLook();
  return first;
}
