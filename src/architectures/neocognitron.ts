import { checkOptions, fail, finiteNumber, wholeNumber } from "../errors.ts";
import { Random } from "../random.ts";
import { checkTensor, type Shape, type Tensor, tensor, zeros } from "../tensor.ts";

/** A layer of S-cells and the layer of C-cells behind it. */
export interface NeocognitronStage {
  /** K: planes of S-cells, of as many features, and planes of C-cells. */
  planes: number;
  /** Side of the square of cells that an S-cell sees: odd. */
  window: number;
  /** r: a pattern excites an S-cell if its cosine with the one learnt is above r / (1 + r), and fully if it is 1. */
  selectivity: number;
  /** q: how much a presentation reinforces. */
  reinforcement: number;
  /** Side of the square of places in which cells compete: odd. Default: all of the layer. */
  column?: number;
  /** Side of the square of S-cells that a C-cell sees: odd. Default: all of the layer; there is one C-cell a plane then. */
  blur?: number;
  /** Distance of neighbouring C-cells, in S-cells. Default: 1. */
  stride?: number;
}

export interface NeocognitronOptions {
  /** Of one image: [height, width]. */
  inputShape: Shape;
  stages: readonly NeocognitronStage[];
  /** α: the output at which a C-cell has half of its largest value. Default: 0.5. */
  saturation?: number;
  /** Fixes the weak initial weights. Default: 0. */
  seed?: number;
}

export interface LearnOptions {
  /** How often each image is presented to each stage. Default: 5. */
  presentations?: number;
}

/** A stage: what its S-cells see and what they have learnt. */
export interface TaughtStage {
  readonly options: NeocognitronStage;
  /** Planes of the layer of C-cells before, or 1 for the image. */
  readonly inputs: number;
  /** c [window,window]: how much a place counts, less with its distance; Σ over places and input planes is 1. */
  readonly c: Tensor;
  /** a [window,window,inputs,planes], excitatory. */
  readonly a: Tensor;
  /** b [planes], inhibitory. */
  readonly b: Float64Array;
}

/** What the cells of a stage do. */
interface Response {
  /** u_C of the layer before, [height,width,inputs], and v, the inhibitory cells that see it, [height,width]. */
  readonly x: Tensor;
  readonly v: Tensor;
  /** [height,width,planes] */
  readonly s: Tensor;
}

const INITIAL = 1e-4;

/**
 * The Neocognitron (Fukushima 1980): features that are found anywhere and then blurred, in stages, learnt without labels.
 * The first convolutional network; what came later is the gradient. Equation numbers are those of the paper.
 *
 *   c(v) weight of a place v of the window, ΣΣ c = 1;  κ plane before, k plane, n place;  φ(x) = max(x, 0)
 *   (3)  v(n)     = √( Σ_κ Σ_v c(v) · u_C(κ, n+v)² )                                   inhibitory cell: the mean activity
 *   (1)  u_S(k,n) = r · φ( (1 + Σ_κ Σ_v a(κ,v,k) · u_C(κ, n+v)) / (1 + 2r/(1+r) · b(k) · v(n)) − 1 )        shunting
 *   (7)  v_S(n)   = 1/K · Σ_k Σ_v d(v) · u_S(k, n+v)                                   what all planes have in common
 *   (5)  u_C(k,n) = ψ( (1 + Σ_v d(v) · u_S(k, n+v)) / (1 + v_S(n)) − 1 ),   (6) ψ(x) = φ(x) / (α + φ(x))       blurring
 *
 * All cells of a plane have the same a and b: what one learns, it learns for every place. Learning, after each image:
 *   1. of the cells of all planes around a place (a hypercolumn) the one with the largest output is a candidate
 *   2. of the candidates of a plane the one with the largest output is its seed cell; a plane without candidate has none
 *   3. the seed cell n̂ of plane k is reinforced, and its plane with it:
 *      (8)  a(κ,v,k) += q · c(v) · u_C(κ, n̂+v)      (9)  b(k) += q/2 · v(n̂)
 *
 * So a is the picture of what the seed cell saw, and b·v grows with the length of any picture: after some presentations
 * u_S ≈ φ((1 + r)·s − r), s the cosine of what is seen and what was learnt. A plane that has learnt nothing has a small a
 * and no b: it responds to everything, but so weakly that it only wins where no other plane responds. That is how
 * something new finds a plane of its own.
 *
 * ```ts
 * const network = neocognitron();
 * network.learn(digitShapes());
 * network.winners(digitShapes()); // five different planes, one for each of 0, 1, 2, 3, 4
 * ```
 */
