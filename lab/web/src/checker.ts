// Runs in a Web Worker: checks a ledger piece by piece.
import { Check, initSync } from "signalbox-verifier";

/** What a page hands over, in this order: the module, candles, perhaps a key, pieces of the export, the end. */
export type Step =
  | { do: "open"; module: WebAssembly.Module }
  | { do: "candles"; symbol: string; timeframe: string; csv: ArrayBuffer }
  | { do: "trust"; key: string; hasSigned: boolean }
  | { do: "feed"; piece: ArrayBuffer }
  | { do: "finish" };

/** What it hears: how many entries are checked, the report, or why there is none. */
export interface Heard {
  entries?: number;
  report?: string;
  failure?: string;
}

let check: Check | undefined;

function take(step: Step): Heard | undefined {
  if (step.do === "open") {
    initSync({ module: step.module });
    check = new Check();
    return undefined;
  }
  if (!check) return undefined;
  switch (step.do) {
    case "candles":
      check.candles(step.symbol, step.timeframe, new Uint8Array(step.csv));
      return undefined;
    case "trust":
      check.trust(step.key, step.hasSigned);
      return undefined;
    case "feed":
      return { entries: Number(check.feed(new Uint8Array(step.piece))) };
    case "finish":
      return { report: check.finish() };
  }
}

addEventListener("message", (event: MessageEvent<Step>) => {
  try {
    const heard = take(event.data);
    if (heard) postMessage(heard);
  } catch (error) {
    check = undefined;
    postMessage({ failure: error instanceof Error ? error.message : String(error) } satisfies Heard);
  }
});
