/** What a classifier gets right and wrong on labelled images: the numbers behind `neocog evaluate` and the report. */
import { largest } from "../metrics/metric.ts";
import type { Tensor } from "../tensor.ts";

export interface ClassScore {
  readonly name: string;
  /** How many of the images are of this class. */
  readonly images: number;
  /** Of the images called so, the part that is. NaN where none was called so. */
  readonly precision: number;
  /** Of the images that are of this class, the part that was found. NaN where there are none. */
  readonly recall: number;
}

export interface Mistake {
  /** The image's place in the data. */
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** What the model gave to the class it predicted, and to the true one. */
  readonly probability: number;
  readonly probabilityOfTruth: number;
}

export interface Assessment {
  readonly images: number;
  readonly correct: number;
  /** confusion[true class][predicted class], in images. */
  readonly confusion: number[][];
  readonly classes: ClassScore[];
  /** All mistakes, the highest loss (the smallest probability of the truth) first. */
  readonly mistakes: Mistake[];
}

/**
 * Compares probabilities [n, classes] with labels [n].
 *
 * ```ts
 * assess(tensor([[0.9, 0.1], [0.8, 0.2]]), tensor([0, 1]), ["cat", "dog"]).confusion; // [[1, 0], [1, 0]]
 * ```
 */
export function assess(probabilities: Tensor, labels: Tensor, classNames: readonly string[]): Assessment {
  const [images, classes] = probabilities.shape;
  const [p, truth] = [probabilities.data, labels.data];
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const mistakes: Mistake[] = [];
  for (let index = 0; index < images; index++) {
    const row = index * classes;
    const label = truth[index];
    const predicted = largest(p, row, classes);
    confusion[label][predicted]++;
    if (predicted !== label) {
      mistakes.push({ index, label, predicted, probability: p[row + predicted], probabilityOfTruth: p[row + label] });
    }
  }
  mistakes.sort((a, b) => a.probabilityOfTruth - b.probabilityOfTruth || a.index - b.index);
  const scores = confusion.map((row, k): ClassScore => {
    const actual = sum(row);
    const called = sum(confusion.map((other) => other[k]));
    return { name: classNames[k] ?? String(k), images: actual, precision: row[k] / called, recall: row[k] / actual };
  });
  return { images, correct: images - mistakes.length, confusion, classes: scores, mistakes };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
