/**
 * The laws of convolutional networks as properties for fast-check, for anyone's layers: `neocog/laws`. The core of the
 * library knows nothing of it.
 */
export * from "./activations.ts";
export { lawsFor } from "./applicable.ts";
export * from "./arbitraries.ts";
export * from "./batch.ts";
export { Chain } from "./chain.ts";
export * from "./composition.ts";
export * from "./connections.ts";
export * from "./convolution.ts";
export * from "./counting.ts";
export * from "./dense.ts";
export * from "./dropout.ts";
export * from "./filters.ts";
export { type GradientCheckOptions, type GradientReport, gradientCheck, gradients } from "./gradient-check.ts";
export { type CheckOptions, check, counterexample, type Law, law, Refutation, refuted } from "./law.ts";
export * from "./layers.ts";
export * from "./linear.ts";
export * from "./local-response.ts";
export * from "./matrix.ts";
export * from "./normalization.ts";
export * from "./pooling.ts";
export * from "./receptive-field.ts";
export * from "./resizing.ts";
export * from "./separable.ts";
export * from "./sequences.ts";
export * from "./shapes.ts";
export { type LawOptions, LayerCase, type Shapes, type Subject } from "./subject.ts";
export * from "./subsampling.ts";
export * from "./templates.ts";
export {
  circularEquivariance,
  type Invariance,
  invariance,
  poolingInvariance,
  translationEquivariance,
} from "./translation.ts";
export * from "./transposed.ts";
