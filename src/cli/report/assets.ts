/**
 * The pieces of the page that are files: its style, its script, and uPlot, which draws the curves. They are read when a
 * report is written and put into it, so that the page asks nothing of any network.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const UPLOT = { js: "uPlot.iife.min.js", css: "uPlot.min.css" };

export interface Assets {
  readonly css: string;
  readonly js: string;
}

/** Style and script of the page, uPlot's first. */
export function reportAssets(): Assets {
  const uplot = uplotAssets();
  return { css: uplot.css + beside("page.css"), js: uplot.js + beside("page.js") };
}

/** A published package has uPlot's two files beside this one; the repository has them in node_modules. */
function uplotAssets(): Assets {
  const installed = createRequire(import.meta.url);
  const read = (name: string) => {
    const copy = fileURLToPath(new URL(name, import.meta.url));
    return readFileSync(existsSync(copy) ? copy : installed.resolve(`uplot/dist/${name}`), "utf8");
  };
  return { js: read(UPLOT.js), css: read(UPLOT.css) };
}

function beside(name: string): string {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}
