import { fail } from "../errors.ts";
import type { Initializer } from "../initializers.ts";
import { Conv2D } from "../layers/conv2d.ts";
import { Dense } from "../layers/dense.ts";
import { EuclideanRBF } from "../layers/euclidean-rbf.ts";
import { Flatten } from "../layers/flatten.ts";
import { Subsampling2D } from "../layers/subsampling2d.ts";
import { TableConv2D } from "../layers/table-conv2d.ts";
import { Sequential } from "../model/sequential.ts";
import type { LeNet5Options } from "./lenet5.ts";

/** Table I of the paper: which of the 6 maps of S2 (rows) each of the 16 maps of C3 (columns) sees; 60 connections. */
export const CONNECTIONS: readonly boolean[][] = `
  X...XXX..XXXX.XX
  XX...XXX..XXXX.X
  XXX...XXX..X.XXX
  .XXX..XXXX..X.XX
  ..XXX..XXXX.XX.X
  ...XXX..XXXX.XXX`
  .trim()
  .split("\n")
  .map((row) => [...row.trim()].map((cell) => cell === "X"));

/** What F6 is to show for each class: a digit of 7 × 12 pixels, after figure 3 of the paper. */
const DIGITS = `
  .......  .......  .......  .......  .......  .......  .......  .......  .......  .......
  ..###..  ...#...  .#####.  .#####.  ....##.  #######  ..####.  #######  .#####.  .#####.
  .##.##.  ..##...  ##...##  ##...##  ...###.  ##.....  .##....  .....##  ##...##  ##...##
  ##...##  .###...  .....##  .....##  ..#.##.  ##.....  ##.....  .....##  ##...##  ##...##
  ##...##  ...#...  .....##  .....##  .##.##.  ##.....  ##.....  ....##.  ##...##  ##...##
  ##...##  ...#...  ....##.  ..####.  ##..##.  ######.  ######.  ...##..  .#####.  .######
  ##...##  ...#...  ...##..  .....##  ##..##.  .....##  ##...##  ..##...  ##...##  .....##
  ##...##  ...#...  ..##...  .....##  #######  .....##  ##...##  ..##...  ##...##  .....##
  .##.##.  ...#...  .##....  ##...##  ....##.  ##...##  ##...##  ..##...  ##...##  ....##.
  ..###..  .#####.  #######  .#####.  ....##.  .#####.  .#####.  ..##...  .#####.  .####..
  .......  .......  .......  .......  .......  .......  .......  .......  .......  .......
  .......  .......  .......  .......  .......  .......  .......  .......  .......  .......`
  .trim()
  .split("\n")
  .map((row) => row.trim().split("  "));

/** The prototypes of the output units, [84,10]: 1 where the digit is drawn, −1 beside it. */
export function digitPrototypes(): number[] {
  return DIGITS.flatMap((row) =>
    [...row[0]].flatMap((_, column) => row.map((digit) => (digit[column] === "#" ? 1 : -1))),
  );
}

/** Uniform in ±2.4/F, F the number of inputs of a unit: so that no unit is saturated from the outset. */
const uniform = (inputs: number): Initializer => {
  return { name: "randomUniform", minval: -2.4 / inputs, maxval: 2.4 / inputs };
};

/** `leNet5({ form: "1998" })`, described there. */
export function leNet5Of1998({ classes = 10, inputShape = [32, 32, 1], seed = 0, name = "lenet5" }: LeNet5Options) {
  if (classes !== 10) fail("leNet5", "classes", classes, 'the units of form "1998" are the ten digits; leave it out');
  const channels = inputShape[inputShape.length - 1];
  const activation = "scaledTanh";
  const c3 = { connections: CONNECTIONS, kernelSize: 5, kernelInitializer: uniform((60 / 16) * 25) };
  return new Sequential(
    [
      new Conv2D({ filters: 6, kernelSize: 5, activation, kernelInitializer: uniform(25 * channels), name: "c1" }),
      new Subsampling2D({ activation, name: "s2" }),
      new TableConv2D({ ...c3, activation, name: "c3" }),
      new Subsampling2D({ activation, name: "s4" }),
      new Conv2D({ filters: 120, kernelSize: 5, activation, kernelInitializer: uniform(400), name: "c5" }),
      new Flatten(),
      new Dense({ units: 84, activation, kernelInitializer: uniform(120), name: "f6" }),
      new EuclideanRBF({
        ...{ units: classes, activation: "softmax", useBias: false, trainable: false, name: "output" },
        kernelInitializer: digitPrototypes,
      }),
    ],
    { inputShape, seed, name },
  );
}
