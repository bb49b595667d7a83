/**
 * Options of a command: one table gives the parser, the types and the help. On top of Node's tokens, because a typing
 * error must be an error that names the option, and the parsers that do more let unknown options pass.
 */
import { parseArgs } from "node:util";
import { NeocogError } from "../errors.ts";

/** The command line itself is wrong: exit code 2. */
export class UsageError extends NeocogError {}

interface Described {
  readonly help: string;
  /** What stands for the value in the help: "DIR". */
  readonly value?: string;
}

export interface Flag extends Described {
  readonly type: "flag";
}
export interface Text extends Described {
  readonly type: "text";
  readonly default?: string;
  readonly choices?: readonly string[];
}
export interface Num extends Described {
  readonly type: "number" | "whole";
  readonly default?: number;
  /** The smallest and largest value. */
  readonly least: number;
  readonly most?: number;
}
export type Option = Flag | Text | Num;
export type Options = Readonly<Record<string, Option>>;

type Base<O> = O extends Flag ? boolean : O extends Num ? number : string;
type Value<O> = O extends Flag | { readonly default: unknown } ? Base<O> : Base<O> | undefined;
export type Values<O extends Options> = { readonly [Name in keyof O]: Value<O[Name]> };

export interface Command<O extends Options = Options> {
  readonly name: string;
  readonly summary: string;
  /** What stands for the arguments without a name in the help, where there may be any. */
  readonly operands?: string;
  readonly options: O;
  readonly examples: readonly string[];
  run(values: Values<O>, operands: readonly string[]): Promise<number> | number;
}

/** Lets TypeScript infer the types of the values from the table. */
export function command<const O extends Options>(definition: Command<O>): Command<O> {
  return definition;
}

/** @throws UsageError that names the option, the value and the remedy. */
export function parse<O extends Options>(
  definition: Command<O>,
  args: readonly string[],
): { values: Values<O>; operands: string[] } {
  const { name: commandName, options } = definition;
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) values[name] = option.type === "flag" ? false : option.default;
  const operands: string[] = [];
  const shapes = Object.entries(options).map(
    ([name, { type }]) => [name, { type: type === "flag" ? "boolean" : "string" }] as const,
  );
  const { tokens } = parseArgs({ args: [...args], options: Object.fromEntries(shapes), strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!option || !token.rawName.startsWith("--")) {
      const known = Object.keys(options).map((name) => `--${name}`);
      throw new UsageError(`${token.rawName}: no such option of neocog ${commandName}; there are ${known.join(", ")}`);
    }
    values[token.name] = read(token.rawName, option, token.value);
  }
  if (operands.length > 0 && definition.operands === undefined) {
    throw new UsageError(
      `${JSON.stringify(operands[0])}: neocog ${commandName} takes options only; see neocog ${commandName} --help`,
    );
  }
  return { values: values as Values<O>, operands };
}

function read(name: string, option: Option, text: string | undefined): boolean | string | number {
  if (option.type === "flag") {
    if (text !== undefined) throw new UsageError(`${name} is ${JSON.stringify(text)}; it takes no value`);
    return true;
  }
  if (text === undefined) throw new UsageError(`${name}: its value is missing; give ${name} ${placeholder(option)}`);
  const refuse = (remedy: string): never => {
    throw new UsageError(`${name} is ${JSON.stringify(text)}; ${remedy}`);
  };
  if (option.type === "text") {
    if (option.choices && !option.choices.includes(text)) refuse(`use ${option.choices.join(" or ")}`);
    return text === "" ? refuse("use a text that is not empty") : text;
  }
  const { type, least, most = Infinity } = option;
  const number = text.trim() === "" ? Number.NaN : Number(text);
  const isOne = type === "whole" ? Number.isSafeInteger(number) : Number.isFinite(number);
  if (!isOne || number < least || number > most) {
    const upTo = most < Infinity ? ` and at most ${most}` : "";
    refuse(`use a ${type === "whole" ? "whole " : ""}number of at least ${least}${upTo}`);
  }
  return number;
}

/** The text of `neocog train --help`. */
export function helpOf({ name, summary, operands, options, examples }: Command): string {
  const rows = Object.entries(options).map(([option, described]) => {
    const preset = described.type !== "flag" && described.default !== undefined ? ` [${described.default}]` : "";
    return [`--${option} ${placeholder(described)}`.trimEnd(), described.help + preset];
  });
  return [
    summary,
    "",
    `Usage: neocog ${name}${operands ? ` [${operands}]` : ""} [options]`,
    "",
    "Options:",
    ...inColumns([...rows, ["--help", "this text"]]),
    "",
    "Examples:",
    ...examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
}

export function inColumns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`);
}

function placeholder(option: Option): string {
  if (option.type === "flag") return "";
  return option.value ?? (option.type === "text" ? (option.choices?.join("|") ?? "TEXT") : "N");
}
