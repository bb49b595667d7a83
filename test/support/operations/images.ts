/** Pooling, and what moves images or their pixels. */
import { floats, type Geometry, labels, windowOf } from "../arbitraries.ts";
import type { Operation } from "./operation.ts";

const geometry: Geometry = {
  ...{ height: 6, width: 7, kernelSize: [3, 2], strides: [2, 1], dilationRate: [1, 2], padding: [1, 2, 1, 1] },
};
/** A row and a column are left over. */
const pairs: Geometry = {
  ...geometry,
  height: 7,
  kernelSize: [2, 2],
  strides: [2, 2],
  dilationRate: [1, 1],
  padding: [0, 0, 0, 0],
};

export const pooling = [geometry, pairs].flatMap((geometry): Operation[] => {
  const window = windowOf(geometry);
  const name = `over ${geometry.kernelSize}`;
  const x = (size: number, seed: number) => floats(window.inputShape(2, size), seed);
  const y = (size: number, seed: number) => floats(window.outputShape(2, size), seed);
  return [
    {
      name: `maxPooling2dForward ${name}`,
      inputs: (size, seed) => [x(size, seed)],
      outputs: (size) => [window.outputShape(2, size), window.outputShape(2, size)],
      run: (kernels, [y, switches], [x]) => kernels.maxPooling2dForward(y, switches, x, window),
    },
    {
      name: `maxPooling2dBackward ${name}`,
      inputs: (size, seed) => [y(size, seed), labels(window.outputShape(2, size), seed, 6)],
      outputs: (size) => [window.inputShape(2, size)],
      run: (kernels, [dx], [dy, switches]) => kernels.maxPooling2dBackward(dx, dy, switches, window),
    },
    {
      name: `maxUnpooling2dBackward ${name}`,
      inputs: (size, seed) => [x(size, seed), labels(window.outputShape(2, size), seed, 6)],
      outputs: (size) => [window.outputShape(2, size)],
      run: (kernels, [dx], [dy, switches]) => kernels.maxUnpooling2dBackward(dx, dy, switches, window),
    },
    {
      name: `averagePooling2dForward ${name}`,
      inputs: (size, seed) => [x(size, seed)],
      outputs: (size) => [window.outputShape(2, size)],
      run: (kernels, [y], [x]) => kernels.averagePooling2dForward(y, x, window),
    },
    {
      name: `averagePooling2dBackward ${name}`,
      inputs: (size, seed) => [y(size, seed)],
      outputs: (size) => [window.inputShape(2, size)],
      run: (kernels, [dx], [dy]) => kernels.averagePooling2dBackward(dx, dy, window),
    },
  ];
});

const image = (size: number, seed: number) => floats([2, 3, 4, size], seed);
export const moves: Operation[] = [
  {
    name: "spatialDropout2d",
    inputs: (size, seed) => [image(size, seed)],
    outputs: (size) => [[2, 3, 4, size]],
    run: (kernels, [y], [x]) => kernels.spatialDropout2d(y, x, 0.3, [0x89abcdef, 0xfedcba98]),
  },
  ...(
    [
      ["that pads", [6, 9], -2, -3],
      ["that crops", [1, 2], 1, 2],
      ["that does both", [5, 3], 1, -2],
      ["that does both the other way round", [3, 5], -1, 1],
      ["outside of x", [2, 2], 3, 0],
    ] as const
  ).map(
    ([title, [height, width], top, left]): Operation => ({
      name: `copyWindow2d ${title}`,
      inputs: (size, seed) => [image(size, seed)],
      outputs: (size) => [[2, height, width, size]],
      run: (kernels, [y], [x]) => kernels.copyWindow2d(y, x, top, left),
    }),
  ),
  ...[
    [0, 1, 2, 3],
    [0, 2, 1, 3],
    [0, 3, 1, 2],
    [3, 2, 1, 0],
  ].map(
    (axes): Operation => ({
      name: `permute to ${axes}`,
      inputs: (size, seed) => [image(size, seed)],
      outputs: (size) => [axes.map((axis) => [2, 3, 4, size][axis])],
      run: (kernels, [y], [x]) => kernels.permute(y, x, axes),
    }),
  ),
  {
    name: "permute of short rows",
    inputs: (size, seed) => [floats([2, size, 3], seed)],
    outputs: (size) => [[2, 3, size]],
    run: (kernels, [y], [x]) => kernels.permute(y, x, [0, 2, 1]),
  },
  ...(["nearest", "bilinear"] as const).flatMap((interpolation): Operation[] => [
    {
      name: `upSampling2dForward ${interpolation}`,
      inputs: (size, seed) => [image(size, seed)],
      outputs: (size) => [[2, 9, 8, size]],
      run: (kernels, [y], [x]) => kernels.upSampling2dForward(y, x, interpolation),
    },
    {
      name: `upSampling2dBackward ${interpolation}`,
      inputs: (size, seed) => [floats([2, 9, 8, size], seed)],
      outputs: (size) => [[2, 3, 4, size]],
      run: (kernels, [dx], [dy]) => kernels.upSampling2dBackward(dx, dy, interpolation),
    },
  ]),
];
