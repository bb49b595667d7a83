/** All kernels: the plain build. */
export * from "./multiply-add";
export { activationBackward, activationForward } from "./activation";
export { dropout } from "./dropout";
export { add, sumNumbers, sumRows } from "./elementwise";
export { loss } from "./losses";
export { countNonzeros } from "./nonzeros";
export { adam, rmsprop, sgd } from "./optimizers";
export {
  averagePooling2dBackward,
  averagePooling2dForward,
  maxPooling2dBackward,
  maxPooling2dForward,
} from "./pooling";
export { logSoftmaxBackward, logSoftmaxForward, softmaxBackward, softmaxForward } from "./softmax";
export { halvingBackward, halvingForward } from "./pooling-halves";
