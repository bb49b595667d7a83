export { activationBackward, activationForward } from "./activation";
export { convolution } from "./convolution";
export { denseBackwardInput, denseBackwardKernel, denseForward } from "./dense";
export { dropout } from "./dropout";
export { add, sumNumbers, sumRows } from "./elementwise";
export { inputGradient, packRuns } from "./input-gradient";
export { kernelGradient, sumSlices } from "./kernel-gradient";
export { packWeights } from "./packing";
export { singleChannel, singleChannelGradient, spreadWeights } from "./single-channel";
export { winograd, winogradWeights } from "./winograd";
export { winogradGradient, winogradGradientSum } from "./winograd-gradient";
export { loss } from "./losses";
export { adam, rmsprop, sgd } from "./optimizers";
export {
  averagePooling2dBackward,
  averagePooling2dForward,
  maxPooling2dBackward,
  maxPooling2dForward,
} from "./pooling";
export { logSoftmaxBackward, logSoftmaxForward, softmaxBackward, softmaxForward } from "./softmax";
export { halvingBackward, halvingForward } from "./pooling-halves";
