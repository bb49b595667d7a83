/** All files of assembly/ that have faults, what every other file uses first. */
import type { MutatedFile } from "../mutant.ts";
import { activation } from "./activation.ts";
import { affine } from "./affine.ts";
import { band, convolution, kernelGradient, packing, singleChannel } from "./convolution.ts";
import { dense } from "./dense.ts";
import { depthwise, depthwiseGradient, depthwiseRectangles } from "./depthwise.ts";
import { dropout } from "./dropout.ts";
import { elementwise } from "./elementwise.ts";
import { fewFilters } from "./few-filters.ts";
import { losses } from "./losses.ts";
import { inputGradient, nonzeros, sparseKernelGradient } from "./nonzeros.ts";
import { optimizers } from "./optimizers.ts";
import { penalties } from "./penalties.ts";
import { halving, pooling, poolingCells } from "./pooling.ts";
import { outerProduct, product } from "./products.ts";
import { copies, localResponse, upSampling } from "./shapes.ts";
import { lanes, math, units, vectors } from "./small.ts";
import { softmax } from "./softmax.ts";
import {
  winograd,
  winogradFewTiles,
  winogradGradient,
  winogradOutputs,
  winogradTiles,
  winogradWeights,
} from "./winograd.ts";

export const files: readonly MutatedFile[] = [
  ...[units, lanes, vectors, math],
  ...[activation, affine, elementwise, softmax, losses, dropout, optimizers, penalties],
  ...[pooling, poolingCells, halving],
  ...[copies, upSampling, localResponse],
  ...[dense, product, outerProduct],
  ...[packing, band, convolution, singleChannel, kernelGradient],
  ...[nonzeros, inputGradient, sparseKernelGradient],
  ...[depthwise, depthwiseRectangles, depthwiseGradient, fewFilters],
  ...[winogradTiles, winogradOutputs, winograd, winogradWeights, winogradFewTiles, winogradGradient],
];
