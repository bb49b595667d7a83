import { fail } from "../../errors.ts";
import { type DType, type Shape, zeros } from "../../tensor.ts";
import type { Kernels } from "../kernels.ts";
import { affine } from "./affine.ts";
import { conv2d } from "./conv2d.ts";
import { copies } from "./copies.ts";
import { dense } from "./dense.ts";
import { dropout } from "./dropout.ts";
import { elementwise } from "./elementwise.ts";
import { localResponse } from "./local-response.ts";
import { losses } from "./losses.ts";
import { noise } from "./noise.ts";
import { optimizers } from "./optimizers.ts";
import { penalties } from "./penalties.ts";
import { pooling } from "./pooling.ts";
import { softmax } from "./softmax.ts";
import { upSampling } from "./up-sampling.ts";

/**
 * The formulas of the book in plain loops: slow, and what everything else is compared with.
 *
 * ```ts
 * const pass = new Pass({ kernels: referenceKernels("float64") });
 * ```
 */
export function referenceKernels(dtype: DType = "float64"): Kernels {
  if (dtype !== "float32" && dtype !== "float64") {
    fail("referenceKernels", "dtype", dtype, 'use "float32" or "float64"');
  }
  return {
    name: `reference ${dtype}`,
    dtype,
    allocate: (shape: Shape) => zeros(shape, dtype),
    ...conv2d,
    ...dense,
    ...affine,
    ...pooling,
    ...elementwise,
    ...copies,
    ...upSampling,
    ...softmax,
    ...localResponse,
    ...losses,
    ...dropout,
    ...noise,
    ...penalties,
    ...optimizers,
  };
}
