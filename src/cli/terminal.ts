/** How numbers and colours look in a terminal. */

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Colours are for terminals, and not for those who asked for none (no-color.org). */
export function hasColours(output: Output): boolean {
  return Boolean(output.isTTY) && !process.env.NO_COLOR && process.env.TERM !== "dumb";
}

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
}

export function paint(output: Output): Paint {
  const colours = hasColours(output);
  const style = (on: number, off: number) => (text: string) => (colours ? `\x1b[${on}m${text}\x1b[${off}m` : text);
  return { bold: style(1, 22), dim: style(2, 22), green: style(32, 39) };
}

/** 0.84 s, 3.1 s, then as a {@link clock}. */
export function duration(seconds: number): string {
  return seconds < 9.95 ? `${seconds.toFixed(seconds < 0.995 ? 2 : 1)} s` : clock(seconds);
}

/** Whole seconds: 31 s, 2 min 05 s, 1 h 02 min. */
export function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (part: number) => String(part).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** 61,706: the same in every locale. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** 18 B, 1.2 KB, 3.4 MB: units of 1024, as in summaries. */
export function bytes(value: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export function percent(part: number): string {
  return `${(100 * part).toFixed(2)} %`;
}
