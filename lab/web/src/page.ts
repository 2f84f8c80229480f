// The page that runs backtests: puts together its form, its worker and its charts.
import { Bench } from "./bench";
import type { Charts, Shown } from "./charts";
import { NONE, number } from "./figures";
import { Heat } from "./heat";
import { Examiner } from "./examiner";
import { choose, queryOf, showFaults, syncSlider } from "./form";
import type { Part, Questions } from "./questions";

/** How long nothing must move until the address is changed and the result is spoken. */
const QUIET = 500;

/** For how many milliseconds at most nothing must move until a run is drawn, and how many candles make one. */
const LONGEST_PAUSE = 80;
const CANDLES_A_MILLISECOND = 200;

/** Moves that follow each other within so many milliseconds are one: it is drawn when the next one is overdue by half. */
const [ONE_MOVE, OVERDUE] = [250, 1.5];

/** What of the run is written into the page, where it is looked at. */
const PARTS: Part[] = ["months", "distribution", "trades", "candles", "equity"];

type Candles = Questions["load"];

class BacktestPage extends HTMLElement {
  #bench: Bench | undefined;
  #charts: Charts | undefined;
  #heat: Heat | undefined;
  #examiner: Examiner | undefined;
  /** The candles as they came, for whoever else needs them. */
  #file: Candles | undefined;
  /** The columns that the charts do not show yet. */
  #columns: Shown | undefined;
  #wanted = false;
  #running = false;
  /** Whether the figures are of a run on these candles. */
  #ran = false;
  /** When the first move came that is not answered yet; 0: there is none. */
  #moved = 0;
  /** When the last move came, and how long after the one before. */
  #last = { at: 0, after: Infinity };
  /** Of the drawing at work; another number ends it. */
  #drawing = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #trades = 20;
  /** How many candles there are. */
  #count = 0;
  #loads = 0;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  readonly #left = new AbortController();
  /** Settings tried on these candles: the more, the less a good one means. */
  readonly #tried = new Set<string>();

