// The honesty report: takes seconds, so that it has a worker of its own, which can be stopped.
import type { Bench } from "./bench";
import type { Questions } from "./questions";

interface Case {
  query: string;
  /** Settings that were tried to come to this one. */
  compared: number;
  candles: Questions["load"] | undefined;
}

export class Examiner {
  readonly #report: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #progress: HTMLProgressElement;
  readonly #status: HTMLElement;
  #bench: Bench | undefined;

  constructor(
    part: HTMLElement,
    readonly open: () => Bench,
    readonly asked: () => Case,
  ) {
    const find = <T extends HTMLElement>(selector: string) => part.querySelector<T>(selector) as T;
    this.#report = find("[data-part=report]");
    this.#button = find<HTMLButtonElement>("button[data-do=examine]");
    this.#stop = find<HTMLButtonElement>("button[data-do=stop]");
    this.#progress = find<HTMLProgressElement>("progress");
    this.#status = find("[role=status]");
    this.#button.disabled = false;
    this.#button.addEventListener("click", () => void this.#go());
    this.#stop.addEventListener("click", () => this.forget());
  }

  /** Ends what is at work, and shows nothing. */
  forget(): void {
    this.end();
    this.#report.replaceChildren();
    this.#status.textContent = "";
  }

  end(): void {
    this.#bench?.end();
    this.#bench = undefined;
    this.#progress.hidden = true;
    this.#stop.hidden = true;
    this.#button.disabled = false;
  }

  async #go(): Promise<void> {
    const { query, compared, candles } = this.asked();
    if (!candles) return;
    this.forget();
    const bench = this.open();
    this.#bench = bench;
    this.#button.disabled = true;
    this.#stop.hidden = false;
    this.#progress.value = 0;
    this.#progress.hidden = false;
    this.#status.textContent = "Examining…";
    try {
      await bench.ask("load", candles);
      const text = await bench.ask("examine", { query, compared }, (done) => (this.#progress.value = done));
      if (bench !== this.#bench) return;
      this.#report.innerHTML = text;
      this.#status.textContent = "The report is there.";
    } catch (error) {
      this.#status.textContent = error instanceof Error ? error.message : String(error);
    }
    this.end();
  }
}
