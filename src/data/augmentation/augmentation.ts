import { checkOptions, fail, finiteNumber, wholeNumber } from "../../errors.ts";
import { Random } from "../../random.ts";
import { checkTensor, type Tensor, zeros } from "../../tensor.ts";
import { sineAndCosine } from "../../trigonometry.ts";
import { AugmentedBatches } from "./batches.ts";
import { PLAN_LENGTH, type WarpSettings, warp } from "./warp.ts";

/** How far to each side, or from where to where. */
export type Range = number | readonly [least: number, most: number];

export interface AugmentationOptions {
  /** Degrees, counter-clockwise: 15 is [−15, 15]. Default: 0. */
  rotation?: Range;
  /** By how many degrees upright lines lean to the right: 5 is [−5, 5]. Default: 0. */
  shear?: Range;
  /** How many times as large things become: 0.1 is [0.9, 1.1]. Default: 0. */
  zoom?: Range;
  /** To the right: 0.1 is up to a tenth of the width to both sides; whole numbers are pixels, and only whole ones. Default: 0. */
  widthShift?: Range;
  /** Downward, as parts of the height or pixels. Default: 0. */
  heightShift?: Range;
  /** Pixels put around the image before it is cut out again anywhere. Default: 0. */
  randomCrop?: number;
  /** Left and right swapped: half of the time, or with this probability. Default: false. */
  horizontalFlip?: boolean | number;
  /** Top and bottom swapped. Default: false. */
  verticalFlip?: boolean | number;
  /** What all numbers are multiplied by: 0.2 is [0.8, 1.2]. Default: 0. */
  brightness?: Range;
  /** Side in pixels of a square that is cut out anywhere, its centre inside of the image. Default: 0. */
  cutout?: number;
  /** What is beyond the edges: fillValue, the edge's pixels, or the image mirrored. Default: "nearest". */
  fillMode?: WarpSettings["fillMode"];
  /** For "constant", and for what is cut out. Default: 0. */
  fillValue?: number;
}

/** Whose turn it is: what an image becomes depends on this and on nothing else. */
export interface Turn {
  /** Default: 0. */
  seed?: number;
  /** Default: 0. */
  epoch?: number;
  /** The number of each image in the data set. Default: 0, 1, 2 … */
  indices?: ArrayLike<number>;
}

/** Images and their plans, for whoever carries them out. */
export interface WarpJob {
  readonly plans: Float64Array;
  readonly settings: WarpSettings;
}

const KNOWN = [
  "rotation",
  "shear",
  "zoom",
  "widthShift",
  "heightShift",
  "randomCrop",
  "horizontalFlip",
  "verticalFlip",
];
const FILL_MODES = ["constant", "nearest", "reflect"];

/**
 * Images changed a little, in each epoch in another way: a network that sees no image twice learns what matters. D5
 *
 *   flip, then zoom, shear and rotate around the centre, shift, interpolate bilinearly; multiply; cut out
 *
 * Each image draws its own numbers, which depend on the seed, the epoch and its index alone: not on its batch, on what
 * other options are used, or on who computes.
 *
 * ```ts
 * const augmentation = new Augmentation({ rotation: 15, widthShift: 0.1, zoom: 0.1, horizontalFlip: true });
 * augmentation.apply(images, { seed: 7, epoch: 3 }).shape;   // that of images
 * await model.fit(images, labels, { epochs: 10, augmentation }); // in a worker, while the kernels train
 *
 * const shifted = new Augmentation({ widthShift: [1, 1], fillMode: "constant" });
 * shifted.apply(tensor([[[[1], [2], [3]]]])).toNested(); // [[[[0], [1], [2]]]]
 * ```
 * Zooming, shearing and rotation as in Keras' ImageDataGenerator; randomCrop: He et al. 2016; cutout: DeVries & Taylor 2017.
 * @throws NeocogError for ranges that are none.
 */
export class Augmentation {
  readonly #rotation: Bounds;
  readonly #shear: Bounds;
  readonly #zoom: Bounds;
  readonly #widthShift: Bounds;
  readonly #heightShift: Bounds;
  readonly #brightness: Bounds;
  readonly #randomCrop: number;
  readonly #cutout: number;
  readonly #flips: readonly [horizontal: number, vertical: number];
  readonly #fill: Pick<WarpSettings, "fillMode" | "fillValue">;

