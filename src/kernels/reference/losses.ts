import type { FloatArray, Tensor } from "../../tensor.ts";
import type { Kernels, LossKind } from "../kernels.ts";
import { sigmoid } from "./activation.ts";
import { type Arithmetic, arithmetic } from "./math.ts";
import { normalizer } from "./softmax.ts";

/** What a single element x with target t adds to the loss of its row, and the derivative of that. */
interface Term {
  loss(x: number, t: number): number;
  slope(x: number, t: number): number;
}

/** Probabilities below this count as this, so that their logarithm is finite; their derivative is 0. */
const TINY = 1e-7;

/**
 * Losses with their gradients, row by row: losses[r] = weight · Σ_k term(x[k], t[k]), a mean over k for the last three. C6
 *
 *                             term                                     derivative by x[k]
 *   softmaxCrossEntropy       −t·log p, p = softmax(x)                 p·Σt − t
 *   categoricalCrossEntropy   −t·log max(x, tiny)                      −t/x where x > tiny, else 0
 *   sigmoidCrossEntropy       max(x, 0) − x·t + log(1 + exp(−|x|))     sigmoid(x) − t
 *   binaryCrossEntropy        −t·log max(x, tiny)                      −t/x where x > tiny
 *                             −(1 − t)·log max(1 − x, tiny)            +(1 − t)/(1 − x) where 1 − x > tiny
 *   squaredError              (x − t)²                                 2·(x − t)
 *
 * A class index stands for t = 1 at that class and 0 elsewhere. t = 0 makes a cross-entropy term 0 even where p is 0.
 */
export const losses: Pick<Kernels, "loss"> = {
  loss(kind, losses, dx, x, targets, weights) {
    const math = arithmetic(losses.dtype);
    const { round } = math;
    const [X, L, W] = [x.data, losses.data, weights.data];
    const columns = x.shape[x.shape.length - 1];
    const target = targetOf(x, targets);
    const isMean = kind !== "softmaxCrossEntropy" && kind !== "categoricalCrossEntropy";
    for (let r = 0; r < losses.size; r++) {
      const [first, end] = [r * columns, (r + 1) * columns];
      const weight = isMean ? round(W[r] / columns) : W[r];
      const isSoftmax = kind === "softmaxCrossEntropy";
      const { loss, slope } = isSoftmax ? softmaxTerm({ X, first, end, target }, math) : termOf(kind, math);
      let sum = 0;
      for (let k = first; k < end; k++) sum = round(sum + loss(X[k], target(k)));
      L[r] = weight * sum;
      if (dx) for (let k = first; k < end; k++) dx.data[k] = weight * slope(X[k], target(k));
    }
  },
};

/** The target of element e: the one given, or 1 at the class of its row. */
function targetOf(x: Tensor, targets: Tensor): (e: number) => number {
  const T = targets.data;
  if (targets.shape.length === x.shape.length) return (e) => T[e];
  const columns = x.shape[x.shape.length - 1];
  return (e) => (T[Math.floor(e / columns)] === e % columns ? 1 : 0);
}

function termOf(kind: Exclude<LossKind, "softmaxCrossEntropy">, math: Arithmetic): Term {
  const { round, exp, log1p } = math;
  switch (kind) {
    case "categoricalCrossEntropy": {
      const { loss, slope } = logTerm(math);
      return { loss: (x, t) => (t === 0 ? 0 : loss(x, t)), slope };
    }
    case "sigmoidCrossEntropy":
      return {
        loss: (x, t) => round(round(Math.max(x, 0) - round(x * t)) + log1p(exp(-Math.abs(x)))),
        slope: (x, t) => round(sigmoid(x, math) - t),
      };
    case "binaryCrossEntropy": {
      const { loss, slope } = logTerm(math);
      return {
        loss: (x, t) => round(loss(x, t) + loss(round(1 - x), round(1 - t))),
        slope: (x, t) => round(slope(x, t) - slope(round(1 - x), round(1 - t))),
      };
    }
    case "squaredError":
      return {
        loss: (x, t) => round(round(x - t) * round(x - t)),
        slope: (x, t) => round(2 * round(x - t)),
      };
  }
}

/** −t·log max(x, tiny). */
function logTerm({ round, log }: Arithmetic): Term {
  const tiny = round(TINY);
  return {
    loss: (x, t) => -round(t * log(Math.max(x, tiny))),
    slope: (x, t) => (x > tiny ? -round(t / x) : 0),
  };
}

interface Row {
  readonly X: FloatArray;
  readonly first: number;
  readonly end: number;
  readonly target: (e: number) => number;
}

/** The only term that depends on the whole row. */
function softmaxTerm({ X, first, end, target }: Row, math: Arithmetic): Term {
  const { round, exp, log } = math;
  const { maximum, sum } = normalizer(X, first, end, math);
  const logSum = log(sum);
  let total = 0;
  for (let k = first; k < end; k++) total = round(total + target(k));
  return {
    loss: (x, t) => (t === 0 ? 0 : -round(t * round(round(x - maximum) - logSum))),
    slope: (x, t) => round(round(round(exp(round(x - maximum)) / sum) * total) - t),
  };
}