export class Neocognitron {
  readonly inputShape: Shape;
  readonly stages: readonly TaughtStage[];
  readonly #saturation: number;

  constructor(options: NeocognitronOptions) {
    checkOptions("Neocognitron", options, ["inputShape", "stages", "saturation", "seed"]);
    const { inputShape, stages, saturation = 0.5, seed = 0 } = options;
    if (!Array.isArray(inputShape) || inputShape.length !== 2) {
      fail("Neocognitron", "inputShape", inputShape, "give [height, width]");
    }
    for (const side of inputShape) wholeNumber("Neocognitron", "a side of inputShape", side, 1);
    if (!Array.isArray(stages) || stages.length === 0) {
      fail("Neocognitron", "stages", stages, "give a list of one stage at least");
    }
    this.inputShape = inputShape;
    this.#saturation = finiteNumber("Neocognitron", "saturation", saturation, 0);
    if (saturation === 0) fail("Neocognitron", "saturation", saturation, "use a number above 0");
    const random = new Random(seed);
    this.stages = stages.map((stage, index) => {
      return untaught(checked(stage), index === 0 ? 1 : stages[index - 1].planes, random.fork(index));
    });
  }

  /**
   * Learns one stage behind the other.
   * @param images [N,H,W] or [N,H,W,1], from 0 to 1; their order matters, labels there are none
   */
  learn(images: Tensor, options: LearnOptions = {}): void {
    checkOptions("learn", options, ["presentations"]);
    const presentations = wholeNumber("learn", "presentations", options.presentations ?? 5, 1);
    const shown = this.#each(images);
    this.stages.forEach((stage, index) => {
      // The stages before do not change any more.
      const inputs = shown.map((image) => this.#through(image, index));
      for (let t = 0; t < presentations; t++) for (const x of inputs) reinforce(stage, simpleCells(stage, x));
    });
  }

  /** u_C of the last stage, [N, planes]. */
  respond(images: Tensor): Tensor {
    const rows = this.#each(images).map((image) => [...this.#through(image, this.stages.length).data]);
    return tensor(rows, undefined, "float64");
  }

  /** Which of the last stage's planes that have learnt something responds most to each image; −1 where none does. */
  winners(images: Tensor): number[] {
    const responses = this.respond(images);
    const planes = responses.shape[1];
    const { b } = this.stages[this.stages.length - 1];
    return Array.from({ length: responses.shape[0] }, (_, n) => {
      const row = [...responses.data.subarray(n * planes, (n + 1) * planes)].map((u, k) => (b[k] > 0 ? u : 0));
      const most = Math.max(...row);
      return most === 0 ? -1 : row.indexOf(most);
    });
  }

  /** u_S and u_C of each stage for one image: [height,width,planes]. */
  layers(image: Tensor): { s: Tensor; c: Tensor }[] {
    let [x] = this.#each(image.reshape([1, ...image.shape]));
    return this.stages.map((stage) => {
      const { s } = simpleCells(stage, x);
      x = complexCells(stage.options, s, this.#saturation);
      return { s, c: x };
    });
  }

  /** u_C of the stage before `end`. */
  #through(image: Tensor, end: number): Tensor {
    return this.stages
      .slice(0, end)
      .reduce((x, stage) => complexCells(stage.options, simpleCells(stage, x).s, this.#saturation), image);
  }

  #each(images: Tensor): Tensor[] {
    checkTensor("Neocognitron", "images", images);
    const [height, width] = this.inputShape;
    const [N, ...rest] = images.shape;
    if (rest[0] !== height || rest[1] !== width || images.size !== N * height * width) {
      fail("Neocognitron", "the shape of images", images.shape, `give [N, ${height}, ${width}]`);
    }
    return Array.from({ length: N }, (_, n) => {
      const image = zeros([height, width, 1], "float64");
      image.data.set(images.data.subarray(n * image.size, (n + 1) * image.size));
      return image;
    });
  }
}

/** What {@link neocognitron} takes. */
export type NeocognitronNetworkOptions = Partial<NeocognitronOptions>;

/**
 * A Neocognitron for the shapes of {@link digitShapes}: three stages, as in the paper, of sizes found by trying.
 *
 *   19×19      S1 19×19×24 of 3×3     C1 10×10×24, blurred over 5×5     strokes and corners
 *   10×10×24   S2 10×10×48 of 3×3     C2 5×5×48, blurred over 5×5       parts
 *   5×5×48     S3 5×5×12 of 5×5       C3 12, all of S3                  shapes
 *
 * Where the planes of a stage do not suffice, those that are there have to learn several features, and two shapes may end
 * with one winner: with 16 and 24 planes so they do for every second seed. Blurred over 3×3, shapes are lost when shifted.
 */
export function neocognitron(options: NeocognitronNetworkOptions = {}): Neocognitron {
  const stages: NeocognitronStage[] = [
    { planes: 24, window: 3, selectivity: 2, reinforcement: 100, column: 5, blur: 5, stride: 2 },
    { planes: 48, window: 3, selectivity: 2, reinforcement: 2000, column: 5, blur: 5, stride: 2 },
    { planes: 12, window: 5, selectivity: 3.5, reinforcement: 2000 },
  ];
  return new Neocognitron({ inputShape: [19, 19], stages, saturation: 0.25, seed: 1, ...options });
}

const SHAPES = `
  ..###..  ...#...  ..###..  ..###..  ....##.
  .#...#.  ..##...  .#...#.  .#...#.  ...#.#.
  #.....#  .#.#...  #.....#  #.....#  ..#..#.
  #.....#  ...#...  ......#  ......#  ..#..#.
  #.....#  ...#...  .....#.  .....#.  .#...#.
  #.....#  ...#...  ....#..  ..###..  .#...#.
  #.....#  ...#...  ...#...  .....#.  #....#.
  #.....#  ...#...  ..#....  ......#  #######
  #.....#  ...#...  .#.....  #.....#  .....#.
  .#...#.  ...#...  #......  .#...#.  .....#.
  ..###..  .#####.  #######  ..###..  .....#.`
  .trim()
  .split("\n")
  .map((row) => row.trim().split("  "));

/** 0, 1, 2, 3 and 4, drawn in the middle of 19×19 pixels, or so many pixels further down and right: [5,19,19]. */
export function digitShapes([down, right]: readonly [number, number] = [0, 0]): Tensor {
  const side = 19;
  const images = zeros([SHAPES[0].length, side, side], "float64");
  SHAPES.forEach((row, i) => {
    row.forEach((shape, n) => {
      for (let j = 0; j < shape.length; j++)
        if (shape[j] === "#") images.data[(n * side + 4 + i + down) * side + 6 + j + right] = 1;
    });
  });
  return images;
}

function checked(stage: NeocognitronStage): NeocognitronStage {
  const known = ["planes", "window", "selectivity", "reinforcement", "column", "blur", "stride"];
  checkOptions("Neocognitron: a stage", stage, known);
  for (const name of ["window", "column", "blur"] as const) {
    const side = stage[name] ?? 1;
    if (wholeNumber("Neocognitron", name, side, 1) % 2 === 0) {
      fail("Neocognitron", name, side, "use an odd number: the cell is in the middle");
    }
  }
  wholeNumber("Neocognitron", "planes", stage.planes, 1);
  wholeNumber("Neocognitron", "stride", stage.stride ?? 1, 1);
  for (const name of ["selectivity", "reinforcement"] as const) finiteNumber("Neocognitron", name, stage[name], 0);
  return stage;
}

/** A stage whose a are weak and different, and whose b are 0. */
function untaught(options: NeocognitronStage, inputs: number, random: Random): TaughtStage {
  const { window, planes } = options;
  const c = falling(window, 1 / inputs);
  const a = zeros([window, window, inputs, planes], "float64");
  for (let e = 0; e < a.size; e++) a.data[e] = INITIAL * c.data[Math.floor(e / (inputs * planes))] * random.uniform();
  return { options, inputs, c, a, b: new Float64Array(planes) };
}

/** Weights that fall with the distance from the middle of a square, and have this sum. */
function falling(side: number, sum: number): Tensor {
  const weights = zeros([side, side], "float64");
  const middle = (side - 1) / 2;
  // From side in the middle to about half of it at the border; in a row they sum to (3·side² + 1) / 4.
  const height = (p: number) => side - Math.abs(p - middle);
  const row = (3 * side * side + 1) / 4;
  for (let e = 0; e < weights.size; e++) {
    weights.data[e] = (sum * height(Math.floor(e / side)) * height(e % side)) / (row * row);
  }
  return weights;
}

/** Equations (3) and (1). */
function simpleCells({ options, inputs, c, a, b }: TaughtStage, x: Tensor): Response {
  const { planes, window, selectivity: r } = options;
  const [height, width] = x.shape;
  const [v, s] = [zeros([height, width], "float64"), zeros([height, width, planes], "float64")];
  const excitation = new Float64Array(planes);
  for (let n = 0; n < height * width; n++) {
    excitation.fill(0);
    let squares = 0;
    around(x, n, window, (place, cell) => {
      for (let kappa = 0; kappa < inputs; kappa++) {
        const u = x.data[cell * inputs + kappa];
        if (u === 0) continue;
        squares += c.data[place] * u * u;
        const row = (place * inputs + kappa) * planes;
        for (let k = 0; k < planes; k++) excitation[k] += a.data[row + k] * u;
      }
    });
    v.data[n] = Math.sqrt(squares);
    for (let k = 0; k < planes; k++) {
      const inhibition = ((2 * r) / (1 + r)) * b[k] * v.data[n];
      s.data[n * planes + k] = r * Math.max((1 + excitation[k]) / (1 + inhibition) - 1, 0);
    }
  }
  return { x, v, s };
}

/** Equations (7), (5) and (6). */
function complexCells({ blur, stride = 1 }: NeocognitronStage, s: Tensor, alpha: number): Tensor {
  const [height, width, planes] = s.shape;
  const everywhere = blur === undefined;
  const [rows, columns] = everywhere ? [1, 1] : [height, width].map((side) => Math.ceil(side / stride));
  const c = zeros([rows, columns, planes], "float64");
  const d = falling(blur ?? 1, 1).data;
  const sums = new Float64Array(planes);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      sums.fill(0);
      const add = (weight: number, cell: number) => {
        for (let k = 0; k < planes; k++) sums[k] += weight * s.data[cell * planes + k];
      };
      if (everywhere) for (let n = 0; n < height * width; n++) add(1, n);
      else around(s, i * stride * width + j * stride, blur, (place, cell) => add(d[place], cell));
      const common = sums.reduce((total, sum) => total + sum, 0) / planes;
      for (let k = 0; k < planes; k++) {
        const above = Math.max((1 + sums[k]) / (1 + common) - 1, 0);
        c.data[(i * columns + j) * planes + k] = above === 0 ? 0 : above / (alpha + above);
      }
    }
  return c;
}

/** Steps 1 to 3, equations (8) and (9). */
function reinforce({ options, inputs, c, a, b }: TaughtStage, { x, v, s }: Response): void {
  const { planes, window, reinforcement: q } = options;
  for (const [k, seed] of seedCells(options, s)) {
    around(x, seed, window, (place, cell) => {
      for (let kappa = 0; kappa < inputs; kappa++) {
        a.data[(place * inputs + kappa) * planes + k] += q * c.data[place] * x.data[cell * inputs + kappa];
      }
    });
    b[k] += (q / 2) * v.data[seed];
  }
}

/** The seed cell's place, by plane. Of equal outputs the first one wins. */
function seedCells({ planes, column }: NeocognitronStage, s: Tensor): Map<number, number> {
  const [height, width] = s.shape;
  const seeds = new Map<number, number>();
  for (let n = 0; n < height * width; n++) {
    let [most, winner] = [0, -1];
    const compare = (cell: number) => {
      for (let e = cell * planes; e < (cell + 1) * planes; e++) if (s.data[e] > most) [most, winner] = [s.data[e], e];
    };
    if (column === undefined) for (let cell = 0; cell < height * width; cell++) compare(cell);
    else around(s, n, column, (_, cell) => compare(cell));
    if (winner >= 0) {
      const [k, place] = [winner % planes, Math.floor(winner / planes)];
      const other = seeds.get(k);
      if (other === undefined || s.data[other * planes + k] < most) seeds.set(k, place);
    }
    if (column === undefined) break;
  }
  return seeds;
}

/** Visits the cells of a square around place n that lie in the layer: the place in the square, and the cell's. */
function around({ shape }: Tensor, n: number, side: number, visit: (place: number, cell: number) => void): void {
  const [height, width] = shape;
  const [i, j, half] = [Math.floor(n / width), n % width, (side - 1) / 2];
  for (let p = 0; p < side; p++)
    for (let q = 0; q < side; q++) {
      const [u, w] = [i + p - half, j + q - half];
      if (u >= 0 && u < height && w >= 0 && w < width) visit(p * side + q, u * width + w);
    }
}
