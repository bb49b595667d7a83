import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** A browser that can be told to open an address without a screen. */
export interface BrowserKind {
  readonly name: string;
  /** The environment variable that names the program. Without it the first of `programs` is taken that is there. */
  readonly variable: string;
  readonly programs: readonly string[];
  /** How to get it. */
  readonly install: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it shows itself even so, and needs a screen: one that Xvfb keeps in memory. */
  readonly needsScreen?: boolean;
  /** What an empty profile begins with: its file user.js. */
  readonly preferences?: string;
  /** For an empty profile. */
  arguments(profile: string, url: string): string[];
}

export const chromium: BrowserKind = {
  name: "Chromium",
  variable: "CHROMIUM",
  programs: ["chromium", "chromium-browser", "google-chrome"],
  install: "apt-get install chromium, or name one in CHROMIUM",
  arguments: (profile, url) => [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
    ...["--disable-background-networking", "--disable-component-update", `--user-data-dir=${profile}`, url],
  ],
};

export const firefox: BrowserKind = {
  name: "Firefox",
  variable: "FIREFOX",
  programs: ["firefox-esr", "firefox"],
  install: "apt-get install firefox-esr, or name one in FIREFOX",
  // In some virtual machines Firefox takes a hundred times as long with AVX: 57 s for 400 steps of training instead of 0.8 s,
  // where Chromium takes 0.5 s. The bits are the same.
  preferences: 'user_pref("javascript.options.wasm_simd_avx", false);\n',
  arguments: (profile, url) => ["--headless", "--no-remote", "--profile", profile, url],
};

export const webkit: BrowserKind = {
  name: "WebKitGTK",
  variable: "WEBKIT",
  programs: ["x86_64", "aarch64"].map((cpu) => `/usr/lib/${cpu}-linux-gnu/webkit2gtk-4.1/MiniBrowser`),
  install: "apt-get install webkit2gtk-driver xvfb, or name its MiniBrowser in WEBKIT",
  environment: {
    // Unlike Safari, WebKitGTK shares no memory of its own accord, not even in a page that it calls isolated.
    JSC_useSharedArrayBuffer: "1",
    // Its sandbox needs rights that containers do not have; the only pages that are opened are ours.
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
  },
  needsScreen: true,
  arguments: (_, url) => ["--private", url],
};

export const browserKinds = [chromium, firefox, webkit];

/** The path of a browser, or nothing where there is none. */
export function findBrowser({ variable, programs }: BrowserKind): string | undefined {
  const named = process.env[variable];
  if (named) return named;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = programs.flatMap((name) => (isAbsolute(name) ? name : folders.map((folder) => join(folder, name))));
  return paths.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
