import { type Operation, steps } from "./operation.ts";

const sgd = { learningRate: 0.1, momentum: 0.9, nesterov: false, weightDecay: 0.01 };
const adam = {
  ...{ learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.01, decoupled: false },
  ...{ correction1: 0.1, correction2: 0.01 },
};

export const optimizers: Operation[] = [
  steps("sgd without velocity", 1, (k, [value], g) => k.sgd(value, undefined, g, { ...sgd, momentum: 0 })),
  steps("sgd with velocity", 2, (k, [value, velocity], g) => k.sgd(value, velocity, g, sgd)),
  steps("sgd with nesterov", 2, (k, [value, velocity], g) => k.sgd(value, velocity, g, { ...sgd, nesterov: true })),
  steps("adam", 3, (k, [value, mean, square], g) => k.adam(value, mean, square, g, adam)),
  steps("adam decoupled", 3, (k, [value, mean, square], g) => {
    k.adam(value, mean, square, g, { ...adam, decoupled: true });
  }),
  steps("rmsprop", 2, (k, [value, square], g) => k.rmsprop(value, square, g, { ...sgd, rho: 0.9, epsilon: 1e-7 })),
];
