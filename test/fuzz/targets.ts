import { arguing } from "./command-line.ts";
import { constructing } from "./constructors.ts";
import { kernels } from "./kernels.ts";
import { using } from "./models.ts";
import { readers } from "./readers.ts";
import type { Target } from "./target.ts";

/** Everything that is fuzzed. */
export const targets: readonly Target[] = [...readers, ...arguing, ...constructing, ...using, ...kernels];
