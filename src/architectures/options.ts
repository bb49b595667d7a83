import { checkOptions } from "../errors.ts";
import type { Shape } from "../tensor.ts";

/** What all named networks take. */
export interface NetworkOptions {
  /** Units of the last layer. Default: those of the paper. */
  classes?: number;
  /** Of one image: [height, width, channels]. Default: that of the paper. */
  inputShape?: Shape;
  /** Fixes the initial weights. Default: 0. */
  seed?: number;
  /** Default: that of the network, in small letters. */
  name?: string;
}

const KNOWN = ["classes", "inputShape", "seed", "name"];

/** The options with their defaults. @throws NeocogError for an option that is not known. */
export function networkOptions<Options extends NetworkOptions>(
  where: string,
  options: Options,
  defaults: Required<Options>,
): Required<Options> {
  checkOptions(where, options, [...new Set([...KNOWN, ...Object.keys(defaults)])]);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
