import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Cell = string | number | undefined;

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: Cell[][];
  readonly notes: string[];
}

/** Collects what the bench prints, so that a run can be recorded. */
export class Report {
  readonly tables: Table[] = [];

  constructor(readonly header: Readonly<Record<string, string>>) {
    const width = Math.max(...Object.keys(header).map((key) => key.length));
    for (const [key, value] of Object.entries(header)) console.log(`${key.padEnd(width)}  ${value}`);
  }

  /** Begins a table; rows are printed as they come. */
  table(title: string, columns: readonly string[], widths: readonly number[] = []): TablePrinter {
    const table: Table = { title, columns, rows: [], notes: [] };
    this.tables.push(table);
    return new TablePrinter(table, widths);
  }

  /** Writes the run as Markdown and as JSON, and gives the path without the ending. @param kind what sets it apart */
  record(folder: string, kind = ""): string {
    const date = new Date().toISOString().slice(0, 10);
    const { processor } = this.header;
    const maker = /\w+/.exec(processor.toLowerCase())?.[0] ?? "unknown";
    const generation = /family (\d+), model (\d+)/.exec(processor)?.slice(1) ?? [];
    const node = `node${process.versions.node.split(".")[0]}`;
    const path = join(folder, `${[date, maker, ...generation, node].join("-")}${kind}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.json`, `${JSON.stringify({ header: this.header, tables: this.tables }, undefined, 1)}\n`);
    writeFileSync(`${path}.md`, this.#markdown());
    return path;
  }

  #markdown(): string {
    const line = (cells: readonly Cell[]) =>
      `| ${cells.map((cell) => shown(cell).replaceAll("|", "\\|")).join(" | ")} |`;
    const parts = [
      `# npm run bench\n\n${Object.entries(this.header)
        .map(([key, value]) => `- ${key}: ${value}`)
        .join("\n")}`,
    ];
    for (const { title, columns, rows, notes } of this.tables) {
      const rule = `|${columns.map((_, index) => (index === 0 ? "---" : "--:")).join("|")}|`;
      const table = rows.length > 0 ? `\n\n${[line(columns), rule, ...rows.map(line)].join("\n")}` : "";
      parts.push(`## ${title}${table}${notes.map((note) => `\n\n${note}`).join("")}`);
    }
    return `${parts.join("\n\n")}\n`;
  }
}

export class TablePrinter {
  readonly #widths: number[];

  constructor(
    readonly table: Table,
    widths: readonly number[],
  ) {
    this.#widths = table.columns.map((column, index) => Math.max(column.length, widths[index] ?? 0));
    console.log(`\n${table.title}`);
    if (table.columns.length > 0) this.#print(table.columns);
  }

  row(...cells: Cell[]): void {
    this.table.rows.push(cells);
    this.#print(cells);
  }

  note(text: string): void {
    this.table.notes.push(text);
    console.log(`  ${text}`);
  }

  #print(cells: readonly Cell[]): void {
    const padded = cells.map((cell, index) => {
      const text = shown(cell);
      return index === 0 ? text.padEnd(this.#widths[index]) : text.padStart(this.#widths[index]);
    });
    console.log(`  ${padded.join("  ")}`);
  }
}

function shown(cell: Cell): string {
  if (cell === undefined) return "–";
  return typeof cell === "number" ? significant(cell) : cell;
}

/** Three significant digits, without an exponent. */
export function significant(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

export function times(ratio: number): string {
  return `${ratio.toFixed(2)}×`;
}
