import type { Kernels } from "../kernels.ts";
import { arithmetic } from "./math.ts";

type Optimizers = Pick<Kernels, "sgd" | "adam" | "rmsprop">;

/**
 * One step of gradient descent, in place. θ the value, g its gradient, η the learning rate. D2
 *
 *   sgd       g ← g + λθ     v ← μv + g                          θ ← θ − η·v   (nesterov: θ − η·(g + μv))
 *   adam      m ← β₁m + (1 − β₁)g    s ← β₂s + (1 − β₂)g²        θ ← θ − η/c₁ · m / (√s/√c₂ + ε)
 *             λ is added to the gradient as in sgd, or (AdamW) shrinks the value first: θ ← θ − ηλ·θ
 *   rmsprop   s ← ρs + (1 − ρ)g²                                 θ ← θ − η·g / (√s + ε)
 *
 * A v, m or s below the smallest normal number becomes 0. Where gradients stay away, as those of a ReLU that died, it
 * would shrink down to there and stay: 0.9 times the four smallest numbers there are is, rounded, again the same number.
 * Many processors take a hundred times longer for such numbers.
 *
 * Polyak 1964; Kingma & Ba 2015; Loshchilov & Hutter 2019; Tieleman & Hinton 2012.
 */
export const optimizers: Optimizers = {
  sgd(value, velocity, gradient, settings) {
    const { round, flushed } = arithmetic(value.dtype);
    const [θ, v, g] = [value.data, velocity?.data, gradient.data];
    const [η, μ, λ] = [settings.learningRate, settings.momentum, settings.weightDecay].map(round);
    for (let e = 0; e < value.size; e++) {
      const slope = round(g[e] + round(λ * θ[e]));
      let step = slope;
      if (v) {
        v[e] = flushed(round(μ * v[e]) + slope);
        step = settings.nesterov ? round(slope + round(μ * v[e])) : v[e];
      }
      θ[e] -= round(η * step);
    }
  },

  adam(value, mean, square, gradient, settings) {
    const { round, flushed } = arithmetic(value.dtype);
    const { learningRate, beta1, beta2, weightDecay, decoupled } = settings;
    const [θ, m, s, g] = [value.data, mean.data, square.data, gradient.data];
    const [β1, rest1, β2, rest2, ε] = [beta1, 1 - beta1, beta2, 1 - beta2, settings.epsilon].map(round);
    const [η, root2] = [learningRate / settings.correction1, Math.sqrt(settings.correction2)].map(round);
    const [λ, shrink] = (decoupled ? [0, learningRate * weightDecay] : [weightDecay, 0]).map(round);
    for (let e = 0; e < value.size; e++) {
      const slope = round(g[e] + round(λ * θ[e]));
      const shrunk = round(θ[e] - round(shrink * θ[e]));
      m[e] = flushed(round(β1 * m[e]) + round(rest1 * slope));
      s[e] = flushed(round(β2 * s[e]) + round(rest2 * round(slope * slope)));
      const scale = round(round(round(Math.sqrt(s[e])) / root2) + ε);
      θ[e] = shrunk - round(round(η * m[e]) / scale);
    }
  },

  rmsprop(value, square, gradient, settings) {
    const { round, flushed } = arithmetic(value.dtype);
    const [θ, s, g] = [value.data, square.data, gradient.data];
    const [η, ρ, rest, ε] = [settings.learningRate, settings.rho, 1 - settings.rho, settings.epsilon].map(round);
    for (let e = 0; e < value.size; e++) {
      s[e] = flushed(round(ρ * s[e]) + round(rest * round(g[e] * g[e])));
      θ[e] -= round(round(η * g[e]) / round(round(Math.sqrt(s[e])) + ε));
    }
  },
};
