import { checkOptions } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { largest, Metric, type OutputKind, targetClass } from "./metric.ts";

/**
 * How well regions are found: for each class, what is it and was called so, of all that is it or was called so. D7
 *   IoU(k) = |y = k and t = k| / |y = k or t = k|, pixels of all images together;   meanIoU = the mean over the classes
 *
 * A class that neither y nor t has is left out. "All background" is right on most pixels, and has 0 in all other classes:
 * that is what accuracy does not show. Also called the Jaccard index (Everingham et al. 2010, section 4.1.3).
 *   several classes   y [N,…,K], the first largest of a row;  t class numbers [N,…], or one-hot
 *   yes or no         two classes, each element of y by itself, as in Accuracy
 *
 * It does not add up over batches, but its counts do: an epoch's value is that of all its images at once.
 *
 * ```ts
 * const [y, t] = [tensor([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]]), tensor([0, 1, 0, 0])];
 * const several = { logits: false, binary: false };
 * const metric = new MeanIoU();
 * metric.value(metric.count(y, t, several)); // 0.5833333333333333: (2/3 + 1/2) / 2
 * ```
 */
export class MeanIoU extends Metric {
  constructor(options: Record<string, never> = {}) {
    super("meanIoU");
    checkOptions("MeanIoU", options, []);
  }

  /** The value of these rows alone, as often as there are rows. */
  override score(y: Tensor, t: Tensor, kind: OutputKind): number {
    return (this.value(this.count(y, t, kind)) * y.size) / y.shape[y.shape.length - 1];
  }

  /** For each class, how often both have it, and how often one of them has. */
  override count(y: Tensor, t: Tensor, { logits, binary }: OutputKind): number[] {
    const [Y, T] = [y.data, t.data];
    const K = y.shape[y.shape.length - 1];
    const asked = binary || (K === 1 && t.shape.length === y.shape.length);
    const counts = new Array<number>(2 * (asked ? 2 : K)).fill(0);
    const note = (found: number, right: number) => {
      counts[2 * found + 1]++;
      if (found === right) counts[2 * found]++;
      else counts[2 * right + 1]++;
    };
    if (asked) {
      const threshold = logits ? 0 : 0.5;
      for (let e = 0; e < y.size; e++) note(Number(Y[e] >= threshold), Number(T[e] >= 0.5));
      return counts;
    }
    const rows = y.size / K;
    for (let r = 0; r < rows; r++) note(largest(Y, r * K, K), targetClass(t, T, r, rows));
    return counts;
  }

  override value(counts: readonly number[]): number {
    let [sum, classes] = [0, 0];
    for (let k = 0; k < counts.length; k += 2) {
      if (counts[k + 1] === 0) continue;
      sum += counts[k] / counts[k + 1];
      classes++;
    }
    return sum / classes;
  }
}
