import type { Kernels } from "../kernels.ts";
import type { Engine } from "./engine.ts";
import { divide } from "./units.ts";

type Optimizers = Pick<Kernels, "sgd" | "adam" | "rmsprop">;

/** Steps of gradient descent, in place. Constants are computed in float64 and rounded once, as in the reference. */
export function optimizers(engine: Engine): Optimizers {
  const floats = (...values: number[]) => values.map((value) => engine.float(value));

  return {
    sgd(value, velocity, gradient, { learningRate, momentum, weightDecay, nesterov }) {
      engine.operation(() => {
        const { units, words } = divide(value.size);
        const pointers = [engine.update(value), engine.update(velocity), engine.input(gradient)];
        const settings = [...floats(learningRate, momentum, weightDecay), nesterov ? 1 : 0];
        engine.run("sgd", units, [...words, ...pointers, ...settings]);
      });
    },

    adam(value, mean, square, gradient, settings) {
      engine.operation(() => {
        const { units, words } = divide(value.size);
        const { learningRate, beta1, beta2, epsilon, weightDecay, decoupled, correction1, correction2 } = settings;
        const pointers = [engine.update(value), engine.update(mean), engine.update(square), engine.input(gradient)];
        const averages = floats(beta1, 1 - beta1, beta2, 1 - beta2);
        const decay = decoupled ? floats(0, learningRate * weightDecay) : floats(weightDecay, 0);
        const rate = engine.float(learningRate / correction1);
        const scale = floats(Math.sqrt(correction2), epsilon);
        engine.run("adam", units, [...words, ...pointers, rate, ...averages, ...scale, ...decay]);
      });
    },

    rmsprop(value, square, gradient, { learningRate, rho, epsilon }) {
      engine.operation(() => {
        const { units, words } = divide(value.size);
        const pointers = [engine.update(value), engine.update(square), engine.input(gradient)];
        engine.run("rmsprop", units, [...words, ...pointers, ...floats(learningRate, rho, 1 - rho, epsilon)]);
      });
    },
  };
}
