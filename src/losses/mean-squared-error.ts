import { Loss } from "./loss.ts";

/**
 * For targets that are quantities.
 *   y [R,K]   t [R,K]
 *   forward   L = Σ_rk (y − t)² / (R·K)
 *   backward  dy = 2 · (y − t) / (R·K)
 */
export class MeanSquaredError extends Loss {
  constructor(options: Record<string, never> = {}) {
    super("meanSquaredError", { probabilities: "squaredError" }, undefined, options);
  }
}
