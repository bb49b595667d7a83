import { fail, trueOrFalse } from "../errors.ts";
import { type Initializer, initialize } from "../initializers.ts";
import type { Pass } from "../pass.ts";
import { type Shape, sizeOf, type Tensor } from "../tensor.ts";
import { SlidingConvolution } from "./conv2d.ts";
import type { ConvolutionOptions } from "./convolution.ts";
import type { Parameter } from "./layer.ts";

export interface TableConv2DOptions extends ConvolutionOptions {
  /** A row for each channel of x, in it an entry for each filter: whether that filter sees that channel. */
  connections: readonly (readonly boolean[])[];
}

/**
 * 2-D convolution whose filters see some of the channels only, by a table, as C3 of LeNet-5 does.         LeCun et al. 1998
 *   x [N,H,W,C]   connections [C][F], K of them true   kernel w [KH,KW,K]   bias b [F]   y [N,OH,OW,F]
 *   forward   z[n,i,j,f] = b[f] + Σ_c Σ_pq x[n, i·s+p−t, j·s+q−l, c] · w[p,q,k(c,f)]                y = activation(z)
 *   backward  as Conv2D
 *   c runs over the channels that f sees; k(c,f) counts the connections row by row, and within a row from left to right
 *
 * It is the Conv2D whose kernel [KH,KW,C,F] has w where there is a connection and zeros elsewhere; so the kernels compute
 * it, and of the gradient of that kernel the zeros are left out. Initial values, too, are those of that kernel: fanIn and
 * fanOut count all channels and filters. Equal groups that do not overlap are better made with Conv2D's `groups`.
 *
 * ```ts
 * const table = new TableConv2D({ connections: [[true, false], [true, true]], kernelSize: 1, kernelInitializer: "ones" });
 * table.forward(tensor([[[[1, 10]]]])).toNested(); // [[[[11, 10]]]]
 * ```
 * @throws NeocogError for a filter without a channel, x that is not [N,H,W,C] or has other channels than the table has
 *   rows, a kernel larger than the padded x.
 */
export class TableConv2D extends SlidingConvolution {
  declare readonly options: TableConv2DOptions;
  /** Where c·F + f is connected, in order: the slices of [KH,KW,C·F] that are there. */
  readonly #slices: readonly number[];
  readonly #filters: number;

  constructor(options: TableConv2DOptions) {
    super("TableConv2D", options, ["connections"]);
    this.#filters = checkTable(this.kind, options.connections);
    this.#slices = options.connections.flat().flatMap((connected, slice) => (connected ? [slice] : []));
  }

  protected override make(_inputShape: Shape, pass: Pass): Parameter[] {
    return this.weights([...this.geometry.kernelSize, this.#slices.length], pass, this.#filters);
  }

  protected override parameter(name: string, shape: Shape, initializer: Initializer, pass: Pass): Parameter {
    if (name !== "kernel") return super.parameter(name, shape, initializer, pass);
    const drawn: Initializer = (_, random) => {
      const values = new Float64Array(shape.reduce((product, side) => product * side));
      return this.#gathered(
        values,
        initialize(this.name, initializer, this.#wholeShape, random, new Float64Array(sizeOf(this.#wholeShape))),
      );
    };
    return super.parameter(name, shape, drawn, pass);
  }

  protected override builtFor(): number {
    return this.options.connections.length;
  }

  protected override filtersOf(channels: number): number {
    const { length } = this.options.connections;
    if (channels !== length) {
      fail(this.name, "the number of channels of x", channels, `give ${length}, one for each row of connections`);
    }
    return this.#filters;
  }

  protected override groupsOf(): number {
    return 1;
  }

  protected override filters(kernel: Tensor, pass: Pass): Tensor {
    const whole = pass.allocate(this.#wholeShape);
    const [W, w] = [whole.data.fill(0), kernel.data];
    this.#eachConnection((slice, own) => {
      W[slice] = w[own];
    });
    return whole;
  }

  protected override kernelGradient(dw: Tensor, pass: Pass, write: (whole: Tensor) => void): void {
    const whole = pass.allocate(this.#wholeShape);
    write(whole);
    this.#gathered(dw.data, whole.data);
  }

  get #wholeShape(): number[] {
    return [...this.geometry.kernelSize, this.options.connections.length, this.#filters];
  }

  /** Fills [KH,KW,K] with what [KH,KW,C,F] has there. */
  #gathered<Numbers extends { [index: number]: number }>(w: Numbers, whole: ArrayLike<number>): Numbers {
    this.#eachConnection((slice, own) => {
      (w as { [index: number]: number })[own] = whole[slice];
    });
    return w;
  }

  /** Each weight's index in [KH,KW,C,F] and in [KH,KW,K]. */
  #eachConnection(visit: (whole: number, own: number) => void): void {
    const [height, width, channels, filters] = this.#wholeShape;
    let own = 0;
    for (let cell = 0; cell < height * width; cell++)
      for (const slice of this.#slices) visit(cell * channels * filters + slice, own++);
  }
}

/** The number of filters of a table. */
function checkTable(owner: string, table: unknown): number {
  const remedy = "give a row of true and false for each channel, all as long as there are filters";
  if (!Array.isArray(table) || table.length === 0) fail(owner, "connections", table, remedy);
  for (const row of table) {
    if (!Array.isArray(row) || row.length === 0 || row.length !== table[0].length) {
      fail(owner, "a row of connections", row, remedy);
    }
    for (let f = 0; f < row.length; f++) trueOrFalse(owner, `connections in column ${f}`, row[f]);
  }
  const filters: number = table[0].length;
  for (let f = 0; f < filters; f++) {
    if (!table.some((row) => row[f])) {
      fail(owner, `column ${f} of connections`, false, "connect each filter with one channel at least");
    }
  }
  return filters;
}
