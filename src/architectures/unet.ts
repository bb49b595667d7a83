import { fail } from "../errors.ts";
import { Concatenate } from "../layers/concatenate.ts";
import { Conv2D } from "../layers/conv2d.ts";
import { Conv2DTranspose } from "../layers/conv2d-transpose.ts";
import { Cropping2D } from "../layers/cropping2d.ts";
import { MaxPooling2D } from "../layers/max-pooling2d.ts";
import { input, type SymbolicTensor } from "../layers/symbolic.ts";
import { Model } from "../model/model.ts";
import { type NetworkOptions, networkOptions } from "./options.ts";

export interface UNetOptions extends NetworkOptions {
  /** "valid": no padding, as in the paper; "same": y is as large as x. Default: "valid". */
  padding?: "valid" | "same";
  /** Filters of the first two convolutions; each level below has twice as many. Default: 64. */
  filters?: number;
  /** How often the image is halved. Default: 4. */
  depth?: number;
}

/**
 * A class for every pixel: down to see what is there, up to see where (Ronneberger, Fischer & Brox 2015, "U-Net:
 * convolutional networks for biomedical image segmentation", figure 1).
 *
 *             572×572×1 becomes                              …and on the way up
 *   down1     568×568×64     2 × 3×3, relu   ─── crop ──→    388×388×64     up1: concatenated to 392×392×128
 *   down2     280×280×128    after pool 2×2  ─── crop ──→    196×196×128    up2: 200×200×256
 *   down3     136×136×256                    ─── crop ──→    100×100×256    up3: 104×104×512
 *   down4     64×64×512                      ─── crop ──→    52×52×512      up4: 56×56×1024
 *   bottom    28×28×1024                                     28×28×1024
 *
 * One step up is a transposed convolution 2×2 with stride 2 to half the channels, what the way down had there beside it,
 * and two convolutions 3×3 with relu. At the end a 1×1 to the classes, with softmax over them for every pixel. Without
 * padding the way down is larger: its border is cropped. With "same" nothing is.
 *
 * ```ts
 * uNet().outputShape; // [388, 388, 2]; Total params: 31,030,658
 * ```
 * @throws NeocogError for images that do not halve evenly, saying at which level.
 */
export function uNet(options: UNetOptions = {}): Model {
  const { classes, inputShape, seed, name, padding, filters, depth } = networkOptions("uNet", options, {
    ...{ classes: 2, inputShape: [572, 572, 1], seed: 0, name: "unet" },
    ...({ padding: "valid", filters: 64, depth: 4 } as const),
  });
  const image = input({ shape: inputShape });
  const pair = (x: SymbolicTensor, name: string, filters: number): SymbolicTensor =>
    ["a", "b"].reduce((y, letter) => {
      const options = { filters, kernelSize: 3, padding, activation: "relu", kernelInitializer: "heUniform" } as const;
      return new Conv2D({ ...options, name: name + letter }).apply(y);
    }, x);
  const levels = Array.from({ length: depth }, (_, index) => ({ level: index + 1, filters: filters << index }));
  const passed: SymbolicTensor[] = [];
  let x = image;
  for (const { level, filters } of levels) {
    x = pair(x, `down${level}`, filters);
    if (x.shape[0] % 2 !== 0 || x.shape[1] % 2 !== 0) {
      const remedy = `level ${level} has ${x.shape[0]} × ${x.shape[1]} pixels, which do not halve; use other sizes, such as 572`;
      fail("uNet", "inputShape", inputShape, remedy);
    }
    passed.push(x);
    x = new MaxPooling2D({ poolSize: 2, name: `pool${level}` }).apply(x);
  }
  x = pair(x, "bottom", filters << depth);
  for (const { level, filters } of levels.reverse()) {
    const up = { filters, kernelSize: 2, strides: 2, kernelInitializer: "heUniform", name: `up${level}` } as const;
    const larger = new Conv2DTranspose(up).apply(x);
    x = pair(new Concatenate().apply([cropped(passed[level - 1], larger), larger]), `up${level}`, filters);
  }
  const outputs = new Conv2D({ filters: classes, kernelSize: 1, activation: "softmax", name: "classes" }).apply(x);
  return new Model({ inputs: image, outputs, seed, name });
}

/** The middle of x, as large as `like`. */
function cropped(x: SymbolicTensor, like: SymbolicTensor): SymbolicTensor {
  const [rows, columns] = [0, 1].map((axis) => x.shape[axis] - like.shape[axis]);
  if (rows === 0 && columns === 0) return x;
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  return new Cropping2D({ cropping: [top, rows - top, left, columns - left] }).apply(x);
}
