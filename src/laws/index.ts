/**
 * The laws of convolutional networks as properties for fast-check, for anyone's layers: `neocog/laws`. The core of the
 * library knows nothing of it.
 */
export * from "./arbitraries.ts";
export { agreement, batchInvariance } from "./batch.ts";
export { type GradientCheckOptions, type GradientReport, gradientCheck, gradients } from "./gradient-check.ts";
export { type CheckOptions, check, counterexample, type Law, law, Refutation, refuted } from "./law.ts";
export * from "./layers.ts";
export { adjointness, linearity } from "./linear.ts";
export { outputSize, sameKeepsSize, sizeFormulas, strideIsDownSampling } from "./shapes.ts";
export { type LawOptions, LayerCase, type Shapes, type Subject } from "./subject.ts";
export { circularEquivariance, invariance, poolingInvariance, translationEquivariance } from "./translation.ts";
