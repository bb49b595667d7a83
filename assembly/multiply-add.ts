/** The kernels that spend their time in multiply-adds: the relaxed build has these and takes the others from the plain one. */
export { convolution } from "./convolution";
export { denseBackwardInput, denseBackwardKernel, denseForward } from "./dense";
export { fewFilters, packPairs } from "./few-filters";
export { inputGradient, packRuns } from "./input-gradient";
export { kernelGradient, sumSlices } from "./kernel-gradient";
export { sparseKernelGradient, turnSums } from "./sparse-kernel-gradient";
export { packWeights } from "./packing";
export { singleChannel, singleChannelGradient, spreadWeights } from "./single-channel";
export { winograd, winogradWeights } from "./winograd";
export { winogradGradient, winogradGradientSum } from "./winograd-gradient";
