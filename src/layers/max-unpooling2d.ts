import { checkOptions, fail, NeocogError } from "../errors.ts";
import { defaultPass, type Pass } from "../pass.ts";
import { checkTensor, type Shape, sameShape, type Tensor } from "../tensor.ts";
import type { Window, WindowOptions } from "../window.ts";
import { MaxPooling2D } from "./max-pooling2d.ts";
import { Merge } from "./merge.ts";
import { POOLING_OPTIONS, type Pooling2DOptions, poolingOptions, poolingWindow } from "./pooling2d.ts";
import { type SymbolicTensor, symbolicList } from "./symbolic.ts";

export interface MaxUnpooling2DOptions extends Pooling2DOptions {
  /**
   * The layer whose pooling is undone, instead of poolSize, strides and padding: then `apply(y)` finds by itself the image
   * that it has pooled, and the layer may stand in a Sequential.
   */
  pooling?: MaxPooling2D;
}

interface Note {
  readonly shape: Shape;
  readonly switches: Tensor;
  readonly window: Window;
}

/**
 * Puts values back where the maxima were: the first input's to where max pooling finds the largest of the second, 0
 * elsewhere.                                                             C9 · Zeiler & Fergus 2014, Noh, Hong & Han 2015
 *   y [N,OH,OW,C] values   x [N,H,W,C] the image that was pooled   z [N,H,W,C]   switches of x as in MaxPooling2D
 *   forward   z[n,u,v,c] = Σ y[n,i,j,c] over the windows of x whose maximum is at u, v; windows that do not overlap: one
 *   backward  dy[n,i,j,c] = dz at the switch of n,i,j,c;  dx = 0: the switches do not change with a small change of x
 *
 * ```ts
 * const x = tensor([[[[1], [2]], [[4], [3]]]]);
 * new MaxUnpooling2D({ poolSize: 2 }).forwardAll([tensor([[[[9]]]]), x]).toNested(); // [[[[0], [0]], [[9], [0]]]]
 *
 * const pool = new MaxPooling2D();
 * new Sequential([conv, pool, other, new MaxUnpooling2D({ pooling: pool })]); // or, in a graph, apply([y, x])
 * ```
 * The switches are found again from x rather than handed over, so that nothing but the graph connects the two layers:
 * files, shared layers and inference need no more than for any other.
 *
 * @throws NeocogError for inputs that are not these two, and for `pooling` that y does not come from.
 */
export class MaxUnpooling2D extends Merge {
  readonly #window: WindowOptions;
  readonly #pooling: MaxPooling2D | undefined;

  constructor(options: MaxUnpooling2DOptions = {}) {
    checkOptions("MaxUnpooling2D", options, ["pooling", ...POOLING_OPTIONS, "name", "trainable"]);
    const { pooling, ...own } = options;
    const geometry = pooling === undefined ? own : { ...own, ...geometryOf(pooling, own) };
    super("MaxUnpooling2D", geometry, POOLING_OPTIONS);
    this.#window = poolingOptions("MaxUnpooling2D", geometry);
    this.#pooling = pooling;
  }

  /** With `pooling`, the values alone are enough: the image is found behind them. */
  override apply(inputs: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor {
    const given = symbolicList(this.name, "x", inputs);
    const pooling = this.#pooling;
    return super.apply(given.length === 1 && pooling ? [given[0], this.#pooledBy(pooling, given[0])] : given);
  }

  override outputShapeAll(inputShapes: readonly Shape[]): number[] {
    this.checkCount(inputShapes);
    if (inputShapes.length > 2) {
      fail(
        this.name,
        "the number of inputs",
        inputShapes.length,
        "give two: the values, and the image that was pooled",
      );
    }
    const [values, image] = inputShapes;
    const pooled = this.#over(image).outputShape(image[0], image[3]);
    if (!sameShape(values, pooled)) {
      fail(
        this.name,
        "the shape of input 1",
        values,
        `input 2 of [${image}] is pooled to [${pooled}]; give as many values`,
      );
    }
    return [...image];
  }

  override forwardAll(inputs: readonly Tensor[], pass: Pass = defaultPass()): Tensor {
    for (const [index, input] of inputs.entries()) checkTensor(this.name, `input ${index + 1}`, input);
    const shape = this.outputShapeAll(inputs.map((input) => input.shape));
    const [y, x] = inputs;
    const window = this.#over(shape);
    const [maxima, switches] = [pass.allocate(y.shape), pass.allocate(y.shape)];
    pass.kernels.maxPooling2dForward(maxima, switches, x, window);
    const z = pass.allocate(shape);
    pass.kernels.maxPooling2dBackward(z, y, switches, window);
    pass.remember(this, { shape, switches, window } satisfies Note);
    return z;
  }

  override backwardAll(dz: Tensor, pass: Pass = defaultPass(), wanted?: readonly boolean[]): (Tensor | undefined)[] {
    const { shape, switches, window } = pass.recall<Note>(this);
    this.checkShapeOfGradient(dz, shape);
    const ofValues = () => {
      const dy = pass.allocate(switches.shape);
      pass.kernels.maxUnpooling2dBackward(dy, dz, switches, window);
      return dy;
    };
    const ofImage = () => {
      const dx = pass.allocate(shape);
      pass.kernels.copyWindow2d(dx, dz, shape[1], 0); // a window below the last row: zeros
      return dx;
    };
    return [ofValues, ofImage].map((gradient, index) => (wanted && !wanted[index] ? undefined : gradient()));
  }

  #over(image: Shape): Window {
    return poolingWindow(this.name, image, this.#window);
  }

  /** What the layer has pooled, of all that y comes from: where it gave as many values as y has, the nearest one. */
  #pooledBy(pooling: MaxPooling2D, y: SymbolicTensor): SymbolicTensor {
    const seen = new Set([y]);
    for (const { source, shape } of seen) {
      if (source?.layer === pooling && sameShape(shape, y.shape)) return source.inputs[0];
      for (const input of source?.inputs ?? []) seen.add(input);
    }
    const remedy = `put it before, with an output of [${y.shape}], or use apply([y, x])`;
    throw new NeocogError(`${this.name}: x does not come from pooling, ${pooling.name}; ${remedy}`);
  }
}

/** Its window, as options: what a file keeps. */
function geometryOf(pooling: unknown, own: object): Pooling2DOptions {
  if (!(pooling instanceof MaxPooling2D)) {
    fail("MaxUnpooling2D", "pooling", pooling, "give the MaxPooling2D layer, or its poolSize, strides and padding");
  }
  const twice = POOLING_OPTIONS.find((name) => Object.hasOwn(own, name));
  if (twice) throw new NeocogError(`MaxUnpooling2D: pooling and ${twice} are both given; give one of them`);
  const { name: _name, trainable: _trainable, ...geometry } = pooling.options;
  return geometry;
}
