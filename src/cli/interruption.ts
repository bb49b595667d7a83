import type { Callback, Progress } from "../model/callbacks.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** A terminal and a parent process (npm, tsx) can both pass on one and the same Ctrl-C. */
const SAME_KEY_MILLISECONDS = 300;

/** Ctrl-C while training: the first ends it after the running batch, so that it can be saved; a second one ends all. */
export class Interruption implements Callback {
  #at: number | undefined;
  #stop: (() => void) | undefined;
  readonly #handle = () => {
    if (this.#at !== undefined) {
      if (performance.now() - this.#at > SAME_KEY_MILLISECONDS) process.exit(130);
      return;
    }
    this.#at = performance.now();
    this.notice();
    this.#stop?.();
  };

  constructor(readonly notice: () => void) {
    for (const signal of SIGNALS) process.on(signal, this.#handle);
  }

  get happened(): boolean {
    return this.#at !== undefined;
  }

  onTrainBegin({ stop }: Progress): void {
    this.#stop = stop;
    if (this.happened) stop();
  }

  end(): void {
    for (const signal of SIGNALS) process.off(signal, this.#handle);
  }
}