  connectedCallback(): void {
    // Taken out and put back, it is another page.
    if (this.#bench || this.#left.signal.aborted) return;
    const listen = { signal: this.#left.signal };
    this.#form.addEventListener("input", (event) => this.#input(event), listen);
    this.#form.addEventListener("change", (event) => this.#change(event), listen);
    this.#form.addEventListener("keydown", (event) => this.#key(event), listen);
    this.#form.addEventListener("submit", (event) => this.#share(event), listen);
    this.addEventListener("click", (event) => this.#click(event), listen);
    this.addEventListener("toggle", (event) => this.#toggle(event), { ...listen, capture: true });
    this.#begin().catch((error: unknown) => this.#fail(error));
  }

  disconnectedCallback(): void {
    this.#left.abort();
    clearTimeout(this.#quiet);
    clearTimeout(this.#pause);
    this.#bench?.end();
    this.#examiner?.end();
    this.#charts?.remove();
  }

  get #form(): HTMLFormElement {
    return this.#part("form") as HTMLFormElement;
  }

  #select(name: string): HTMLSelectElement {
    return this.#form.elements.namedItem(name) as HTMLSelectElement;
  }

  /** Where it stands what is wrong with a file. */
  get #own(): HTMLElement {
    return this.querySelector("#f-file-fault") as HTMLElement;
  }

  #part(name: string): HTMLElement {
    const part = this.querySelector<HTMLElement>(`[data-part="${name}"]`);
    if (!part) throw new Error(`The page lacks its ${name}.`);
    return part;
  }

  async #begin(): Promise<void> {
    const { module = "", worker = "", charts = "" } = this.dataset;
    const compiled = await Bench.compile(module);
    if (this.#left.signal.aborted) return;
    const bench = new Bench(worker, compiled);
    this.#bench = bench;
    const query = () => (this.#file ? queryOf(this.#form) : undefined);
    this.#heat = new Heat(this.#part("heat"), bench, query, this.#tried, (set) => this.#set(set));
    this.#examiner = new Examiner(this.#part("honesty"), () => new Bench(worker, compiled), () => ({
      query: queryOf(this.#form),
      compared: this.#tried.size,
      candles: this.#file,
    }));
    this.dataset.ready = "";
    const drawing = import(charts) as Promise<typeof import("./charts")>;
    await this.#load();
    const { Charts } = await drawing;
    if (this.#left.signal.aborted) return;
    this.#charts = new Charts(this.#part("price-chart"), this.#part("money-chart"));
    this.#run();
  }

  /** Takes the candles that the form asks for, and runs on them. */
  async #load(): Promise<void> {
    const load = ++this.#loads;
    const isOwn = this.#select("symbol").value === "own";
    const own = isOwn ? this.querySelector<HTMLInputElement>("#f-file")?.files?.[0] : undefined;
    this.#part("own").hidden = !isOwn;
    this.#select("timeframe").disabled = isOwn;
    this.#own.textContent = "";
    if (isOwn && !own) {
      this.#clear();
      this.#say("Choose a file of candles.");
      return;
    }
    try {
      const file = own ? { file: await own.arrayBuffer(), timeframe: "", quote: "" } : await this.#offered();
      if (load !== this.#loads) return;
      const { text, timeframe, columns } = await this.#asked.ask("load", file);
      if (load !== this.#loads) return;
      this.#clear();
      this.#file = file;
      if (own) choose(this.#select("timeframe"), timeframe);
      this.#part("series").innerHTML = text;
      this.#columns = { columns, hours: timeframe === "1h", quote: file.quote };
      this.#count = columns.length / 5;
      this.#run();
    } catch (error) {
      if (load !== this.#loads) return;
      this.#clear();
      if (!own) throw error;
      this.#own.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** The candles of the symbol and the timeframe that are chosen, of those that the site has. */
  async #offered(): Promise<Candles> {
    const timeframe = this.#select("timeframe");
    const { series = "", quote = "" } = this.#select("symbol").selectedOptions[0].dataset;
    const there = new Map(pairs(series.split(" ")));
    for (const option of timeframe.options) option.disabled = !there.has(option.value);
    if (!there.has(timeframe.value)) choose(timeframe, [...there.keys()].at(-1) ?? "");
    const { value } = timeframe;
    return { file: await fetched(there.get(value) ?? ""), timeframe: value, quote };
  }

  /** Without candles: what stands there of others would be taken for theirs. */
  #clear(): void {
    this.#file = undefined;
    this.#columns = undefined;
    this.#ran = false;
    this.#drawing++;
    clearTimeout(this.#pause);
    clearTimeout(this.#quiet);
    this.#write(new Float64Array());
    for (const part of PARTS) this.#part(part).textContent = NONE;
    this.#part("series").replaceChildren();
    this.#part("status").hidden = true;
    this.#charts?.clear();
    this.#tried.clear();
    this.#heat?.forget();
    this.#examiner?.forget();
  }

  get #asked(): Bench {
    if (!this.#bench) throw new Error("The page has not begun yet.");
    return this.#bench;
  }

  /** Runs what the form says now; while one is at it, only the newest that was asked for comes after it. */
  #run(): void {
    this.#wanted = true;
    this.#drawing++;
    clearTimeout(this.#pause);
    // What they said was of other settings.
    this.#examiner?.forget();
    this.#part("linked").textContent = "";
    if (this.#running || !this.#file) return;
    this.#runAll().catch((error: unknown) => this.#fail(error));
  }

  async #runAll(): Promise<void> {
    this.#running = true;
    try {
      while (this.#wanted && !this.#left.signal.aborted) await this.#runOnce();
    } finally {
      this.#running = false;
    }
  }

  async #runOnce(): Promise<void> {
    this.#wanted = false;
    const moved = this.#moved;
    this.#moved = 0;
    const query = queryOf(this.#form);
    const { faults, figures, sentence } = await this.#asked.ask("run", { query });
    // The candles may have been taken away meanwhile.
    if (this.#left.signal.aborted || !this.#file) return;
    showFaults(this.#form, this.#part("status"), faults, this.#ran);
    if (!figures) return;
    this.#ran = true;
    this.#write(figures);
    if (moved > 0) performance.measure("signalbox:figures", { start: moved, end: performance.now() });
    this.#tried.add(query);
    this.#settle(query, sentence ?? "");
    if (!this.#wanted) this.#drawSoon();
  }

  /** Puts numbers where the page names them. */
  #write(figures: Float64Array): void {
    for (const place of this.querySelectorAll<HTMLElement>("[data-figure]")) {
      const { text, look } = number(figures[Number(place.dataset.figure)], place.dataset.unit ?? "");
      if (place.textContent === text) continue;
      place.textContent = text;
      place.className = look;
    }
  }

  /** Draws the run once nothing has moved for a while: a drawing is long, and no move waits for one to end. */
  #drawSoon(): void {
    const drawing = ++this.#drawing;
    clearTimeout(this.#pause);
    const moving = this.#last.after < ONE_MOVE ? OVERDUE * this.#last.after : 0;
    const pause = Math.max(moving, Math.min(LONGEST_PAUSE, this.#count / CANDLES_A_MILLISECOND));
    const draw = () => this.#draw(drawing).catch((error: unknown) => this.#fail(error));
    this.#pause = setTimeout(draw, pause);
  }

  /** Draws the run, a piece a frame, until there is another drawing. */
  async #draw(drawing: number): Promise<void> {
    const ended = () => drawing !== this.#drawing || this.#left.signal.aborted;
    const drawn = await this.#asked.ask("draw", {});
    if (ended()) return;
    const steps: (() => void)[] = [];
    if (this.#charts) {
      const [charts, fresh] = [this.#charts, this.#columns];
      if (fresh) charts.candles(fresh);
      this.#columns = undefined;
      steps.push(...charts.steps(drawn));
    }
    for (const step of steps) {
      await frame();
      if (ended()) return;
      step();
    }
    for (const part of PARTS) {
      if (ended()) return;
      await this.#show(part);
    }
  }

  /** Writes a part of the run, where it is open. */
  async #show(part: Part): Promise<void> {
    const place = this.#part(part);
    if (place.closest("details:not([open])")) return;
    const text = await this.#asked.ask("write", { part, shown: this.#trades });
    if (place.innerHTML !== text) place.innerHTML = text;
  }

  #input(event: Event): void {
    this.#moved ||= event.timeStamp;
    this.#last = { at: event.timeStamp, after: event.timeStamp - this.#last.at };
    const slider = event.target as HTMLInputElement;
    if (slider.type === "range" || slider.type === "number") {
      syncSlider(this.#form, slider);
      this.#run();
    }
  }

  #change(event: Event): void {
    const field = event.target as HTMLInputElement | HTMLSelectElement;
    const failed = (error: unknown) => this.#fail(error);
    if (field.name === "symbol" || field.name === "timeframe" || field.type === "file") this.#load().catch(failed);
    else if (field.name === "strategy") this.#fields(field.value);
    else if (field instanceof HTMLSelectElement) this.#run();
  }

  /** The fields of another strategy, at its defaults. */
  #fields(strategy: string): void {
    const waiting = this.querySelector<HTMLTemplateElement>(`template[data-fields="${CSS.escape(strategy)}"]`);
    const [parameters, axes] = waiting?.content.children ?? [];
    if (!parameters || !axes) return;
    this.#part("parameters").replaceChildren(...parameters.cloneNode(true).childNodes);
    this.#heat?.axes(axes);
    this.#run();
  }

  /** Sets parameters by name, as a cell of the heat map does. */
  #set(values: Record<string, string>): void {
    for (const [name, value] of Object.entries(values)) {
      const field = this.#form.elements.namedItem(name) as HTMLInputElement;
      field.value = value;
      syncSlider(this.#form, field);
    }
    this.#run();
  }

  #click(event: Event): void {
    const more = (event.target as Element).closest<HTMLElement>("[data-more]")?.dataset.more;
    if (!more) return;
    this.#trades = Number(more);
    this.#show("trades").catch((error: unknown) => this.#fail(error));
  }

  #toggle(event: Event): void {
    const place = (event.target as Element).querySelector<HTMLElement>("[data-part]");
    const part = PARTS.find((known) => known === place?.dataset.part);
    if (part && this.#file) this.#show(part).catch((error: unknown) => this.#fail(error));
  }

  /** Enter in a field would press the button, which copies the link; what was typed is applied already. */
  #key(event: KeyboardEvent): void {
    const { type } = event.target as HTMLInputElement;
    if (event.key === "Enter" && (type === "number" || type === "range")) event.preventDefault();
  }

  /** The address is the link to this run. */
  async #share(event: Event): Promise<void> {
    event.preventDefault();
    this.#address(queryOf(this.#form));
    let where = "is copied";
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      where = "stands in the address bar";
    }
    const own = this.#select("symbol").value === "own" ? " It does not hold your file: whoever opens it needs that too." : "";
    this.#part("linked").textContent = `The link ${where}.${own}`;
  }

  #settle(query: string, sentence: string): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.#address(query);
      this.#say(sentence);
    }, QUIET);
  }

  #address(query: string): void {
    history.replaceState(history.state, "", `${location.pathname}?${query}`);
  }

  #say(text: string): void {
    this.#part("spoken").textContent = text;
  }

  #fail(error: unknown): void {
    if (this.#left.signal.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    const status = this.#part("status");
    status.hidden = false;
    status.textContent = `Nothing could be run: ${message} Reload the page to try again.`;
  }
}

/** A list of names and values by turns, as pairs. */
function pairs(list: string[]): [string, string][] {
  return list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1]]] : []));
}

async function fetched(address: string): Promise<ArrayBuffer> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`The candles could not be fetched (${answer.status}).`);
  return answer.arrayBuffer();
}

/** The next frame; a page that is not looked at has none and need not wait. */
function frame(): Promise<void> {
  return new Promise((resolve) => (document.hidden ? setTimeout(resolve) : requestAnimationFrame(() => resolve())));
}

if (!customElements.get("signalbox-backtest")) customElements.define("signalbox-backtest", BacktestPage);
