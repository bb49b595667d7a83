/** All kernels. */
export { convolution } from "./convolution";
export { depthwise } from "./depthwise";
export { depthwiseGradient } from "./depthwise-gradient";
export { denseBackwardInput, denseBackwardKernel, denseForward } from "./dense";
export { fewFilters, packPairs } from "./few-filters";
export { inputGradient, packRuns } from "./input-gradient";
export { kernelGradient, sumSlices } from "./kernel-gradient";
export { sparseKernelGradient, turnSums } from "./sparse-kernel-gradient";
export { packWeights } from "./packing";
export { singleChannel, singleChannelGradient, spreadWeights } from "./single-channel";
export { winograd } from "./winograd";
export { winogradFilters, winogradTiles } from "./winograd-few-tiles";
export { winogradGradient, winogradGradientSum } from "./winograd-gradient";
export { winogradWeights } from "./winograd-weights";
export { affine, sumRowsOfProducts } from "./affine";
export { activationBackward, activationForward } from "./activation";
export { copyWindow2d, permute } from "./copies";
export { dropout, dropoutMask, gaussianNoise, maskChannels } from "./dropout";
export { add, copyRows, multiply, sumNumbers, sumRows } from "./elementwise";
export { localResponseNormalizationBackward, localResponseNormalizationForward } from "./local-response";
export { loss } from "./losses";
export { countNonzeros } from "./nonzeros";
export { adam, rmsprop, sgd } from "./optimizers";
export { clip, penalty, regularize } from "./penalties";
export { pooling } from "./pooling";
export { logSoftmaxBackward, logSoftmaxForward, softmaxBackward, softmaxForward } from "./softmax";
export {
  averageHalvingBackward, averageHalvingForward, maxHalvingBackward, maxHalvingForward,
} from "./pooling-halves";
export { upSampling2dBackward, upSampling2dForward } from "./up-sampling";
