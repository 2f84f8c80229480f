// What a page asks of its worker, and what it is answered.

/** Field and message by turns; a message about the whole has an empty field. */
export type Faults = string[];

/** What the worker writes of the run when it is asked to. */
export type Part = "months" | "distribution" | "trades" | "candles" | "equity";

export interface Drawn {
  /** What the lines are called; those of a pane of their own begin with a `~`. */
  titles: string[];
  lines: Float64Array[];
  equity: Float64Array;
  /** In percent, 0 or below. */
  drawdown: Float64Array;
  /** Four numbers a trade: entered at, 1 or −1 for long or short, left at (NaN while open), gain. */
  markers: Float64Array;
}

export interface Questions {
  open: { module: WebAssembly.Module };
  /** Without a timeframe: a file of the reader's. */
  load: { file: ArrayBuffer; timeframe: string; quote: string };
  run: { query: string };
  draw: object;
  write: { part: Part; shown?: number };
  sweep: { query: string };
  sweepOn: { cells: number; measure: string };
  heatMap: { measure: string };
  examine: { query: string; compared: number };
  checksums: { strategy: string };
}

export interface Answers {
  open: void;
  /** The columns one after the other: times in seconds, opens, highs, lows, closes. */
  load: { text: string; timeframe: string; columns: Float64Array };
  /** The number of each figure, NaN where it is not defined; none where there is a fault. */
  run: { faults: Faults; figures?: Float64Array; sentence?: string };
  draw: Drawn;
  write: string;
  sweep: Faults;
  sweepOn: { done: number; text: string };
  heatMap: string;
  examine: string;
  checksums: string;
}

export interface Question<Kind extends keyof Questions = keyof Questions> {
  id: number;
  kind: Kind;
  question: Questions[Kind];
}

/** An answer, how far it is, or why there is none. */
export interface Asked {
  id: number;
  answer?: unknown;
  progress?: number;
  failure?: string;
}
