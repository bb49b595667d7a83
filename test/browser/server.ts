/**
 * A server on this machine whose pages run functions of tasks.ts in a browser. A page posts what came out; the answer to
 * that post is the address of the next page. So a browser need only be started with an address, and no driver is needed.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Task } from "./page.ts";

const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** Pages differ in what their headers allow. */
const HEADERS: Record<Page, Record<string, string>> = {
  isolated: isolation,
  open: {},
  strict: { ...isolation, "Content-Security-Policy": "worker-src 'self'" },
};

/** isolated: memory may be shared with workers. open: as most pages are. strict: isolated, and no worker from a blob. */
export type Page = "isolated" | "open" | "strict";

export interface Outcome {
  readonly result?: unknown;
  readonly error?: string;
}

interface Waiting {
  readonly page: Page;
  readonly task: Task;
  readonly settle: (outcome: Outcome) => void;
}

export interface TaskServer {
  /** Where the browser must go first. */
  readonly start: string;
  /** When it has come. */
  readonly arrived: Promise<void>;
  /** Puts a task in the queue. */
  submit(page: Page, task: Task): Promise<Outcome>;
  /** Gives up all tasks in the queue and those to come. */
  abandon(why: string): void;
  close(): void;
}

export async function serveTasks(): Promise<TaskServer> {
  const script = await bundlePage();
  const queue: Waiting[] = [];
  let asking: ServerResponse | undefined;
  let abandoned: Outcome | undefined;
  const { promise: arrived, resolve: arrive } = promiseOfOne();

  /** Tells the page that asks where to go, when there is a place to go. */
  function answer(): void {
    const next = queue[0];
    if (!asking || !next) return;
    asking.end(`/${next.page}/task?${encodeURIComponent(JSON.stringify(next.task))}`);
    asking = undefined;
  }

  const server = createServer(async (request, response) => {
    const [, page, file] = new URL(request.url ?? "/", "http://localhost").pathname.split("/");
    if (request.method === "POST") {
      const body = await text(request);
      asking = response;
      if (file === "result") queue.shift()?.settle(JSON.parse(body));
      else arrive();
      answer();
      return;
    }
    const headers = HEADERS[page as Page];
    const [type, content] = file === "page.js" ? ["text/javascript", script] : ["text/html", HTML];
    if (headers) response.writeHead(200, { ...headers, "Content-Type": type }).end(content);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    start: `http://127.0.0.1:${(server.address() as AddressInfo).port}/open/start`,
    arrived,
    submit: (page, task) =>
      new Promise((settle) => {
        if (abandoned) return settle(abandoned);
        queue.push({ page, task, settle });
        if (queue.length === 1) answer();
      }),
    abandon(error) {
      abandoned ??= { error };
      for (const { settle } of queue.splice(0)) settle(abandoned);
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const HTML = '<!doctype html><meta charset="utf-8"><title>neocog</title><script type="module" src="page.js"></script>';

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    ...{ bundle: true, write: false, format: "esm", platform: "browser", target: "es2022" },
  });
  return outputFiles[0].text;
}

function promiseOfOne() {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
