// The module as wasm-bindgen wraps it: `lab/verifier/src/lib.rs`.
declare module "signalbox-verifier" {
  export function initSync(from: { module: WebAssembly.Module }): unknown;
  export class Check {
    candles(symbol: string, timeframe: string, csv: Uint8Array): void;
    trust(key: string, hasSigned: boolean): void;
    feed(piece: Uint8Array): bigint;
    finish(): string;
  }
}
