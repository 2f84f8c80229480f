// A worker that computes, asked by promises.
import type { Answers, Asked, Question, Questions } from "./questions";

interface Waiting {
  resolve: (answer: never) => void;
  reject: (error: Error) => void;
  tell?: (done: number) => void;
}

/** A worker with the module in it. */
export class Bench {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  /** Begins to compile the module at `module`, once for all workers of a page. */
  static compile(module: string): Promise<WebAssembly.Module> {
    return WebAssembly.compileStreaming(fetch(module));
  }

  constructor(script: string, module: WebAssembly.Module) {
    this.#worker = new Worker(script, { type: "module" });
    this.#worker.addEventListener("message", (event: MessageEvent<Asked>) => this.#hear(event.data));
    this.#worker.addEventListener("error", (event) => this.#fail(event.message || "The worker could not be started."));
    // Told by whatever is asked next, if it fails.
    this.ask("open", { module }).catch(() => undefined);
  }

  /** Asks; answers come in the order of the questions. */
  ask<Kind extends keyof Questions>(
    kind: Kind,
    question: Questions[Kind],
    tell?: (done: number) => void,
  ): Promise<Answers[Kind]> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, tell });
      this.#worker.postMessage({ id, kind, question } satisfies Question<Kind>);
    });
  }

  /** Stops it at once, whatever it is at. What is not answered yet never is. */
  end(): void {
    this.#waiting.clear();
    this.#worker.terminate();
  }

  #hear({ id, answer, progress, failure }: Asked): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    if (progress !== undefined) {
      waiting.tell?.(progress);
      return;
    }
    this.#waiting.delete(id);
    if (failure === undefined) waiting.resolve(answer as never);
    else waiting.reject(new Error(failure));
  }

  #fail(message: string): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new Error(message));
    this.#waiting.clear();
  }
}
