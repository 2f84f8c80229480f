// <signalbox-verify>: a button that checks the whole ledger in the reader's browser.
import type { Heard, Step } from "./checker";

/** Where a ledger comes from. */
export interface Source {
  /** Its pieces. */
  export: ReadableStream<Uint8Array>;
  /** The only key that is taken, in hex. */
  key: string;
  /** Whether it has signed anything yet: then a record without its signatures is not all there. */
  hasSigned: boolean;
}

/** The files that check, and the candles: symbol, timeframe and address of each. */
export interface Files {
  worker: string;
  module: string;
  candles: [symbol: string, timeframe: string, address: string][];
}

/** Checks a ledger; the report as HTML. `tell` hears how many entries are checked. */
export async function verifyLedger(source: Source, files: Files, tell: (entries: number) => void): Promise<string> {
  const module = await WebAssembly.compileStreaming(fetch(files.module));
  const worker = new Worker(files.worker, { type: "module" });
  const give = (step: Step, handed: Transferable[] = []) => worker.postMessage(step, handed);
  try {
    const report = new Promise<string>((resolve, reject) => {
      worker.addEventListener("error", (event) => reject(new Error(event.message || "The worker could not be started.")));
      worker.addEventListener("message", ({ data }: MessageEvent<Heard>) => {
        if (data.entries !== undefined) tell(data.entries);
        if (data.report !== undefined) resolve(data.report);
        if (data.failure !== undefined) reject(new Error(data.failure));
      });
    });
    // Told below, whatever is waited for first.
    report.catch(() => undefined);
    give({ do: "open", module });
    for (const [symbol, timeframe, address] of files.candles) {
      const csv = await (await fetched(address)).arrayBuffer();
      give({ do: "candles", symbol, timeframe, csv }, [csv]);
    }
    give({ do: "trust", key: source.key, hasSigned: source.hasSigned });
    const reader = source.export.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const piece = next.value.slice().buffer;
      give({ do: "feed", piece }, [piece]);
    }
    give({ do: "finish" });
    return await report;
  } finally {
    worker.terminate();
  }
}

async function fetched(address: string): Promise<Response> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} could not be fetched (${answer.status}).`);
  return answer;
}

class VerifyButton extends HTMLElement {
  #file: File | undefined;

  connectedCallback(): void {
    const button = this.querySelector<HTMLButtonElement>("button");
    const file = this.querySelector<HTMLInputElement>("input[type=file]");
    if (!button || this.dataset.ready !== undefined) return;
    this.dataset.ready = "";
    button.disabled = false;
    button.addEventListener("click", () => void this.#check(button));
    file?.addEventListener("change", () => (this.#file = file.files?.[0]));
  }

  async #check(button: HTMLButtonElement): Promise<void> {
    const status = this.querySelector("[role=status]") as HTMLElement;
    const report = this.querySelector("[data-part=report]") as HTMLElement;
    const { worker = "", module = "", series = "" } = this.dataset;
    const candles = series.split("|").filter(Boolean).map((one) => one.split(" ") as [string, string, string]);
    button.disabled = true;
    report.replaceChildren();
    status.textContent = "Fetching the record and the candles…";
    try {
      const source = await sourceOf(this.#file);
      const tell = (entries: number) => (status.textContent = `${entries} entries checked…`);
      report.innerHTML = await verifyLedger(source, { worker, module, candles }, tell);
      status.textContent = "Checked in this browser.";
    } catch (error) {
      status.textContent = `It could not be checked: ${error instanceof Error ? error.message : String(error)}`;
    }
    button.disabled = false;
  }
}

/** The site's own record, or a file that should be it, and the key that the site names. */
async function sourceOf(file: File | undefined): Promise<Source> {
  const head = (await (await fetched("/api/v1/ledger/head")).json()) as { public_key: string; checkpoint: object | null };
  const body = file ? file.stream() : (await fetched("/api/v1/ledger/export")).body;
  if (!body) throw new Error("The record is empty.");
  return { export: body, key: head.public_key, hasSigned: head.checkpoint !== null };
}

if (!customElements.get("signalbox-verify")) customElements.define("signalbox-verify", VerifyButton);
