// The heat map: a sweep in slices, so that a slider's move is answered in between.
import type { Bench } from "./bench";

/** Combinations run at once. */
const SLICE = 4;

export class Heat {
  readonly #map: HTMLElement;
  readonly #axes: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #progress: HTMLProgressElement;
  readonly #status: HTMLElement;
  /** Of the sweep at work; another number ends it. */
  #sweep = 0;

  constructor(
    part: HTMLElement,
    readonly bench: Bench,
    /** What the form asks for; nothing where there are no candles. */
    readonly query: () => string | undefined,
    readonly tried: Set<string>,
    readonly set: (values: Record<string, string>) => void,
  ) {
    const find = <T extends HTMLElement>(selector: string) => part.querySelector<T>(selector) as T;
    this.#map = find("[data-part=heat-map]");
    this.#axes = find("[data-part=axes]");
    this.#button = find<HTMLButtonElement>("button[data-do=sweep]");
    this.#progress = find<HTMLProgressElement>("progress");
    this.#status = find("[role=status]");
    this.#button.disabled = false;
    this.#button.addEventListener("click", () => void this.#go());
    this.#axes.addEventListener("change", (event) => void this.#changed(event.target as HTMLSelectElement));
    this.#map.addEventListener("click", (event) => this.#choose(event));
  }

  /** Other parameters to choose from. */
  axes(fields: Element): void {
    this.forget();
    this.#axes.replaceChildren(...fields.cloneNode(true).childNodes);
  }

  /** Ends what is at work, and shows nothing. */
  forget(): void {
    this.#sweep++;
    this.#map.replaceChildren();
    this.#progress.hidden = true;
    this.#button.disabled = false;
    this.#status.textContent = "";
  }

  #value(name: string): string {
    return this.#axes.querySelector<HTMLSelectElement>(`[name=${name}]`)?.value ?? "";
  }

  async #changed(field: HTMLSelectElement): Promise<void> {
    if (field.name !== "measure") this.forget();
    else if (this.#map.hasChildNodes()) this.#map.innerHTML = await this.bench.ask("heatMap", { measure: field.value });
  }

  async #go(): Promise<void> {
    this.forget();
    const sweep = this.#sweep;
    const asked = this.query();
    if (asked === undefined) return;
    const query = `${asked}&${new URLSearchParams({ across: this.#value("across"), down: this.#value("down") })}`;
    const faults = await this.bench.ask("sweep", { query });
    if (faults.length > 0) {
      this.#status.textContent = faults.filter((_, at) => at % 2 === 1).join(" ");
      return;
    }
    this.#button.disabled = true;
    this.#progress.hidden = false;
    try {
      for (let done = 0; done < 1; ) {
        const answer = await this.bench.ask("sweepOn", { cells: SLICE, measure: this.#value("measure") });
        if (sweep !== this.#sweep) return;
        done = answer.done;
        this.#progress.value = done;
        this.#map.innerHTML = answer.text;
      }
      for (const cell of this.#map.querySelectorAll<HTMLElement>("[data-across]")) {
        this.tried.add(`${query}&${cell.dataset.across}&${cell.dataset.down}`);
      }
      this.#status.textContent = "The heat map is done.";
    } catch (error) {
      this.#status.textContent = error instanceof Error ? error.message : String(error);
    }
    this.#progress.hidden = true;
    this.#button.disabled = false;
  }

  #choose(event: Event): void {
    const cell = (event.target as Element).closest<HTMLElement>("[data-across]");
    if (!cell) return;
    for (const other of this.#map.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
    cell.setAttribute("aria-current", "true");
    this.set({ [this.#value("across")]: cell.dataset.across ?? "", [this.#value("down")]: cell.dataset.down ?? "" });
  }
}