  constructor(options: AugmentationOptions = {}) {
    checkOptions("Augmentation", options, [...KNOWN, "brightness", "cutout", "fillMode", "fillValue"]);
    const { fillMode = "nearest", fillValue = 0 } = options;
    this.#rotation = bounds("rotation", options.rotation, 0, [-360, 360]);
    this.#shear = bounds("shear", options.shear, 0, [-80, 80]);
    this.#zoom = bounds("zoom", options.zoom, 1, [0.01, 100]);
    this.#widthShift = bounds("widthShift", options.widthShift, 0, [-LARGEST_SHIFT, LARGEST_SHIFT]);
    this.#heightShift = bounds("heightShift", options.heightShift, 0, [-LARGEST_SHIFT, LARGEST_SHIFT]);
    this.#brightness = bounds("brightness", options.brightness, 1, [0, 100]);
    this.#randomCrop = wholeNumber("Augmentation", "randomCrop", options.randomCrop ?? 0, 0);
    this.#cutout = wholeNumber("Augmentation", "cutout", options.cutout ?? 0, 0);
    this.#flips = [
      probability("horizontalFlip", options.horizontalFlip ?? false),
      probability("verticalFlip", options.verticalFlip ?? false),
    ];
    if (!FILL_MODES.includes(fillMode)) {
      fail("Augmentation", "fillMode", fillMode, `use one of ${FILL_MODES.join(", ")}`);
    }
    this.#fill = { fillMode, fillValue: finiteNumber("Augmentation", "fillValue", fillValue) };
  }

  /** For `fit`: the batches of a training, made in a worker while the kernels train with the one before. */
  batches(inputs: readonly Tensor[], seed: number, batchSize: number): AugmentedBatches {
    return new AugmentedBatches(this, inputs, seed, batchSize);
  }

  /** The images as they are in this turn. @param images [n, height, width, channels] */
  apply(images: Tensor, turn: Turn = {}): Tensor {
    checkOptions("Augmentation.apply", turn, ["seed", "epoch", "indices"]);
    return carriedOut(images, this.job(images, turn));
  }

  /**
   * Masks that belong to the images, of this turn: moved as they are, but each pixel is one of the old ones, nothing is
   * brighter and nothing cut out. What comes from outside is `fillValue` where fillMode is "constant": a label to ignore.
   * @param masks [n, height, width, channels], of the images' height and width
   */
  applyToMasks(masks: Tensor, turn: Turn & { fillValue?: number } = {}): Tensor {
    checkOptions("Augmentation.applyToMasks", turn, ["seed", "epoch", "indices", "fillValue"]);
    const { fillValue = 0, ...when } = turn;
    finiteNumber("Augmentation.applyToMasks", "fillValue", fillValue);
    const { plans, settings } = this.job(masks, when);
    for (let plan = 0; plan < plans.length; plan += PLAN_LENGTH) {
      plans[plan + 6] = 1;
      plans.fill(0, plan + 7, plan + PLAN_LENGTH);
    }
    return carriedOut(masks, { plans, settings: { ...settings, fillValue, nearest: true } });
  }

  /** What `apply` does, as numbers: for a worker. */
  job(images: Tensor, { seed = 0, epoch = 0, indices }: Turn = {}): WarpJob {
    checkTensor("Augmentation", "images", images);
    const { shape } = images;
    if (shape.length !== 4) {
      fail("Augmentation", "the shape of images", shape, "give [n, height, width, channels]");
    }
    const count = shape[0];
    if (indices !== undefined && indices?.length !== count) {
      fail("Augmentation", "the number of indices", indices?.length, `there are ${count} images; give one for each`);
    }
    const random = new Random(seed).fork("augmentation").fork(wholeNumber("Augmentation", "epoch", epoch, 0));
    const plans = new Float64Array(count * PLAN_LENGTH);
    for (let n = 0; n < count; n++) {
      const index = wholeNumber("Augmentation", "each of indices", indices ? indices[n] : n, 0);
      plans.set(this.#plan(random.fork(index), shape), n * PLAN_LENGTH);
    }
    return { plans, settings: { shape, ...this.#fill, nearest: false } };
  }

  /** All numbers are drawn, used or not: one option does not change what another one does. */
  #plan(random: Random, [, height, width]: readonly number[]): number[] {
    const [sine, cosine] = sineAndCosine(drawn(this.#rotation, random));
    const [leanSine, leanCosine] = sineAndCosine(drawn(this.#shear, random));
    const lean = leanSine / leanCosine;
    const zoom = drawn(this.#zoom, random);
    const right = shift(this.#widthShift, width, random);
    const down = shift(this.#heightShift, height, random);
    const [mirrored, overturned] = this.#flips.map((chance) => (random.uniform() < chance ? -1 : 1));
    const [cropDown, cropRight] = [0, 1].map(() => random.below(2 * this.#randomCrop + 1) - this.#randomCrop);
    const brightness = drawn(this.#brightness, random);
    const [row, column] = [random.below(height), random.below(width)];
    const half = Math.floor(this.#cutout / 2);
    const [cutTop, cutLeft] = [row - half, column - half];
    // From the new image back to the old one: turn back, straighten, shrink, flip; y points down.
    //   rotation [cos, sin; −sin, cos]      shear [1, 0; lean, 1]
    return [
      (overturned * cosine) / zoom,
      (overturned * sine) / zoom,
      (mirrored * (lean * cosine - sine)) / zoom,
      (mirrored * (lean * sine + cosine)) / zoom,
      down + cropDown,
      right + cropRight,
      brightness,
      cutTop,
      cutTop + this.#cutout,
      cutLeft,
      cutLeft + this.#cutout,
    ];
  }
}

type Bounds = readonly [least: number, most: number];

const LARGEST_SHIFT = 10_000;

/** [least, most] around what changes nothing. */
function bounds(argument: string, given: Range | undefined, neutral: number, [lowest, highest]: Bounds): Bounds {
  const range = typeof given === "number" ? [neutral - given, neutral + given] : (given ?? [neutral, neutral]);
  const isRange = Array.isArray(range) && range.length === 2 && range.every((one) => one >= lowest && one <= highest);
  if (!isRange || !range.every(Number.isFinite) || range[0] > range[1]) {
    const limits = `numbers from ${lowest} to ${highest}`;
    fail("Augmentation", argument, given, `give how far to each side, or [least, most], ${limits}`);
  }
  return [range[0], range[1]];
}

function probability(argument: string, given: boolean | number): number {
  if (typeof given === "boolean") return given ? 0.5 : 0;
  return finiteNumber("Augmentation", argument, given, 0, 1);
}

function drawn([least, most]: Bounds, random: Random): number {
  return least + (most - least) * random.uniform();
}

/** In pixels: whole ones between whole bounds, else a part of the length. */
function shift([least, most]: Bounds, length: number, random: Random): number {
  if (Number.isInteger(least) && Number.isInteger(most)) return least + random.below(most - least + 1);
  return drawn([least, most], random) * length;
}

function carriedOut(images: Tensor, { plans, settings }: WarpJob): Tensor {
  const result = zeros(images.shape, images.dtype);
  warp(result.data, images.data, plans, settings);
  return result;
}
