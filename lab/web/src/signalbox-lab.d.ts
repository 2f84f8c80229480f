// The module as wasm-bindgen wraps it: `lab/src/module.rs`.
declare module "signalbox-lab" {
  export function initSync(from: { module: WebAssembly.Module }): unknown;
  export class Lab {
    load(file: Uint8Array, timeframe: string, quote: string): string;
    timeframe(): string;
    columns(): Float64Array;
    run(query: string): string[];
    figures(): Float64Array;
    sentence(): string;
    months(): string;
    distribution(): string;
    trades(shown: number): string;
    equity_table(): string;
    candle_table(): string;
    equity(): Float64Array;
    drawdown(): Float64Array;
    markers(): Float64Array;
    draw(): string[];
    line(at: number): Float64Array;
    sweep(query: string): string[];
    sweep_on(cells: number): number;
    heat_map(measure: string): string;
    examine(query: string, compared: number): string;
    checksums(strategy: string): string;
  }
}
