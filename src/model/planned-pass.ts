import { NeocogError } from "../errors.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { Pass, type PassOptions } from "../pass.ts";
import type { Random } from "../random.ts";
import { type DType, type FloatArray, type Shape, type Storage, sameShape, sizeOf, Tensor } from "../tensor.ts";
import { type MemoryPlan, planMemory } from "./memory-plan.ts";

/**
 * The pass of a step whose tensors all live in one arena.
 *
 * A step is run twice the first time. `RecordingPass` runs it on kernels that do nothing and notes which tensors are
 * asked for, in which order, and until when they can still be reached; from that follows where each may lie. Then, and
 * in every later step, `ReplayPass` answers the i-th request with the i-th tensor of the plan. Layers know nothing of it.
 */
export abstract class StepPass extends Pass {
  /** Whether this is the dry run: numbers mean nothing then. */
  abstract readonly recording: boolean;

  /** Marks the end of a call: from now on only these tensors, and what layers remember, are needed. */
  abstract settle(...inFlight: readonly (Tensor | undefined)[]): void;
}

interface Recorded {
  readonly shape: Shape;
  readonly birth: number;
  death: number;
}

/** What stands for memory in the dry run; a layer that looks at it without the kernels sees zeros. */
class RecordedStorage implements Storage {
  #data: FloatArray | undefined;

  constructor(
    readonly tensor: Recorded,
    readonly length: number,
    readonly dtype: DType,
  ) {}

  get data(): FloatArray {
    this.#data ??= this.dtype === "float64" ? new Float64Array(this.length) : new Float32Array(this.length);
    return this.#data;
  }

  slice(_start: number, length: number): Storage {
    return new RecordedStorage(this.tensor, length, this.dtype);
  }
}

class RecordingPass extends StepPass {
  override readonly recording = true;
  readonly tensors: Recorded[] = [];
  #moment = 0;

  constructor(options: PassOptions & { kernels: Kernels }) {
    super({ ...options, kernels: idle(options.kernels) });
  }

  override allocate(shape: Shape): Tensor {
    const tensor = { shape: [...shape], birth: this.#moment, death: this.#moment };
    this.tensors.push(tensor);
    return new Tensor(shape, new RecordedStorage(tensor, sizeOf(shape), this.kernels.dtype));
  }

  override keep(): void {}

  /** What is still reachable lives on into the next moment. */
  override settle(...inFlight: readonly (Tensor | undefined)[]): void {
    const reached = new Set<Recorded>();
    const seen = new Set<object>();
    for (const root of [...inFlight, ...this.notes()]) mark(root, reached, seen);
    this.#moment++;
    for (const tensor of reached) tensor.death = this.#moment;
  }
}

/** Collects the tensors in a note: its own, and those in lists and objects in it; reshaped ones share a storage. */
function mark(value: unknown, reached: Set<Recorded>, seen: Set<object>): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
  seen.add(value);
  if (!(value instanceof Tensor)) for (const part of Object.values(value)) mark(part, reached, seen);
  else if (value.storage instanceof RecordedStorage) reached.add(value.storage.tensor);
}

/** The same contract, but nothing is computed. */
function idle(kernels: Kernels): Kernels {
  const nothing = () => {};
  const kept = ["name", "dtype", "allocate"];
  return new Proxy(kernels, {
    get: (target, name) => (kept.includes(name as string) ? Reflect.get(target, name) : nothing),
  });
}

class ReplayPass extends StepPass {
  override readonly recording = false;
  #tensors: Tensor[] = [];
  #storage: Storage | undefined;
  #next = 0;

  constructor(
    options: PassOptions,
    readonly plan: MemoryPlan,
    readonly shapes: readonly Shape[],
  ) {
    super(options);
  }

  /** Begins a step in an arena; its tensors are made again only when the arena has moved. */
  begin(arena: Storage, keySource: Random | undefined): void {
    this.restart(keySource);
    this.#next = 0;
    if (arena === this.#storage) return;
    this.#storage = arena;
    this.#tensors = this.shapes.map((shape, index) => {
      return new Tensor(shape, arena.slice(this.plan.offsets[index], sizeOf(shape)));
    });
  }

  override allocate(shape: Shape): Tensor {
    const tensor = this.#tensors[this.#next++];
    if (!tensor || !sameShape(tensor.shape, shape)) {
      throw new NeocogError(
        `memory plan: tensor ${this.#next} of this step is [${shape}], but was [${tensor?.shape ?? "none"}] when it was planned; a layer must allocate the same tensors in every step`,
      );
    }
    return tensor;
  }

  override settle(): void {}
}

/** How much memory the tensors of a step need. */
export interface StepMemory {
  /** Bytes of the arena. */
  readonly plannedBytes: number;
  /** Bytes of all tensors of the step, if each had its own. */
  readonly tensorBytes: number;
}

/** The plans of a model's steps, by the shapes they work on, and the one arena that all of them use in turn. */
export class Plans {
  readonly #passes = new Map<string, ReplayPass>();
  #arena: Tensor | undefined;

  constructor(readonly kernels: Kernels) {}

  /**
   * Runs a step in planned memory.
   * @param key what the step's shapes depend on
   * @param keySource where dropout draws from in this step
   */
  run(
    key: string,
    options: Omit<PassOptions, "kernels">,
    keySource: Random | undefined,
    step: (pass: StepPass) => void,
  ) {
    const pass = this.#passes.get(key) ?? this.#record(key, { ...options, kernels: this.kernels }, step);
    if (!this.#arena || this.#arena.size < pass.plan.size) this.#arena = this.kernels.allocate([pass.plan.size]);
    pass.begin(this.#arena.storage, keySource);
    step(pass);
  }

  /** Of the step that needs most. */
  get memory(): StepMemory {
    const width = this.kernels.dtype === "float64" ? 8 : 4;
    let most: StepMemory = { plannedBytes: 0, tensorBytes: 0 };
    for (const { plan, shapes } of this.#passes.values()) {
      const tensorBytes = shapes.reduce((total, shape) => total + sizeOf(shape) * width, 0);
      if (plan.size * width > most.plannedBytes) most = { plannedBytes: plan.size * width, tensorBytes };
    }
    return most;
  }

  #record(key: string, options: PassOptions & { kernels: Kernels }, step: (pass: StepPass) => void): ReplayPass {
    const recording = new RecordingPass(options);
    step(recording);
    const shapes = recording.tensors.map(({ shape }) => shape);
    const plan = planMemory(
      recording.tensors.map(({ shape, birth, death }) => ({ size: sizeOf(shape), birth, death })),
    );
    const pass = new ReplayPass(options, plan, shapes);
    this.#passes.set(key, pass);
    return pass;
  }
}
