import { compress } from "./compress.ts";
import { firstLayer } from "./first-layer.ts";
import type { Case } from "./group.ts";
import { inputGradient } from "./input-gradient.ts";
import { list } from "./list.ts";
import { rows } from "./row.ts";
import { tile } from "./tile.ts";

/** The cases of each group; its variants lie in the folder of that name in ../assembly. */
export const groups: Readonly<Record<string, readonly Case[]>> = {
  tile,
  list,
  compress,
  "input-gradient": inputGradient,
  "first-layer": firstLayer,
  row: rows,
};
