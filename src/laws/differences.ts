import type { Shape, Tensor } from "../tensor.ts";
import { coordinates, innerProduct } from "./compare.ts";

/** How far an element is moved to both sides; a power of two, so that moving is exact. */
const STEP = 2 ** -13;
/** A derivative known no better than this is none: a kink is near. */
const KINK = 1e-4;

/** A gradient beside the difference quotients of its tensor. */
export interface Comparison {
  /** "x", or the parameter's name. */
  readonly name: string;
  readonly shape: Shape;
  readonly size: number;
  readonly compared: number;
  /** How many of those compared are so close to a kink that there is nothing to compare with. */
  readonly kinks: number;
  /** The largest error away from kinks. */
  readonly worst?: Place;
  /** The first element, the worst of all, whose error is larger than rounding and curvature explain. */
  readonly wrong?: Place;
}

export interface Place {
  readonly place: readonly number[];
  readonly backward: number;
  readonly difference: number;
  readonly error: number;
}

export interface Compared {
  readonly name: string;
  readonly value: Tensor;
  readonly gradient: Tensor;
  readonly y: Tensor;
  readonly dy: Tensor;
  /** How many elements at most. */
  readonly elements: number;
}

/**
 * Compares a gradient with quotients D(h) = (L(e+h) − L(e−h)) / 2h of L = Σ dy·y for the steps h and h/2. Their error is
 * estimated from the quotients themselves, with S(h) = (L(e+h) − 2L(e) + L(e−h)) / h, the difference of the two slopes:
 *
 *   |backward − D(h/2)| ≤ rounding + 2·|D(h) − D(h/2)| + 2·|S(h) − 2·S(h/2)|
 *
 * For a smooth L the two estimates are of the order of h², and three times what D(h/2) is wrong. A kink at a distance δ
 * moves D(h/2) by at most (1 − 2δ/h)/2 of the jump of the slope, and the estimates by δ/2h and |1 − 3δ/h| of it: the
 * bound grows with the ambiguity, wherever the kink is. Rounding: up to 2¹² roundings of 2⁻⁵³ each in every y, divided
 * by h.
 */
export function compareWithDifferences(compared: Compared, forward: () => Tensor): Comparison {
  const { name, value, gradient, y, dy } = compared;
  const loss = () => innerProduct(dy, forward());
  const middle = innerProduct(dy, y);
  const rounding = (2 ** -40 / STEP) * scaleOf(y, dy);
  let [kinks, worst, wrong, excess]: [number, Place | undefined, Place | undefined, number] = [
    0,
    undefined,
    undefined,
    0,
  ];
  const chosen = chooseEvenly(value.size, compared.elements);
  for (const index of chosen) {
    const [full, half] = [STEP, STEP / 2].map((h) => {
      const [above, below] = [h, -h].map((step) => moved(value, index, step, loss));
      return { quotient: (above - below) / (2 * h), bend: (above - 2 * middle + below) / h };
    });
    const doubt = 2 * (Math.abs(full.quotient - half.quotient) + Math.abs(full.bend - 2 * half.bend));
    const backward = gradient.data[index];
    const difference = half.quotient;
    const error = Math.abs(backward - difference);
    const place = { place: coordinates(index, value.shape), backward, difference, error };
    const isKink = doubt > KINK * Math.max(1, Math.abs(difference));
    if (isKink) kinks++;
    else if (!worst || error > worst.error) worst = place;
    // Not ≤, so that NaN is wrong.
    if (!(error <= rounding + doubt) && !(wrong && error - doubt <= excess)) [wrong, excess] = [place, error - doubt];
  }
  return { name, shape: value.shape, size: value.size, compared: chosen.length, kinks, worst, wrong };
}

function moved(value: Tensor, index: number, step: number, loss: () => number): number {
  const { data } = value;
  const kept = data[index];
  data[index] = kept + step;
  const result = loss();
  data[index] = kept;
  return result;
}

function scaleOf(y: Tensor, dy: Tensor): number {
  const [Y, dY] = [y.data, dy.data];
  let sum = 0;
  for (let e = 0; e < Y.length; e++) sum += Math.abs(dY[e]) * Math.max(1, Math.abs(Y[e]));
  return sum;
}

/** All of 0 … size−1, or `count` of them at equal distances. */
function chooseEvenly(size: number, count: number): number[] {
  if (size <= count) return Array.from({ length: size }, (_, index) => index);
  return Array.from({ length: count }, (_, k) => Math.floor((k * size) / count));
}
