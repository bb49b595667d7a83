import type { Kernels } from "../kernels.ts";
import { kindOf } from "./activation-kinds.ts";
import type { Engine } from "./engine.ts";
import { divide } from "./units.ts";

type Elementwise = Pick<
  Kernels,
  "activationForward" | "activationBackward" | "add" | "multiply" | "concatenate" | "slice" | "sum" | "backwardBias"
>;

/** Operations on one number after the other, and plain sums. */
export function elementwise(engine: Engine): Elementwise {
  return {
    activationForward(y, x, activation) {
      engine.operation(() => {
        const { units, words } = divide(y.size);
        const pointers = [engine.output(y), engine.input(x), 0];
        const kind = [kindOf(activation), engine.float(activation.alpha)];
        engine.run("activationForward", units, [...words, ...pointers, ...kind]);
      });
    },

    activationBackward(dx, dy, y, activation) {
      engine.operation(() => {
        const { units, words } = divide(dx.size);
        const pointers = [engine.output(dx), engine.input(dy), engine.input(y)];
        const kind = [kindOf(activation), engine.float(activation.alpha)];
        engine.run("activationBackward", units, [...words, ...pointers, ...kind]);
      });
    },

    add(y, a, b) {
      engine.operation(() => {
        const { units, words } = divide(y.size);
        const pointers = [engine.output(y), engine.input(a), engine.input(b)];
        engine.run("add", units, [...words, ...pointers]);
      });
    },

    multiply(y, a, b) {
      engine.operation(() => {
        const { units, words } = divide(y.size);
        const pointers = [engine.output(y), engine.input(a), engine.input(b)];
        engine.run("multiply", units, [...words, ...pointers]);
      });
    },

    concatenate(y, xs, rows) {
      if (rows === 0) return;
      engine.operation(() => {
        let to = engine.output(y);
        for (const x of xs) {
          const length = x.size / rows;
          copyRows(engine, rows, { to, toStep: y.size / rows, from: engine.input(x), fromStep: length, length });
          to += length * 4;
        }
      });
    },

    slice(y, x, rows, from) {
      if (rows === 0) return;
      engine.operation(() => {
        const [to, length] = [engine.output(y), y.size / rows];
        const start = engine.input(x) + from * 4;
        copyRows(engine, rows, { to, toStep: length, from: start, fromStep: x.size / rows, length });
      });
    },

    sum(y, x) {
      engine.operation(() => {
        sumInSlices(engine, engine.output(y), engine.input(x), x.size);
      });
    },

    backwardBias(dbias, dy) {
      engine.operation(() => {
        const [to, from] = [engine.output(dbias), engine.input(dy)];
        if (dbias.size === 1) sumInSlices(engine, to, from, dy.size);
        else if (dbias.size > 0) sumRowsInSlices(engine, to, from, dy.size / dbias.size, dbias.size);
      });
    },
  };
}

/** Rows of `length` numbers that begin `toStep` and `fromStep` numbers apart. */
interface RowCopy {
  readonly to: number;
  readonly toStep: number;
  readonly from: number;
  readonly fromStep: number;
  readonly length: number;
}

function copyRows(engine: Engine, rows: number, { to, toStep, from, fromStep, length }: RowCopy): void {
  const { units, words } = divide(rows, length);
  engine.run("copyRows", units, [...words, to, toStep, from, fromStep, length]);
}

/** A sum for each slice, then the sum of these, until one is left. */
export function sumInSlices(engine: Engine, to: number, from: number, count: number): void {
  const { units, words } = divide(count);
  const sums = units > 1 ? engine.scratch(units * 4) : to;
  engine.run("sumNumbers", Math.max(1, units), [...words, sums, from]);
  if (units > 1) sumInSlices(engine, to, sums, units);
}

/** At least so many rows make a slice, however long they are, so that the sums of slices are far fewer than rows. */
export const LEAST_ROWS = 16;

export function sumRowsInSlices(engine: Engine, to: number, from: number, rows: number, columns: number): void {
  const { units, words } = divide(rows, columns, LEAST_ROWS);
  const sums = units > 1 ? engine.scratch(units * columns * 4) : to;
  engine.run("sumRows", Math.max(1, units), [...words, sums, from, columns]);
  if (units > 1) sumRowsInSlices(engine, to, sums, units, columns);
}
