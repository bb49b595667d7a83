/** The script of every page of server.ts, on its main thread and as its Worker. */
import type { Outcome } from "./server.ts";
import * as tasks from "./tasks.ts";

/** A function of tasks.ts, what to call it with, and where. */
export interface Task {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly thread: "main" | "worker";
}

async function outcomeOf({ name, values }: Task): Promise<Outcome> {
  try {
    const task = (tasks as Record<string, (...values: never[]) => unknown>)[name];
    return { result: await task(...(values as never[])) };
  } catch (error) {
    return { error: String(error) };
  }
}

function inWorker(task: Task): Promise<Outcome> {
  return new Promise((resolve) => {
    const worker = new Worker(import.meta.url, { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ error: `the page's worker: ${message}` });
    worker.postMessage(task);
  });
}

async function visit(): Promise<void> {
  const query = location.search.slice(1);
  let post: [path: string, body: string] = ["ready", ""];
  if (query) {
    const task: Task = JSON.parse(decodeURIComponent(query));
    post = ["result", JSON.stringify(task.thread === "main" ? await outcomeOf(task) : await inWorker(task))];
  }
  const response = await fetch(post[0], { method: "POST", body: post[1] });
  location.replace(await response.text());
}

if (typeof document !== "undefined") void visit();
else addEventListener("message", async ({ data }) => postMessage(await outcomeOf(data)));
