export { type Analysis, type AnalyzeOptions, analyze, type LayerAnalysis, type Sights } from "./analysis/analyze.ts";
export { type BestPatchesOptions, bestPatches, type Patch } from "./analysis/best-patches.ts";
export { type Counts, connectionsInside, counts } from "./analysis/counts.ts";
export { type DeconvnetOptions, deconvnet } from "./analysis/deconvnet.ts";
export { type OcclusionOptions, occlusion } from "./analysis/occlusion.ts";
export { pixelsSeen, receptiveField, type Sight } from "./analysis/receptive-field.ts";
export { type SaliencyOptions, saliency } from "./analysis/saliency.ts";
export { type AlexNetOptions, alexNet } from "./architectures/alexnet.ts";
export { type ArchitectureOptions, architecture } from "./architectures/architecture.ts";
export { type GoogLeNetOptions, googLeNet } from "./architectures/googlenet.ts";
export { type InceptionV3Options, inceptionV3 } from "./architectures/inception-v3.ts";
export { type LeNet5Options, leNet5 } from "./architectures/lenet5.ts";
export {
  digitShapes,
  type LearnOptions,
  Neocognitron,
  type NeocognitronNetworkOptions,
  type NeocognitronOptions,
  type NeocognitronStage,
  neocognitron,
  type TaughtStage,
} from "./architectures/neocognitron.ts";
export type { NetworkOptions } from "./architectures/options.ts";
export { type ResNet20Options, resNet18, resNet20, resNet34, resNet50 } from "./architectures/resnet.ts";
export { type UNetOptions, uNet } from "./architectures/unet.ts";
export { type VGGOptions, vgg11, vgg13, vgg16, vgg19 } from "./architectures/vgg.ts";
export { xception } from "./architectures/xception.ts";
export { Augmentation, type AugmentationOptions, type Range, type Turn } from "./data/augmentation/augmentation.ts";
export { type Dataset, datasetDirectory, type LabelledImages, readDataset } from "./data/directory.ts";
export { NeocogError } from "./errors.ts";
export {
  type CentreSurroundOptions,
  centreSurroundFilter,
  filterBank,
  filterImages,
  type GaborBankOptions,
  type GaborOptions,
  gaborBank,
  gaborFilter,
  sobelFilter,
} from "./filters.ts";
export type { Initializer, InitializerFunction, InitializerName } from "./initializers.ts";
export type { Kernels } from "./kernels/kernels.ts";
export { referenceKernels } from "./kernels/reference/kernels.ts";
export { type WasmKernelsOptions, wasmKernels } from "./kernels/wasm/kernels.ts";
export * from "./layers/index.ts";
export * from "./losses/index.ts";
export * from "./metrics/index.ts";
export type { Logs } from "./model/averages.ts";
export {
  type Callback,
  type CallbackOption,
  CSVLogger,
  EarlyStopping,
  type EarlyStoppingOptions,
  type Progress,
  type TrainedModel,
} from "./model/callbacks.ts";
export { convolutional } from "./model/convolutional.ts";
export type { ClassWeight, Data, WeightOptions } from "./model/examples.ts";
export type { FitOptions, History } from "./model/fit.ts";
export { type LoadOptions, loadModel, modelFromFiles } from "./model/load.ts";
export { type CompileOptions, type EvaluateOptions, Model, type ModelOptions } from "./model/model.ts";
export type { StepMemory } from "./model/planned-pass.ts";
export { Sequential, type SequentialOptions } from "./model/sequential.ts";
export type { ModelFiles } from "./model/serialize.ts";
export { trainFrom, truncated } from "./model/transfer.ts";
export * from "./optimizers/index.ts";
export { Pass, type PassOptions } from "./pass.ts";
export { Random } from "./random.ts";
export { l1, l1l2, l2, type Regularizer } from "./regularizers.ts";
export * from "./schedules.ts";
export { type DType, type NestedNumbers, type Shape, Tensor, tensor } from "./tensor.ts";
export { type Padding, type Pair, Window } from "./window.ts";
