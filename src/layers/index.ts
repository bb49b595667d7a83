import { Activation, ELU, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh } from "./activation.ts";
import { Add } from "./add.ts";
import { AveragePooling2D } from "./average-pooling2d.ts";
import { BatchNormalization } from "./batch-normalization.ts";
import { Concatenate } from "./concatenate.ts";
import { Conv1D } from "./conv1d.ts";
import { Conv2D } from "./conv2d.ts";
import { Conv2DTranspose } from "./conv2d-transpose.ts";
import { Cropping2D } from "./cropping2d.ts";
import { Dense } from "./dense.ts";
import { DepthwiseConv2D } from "./depthwise-conv2d.ts";
import { Dropout } from "./dropout.ts";
import { EuclideanRBF } from "./euclidean-rbf.ts";
import { Flatten } from "./flatten.ts";
import { GaussianNoise } from "./gaussian-noise.ts";
import { GlobalAveragePooling2D } from "./global-average-pooling2d.ts";
import { GlobalMaxPooling2D } from "./global-max-pooling2d.ts";
import { GlobalAveragePooling1D, GlobalMaxPooling1D } from "./global-pooling1d.ts";
import type { Layer } from "./layer.ts";
import { LocalResponseNormalization } from "./local-response-normalization.ts";
import { MaxPooling2D } from "./max-pooling2d.ts";
import { MaxUnpooling2D } from "./max-unpooling2d.ts";
import { Multiply } from "./multiply.ts";
import { Permute } from "./permute.ts";
import { AveragePooling1D, MaxPooling1D } from "./pooling1d.ts";
import { Reshape } from "./reshape.ts";
import { SeparableConv2D } from "./separable-conv2d.ts";
import { SpatialDropout2D } from "./spatial-dropout2d.ts";
import { Subsampling2D } from "./subsampling2d.ts";
import { TableConv2D } from "./table-conv2d.ts";
import { UpSampling2D } from "./up-sampling2d.ts";
import { ZeroPadding2D } from "./zero-padding2d.ts";

/** How a file brings a layer back: by its kind, from its options. */
// biome-ignore lint/suspicious/noExplicitAny: each class has options of its own; a file's are checked by its constructor
export type LayerKinds = Readonly<Record<string, new (options: any) => Layer>>;

/** All layers of the library by kind. */
export const layerKinds: LayerKinds = {
  Activation,
  Add,
  AveragePooling1D,
  AveragePooling2D,
  BatchNormalization,
  Concatenate,
  Conv1D,
  Conv2D,
  Cropping2D,
  Conv2DTranspose,
  Dense,
  DepthwiseConv2D,
  Dropout,
  ELU,
  EuclideanRBF,
  Flatten,
  GaussianNoise,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  LeakyReLU,
  MaxPooling1D,
  LocalResponseNormalization,
  MaxPooling2D,
  MaxUnpooling2D,
  Multiply,
  Permute,
  ReLU,
  Reshape,
  SeparableConv2D,
  Sigmoid,
  Softmax,
  Subsampling2D,
  SpatialDropout2D,
  TableConv2D,
  Tanh,
  UpSampling2D,
  ZeroPadding2D,
};

export type { ActivationOptions, ELUOptions, LeakyReLUOptions } from "./activation.ts";
export type { ActivationName, ActivationOption } from "./activation-option.ts";
export type { BatchNormalizationOptions } from "./batch-normalization.ts";
export type { ConcatenateOptions } from "./concatenate.ts";
export type { Conv1DOptions } from "./conv1d.ts";
export type { Conv2DOptions } from "./conv2d.ts";
export type { Conv2DTransposeOptions } from "./conv2d-transpose.ts";
export type { ConvolutionOptions } from "./convolution.ts";
export type { Cropping2DOptions } from "./cropping2d.ts";
export type { DenseOptions } from "./dense.ts";
export type { DepthwiseConv2DOptions } from "./depthwise-conv2d.ts";
export type { DropoutOptions } from "./dropout.ts";
export type { EuclideanRBFOptions } from "./euclidean-rbf.ts";
export type { GaussianNoiseOptions } from "./gaussian-noise.ts";
export type { GlobalPooling1DOptions } from "./global-pooling1d.ts";
export type { GlobalPooling2DOptions } from "./global-pooling2d.ts";
export { Layer, type LayerOptions, type Logits, Parameter } from "./layer.ts";
export type { LocalResponseNormalizationOptions } from "./local-response-normalization.ts";
export type { MaxUnpooling2DOptions } from "./max-unpooling2d.ts";
export { Merge } from "./merge.ts";
export type { PermuteOptions } from "./permute.ts";
export type { Pooling1DOptions } from "./pooling1d.ts";
export type { Pooling2DOptions } from "./pooling2d.ts";
export type { ReshapeOptions } from "./reshape.ts";
export type { SeparableConv2DOptions } from "./separable-conv2d.ts";
export type { SequencePadding } from "./sequences.ts";
export type { Subsampling2DOptions } from "./subsampling2d.ts";
export { type InputOptions, input, SymbolicTensor } from "./symbolic.ts";
export type { TableConv2DOptions } from "./table-conv2d.ts";
export type { UpSampling2DOptions } from "./up-sampling2d.ts";
export type { ZeroPadding2DOptions } from "./zero-padding2d.ts";
export {
  Activation,
  Add,
  AveragePooling1D,
  AveragePooling2D,
  BatchNormalization,
  Concatenate,
  Conv1D,
  Conv2D,
  Conv2DTranspose,
  Cropping2D,
  Dense,
  DepthwiseConv2D,
  Dropout,
  ELU,
  EuclideanRBF,
  Flatten,
  GaussianNoise,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  LeakyReLU,
  LocalResponseNormalization,
  MaxPooling1D,
  MaxPooling2D,
  MaxUnpooling2D,
  Multiply,
  Permute,
  ReLU,
  Reshape,
  SeparableConv2D,
  Sigmoid,
  Softmax,
  SpatialDropout2D,
  Subsampling2D,
  TableConv2D,
  Tanh,
  UpSampling2D,
  ZeroPadding2D,
};
