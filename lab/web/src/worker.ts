// Runs in a Web Worker, where it can do nothing but compute: answers one question after the other.
import { initSync, Lab } from "signalbox-lab";
import type { Answers, Asked, Question, Questions } from "./questions";

let lab: Lab | undefined;

/** The numbers of an answer that change hands instead of being copied. */
let handed: Transferable[] = [];

function given(numbers: Float64Array): Float64Array {
  handed.push(numbers.buffer);
  return numbers;
}

function opened(): Lab {
  if (!lab) throw new Error("The module is not there yet.");
  return lab;
}

const answers: { [Kind in keyof Questions]: (question: Questions[Kind]) => Answers[Kind] } = {
  open({ module }) {
    initSync({ module });
    lab = new Lab();
  },
  load({ file, timeframe, quote }) {
    const text = opened().load(new Uint8Array(file), timeframe, quote);
    return { text, timeframe: opened().timeframe(), columns: given(opened().columns()) };
  },
  run({ query }) {
    const faults = opened().run(query);
    if (faults.length > 0) return { faults };
    return { faults, figures: given(opened().figures()), sentence: opened().sentence() };
  },
  draw() {
    const titles = opened().draw();
    const lines = titles.map((_, at) => given(opened().line(at)));
    const [equity, drawdown, markers] = [opened().equity(), opened().drawdown(), opened().markers()].map(given);
    return { titles, lines, equity, drawdown, markers };
  },
  write({ part, shown }) {
    const writers = {
      months: () => opened().months(),
      distribution: () => opened().distribution(),
      trades: () => opened().trades(shown ?? 20),
      candles: () => opened().candle_table(),
      equity: () => opened().equity_table(),
    };
    return writers[part]();
  },
  sweep({ query }) {
    return opened().sweep(query);
  },
  sweepOn({ cells, measure }) {
    const done = opened().sweep_on(cells);
    return { done, text: opened().heat_map(measure) };
  },
  heatMap({ measure }) {
    return opened().heat_map(measure);
  },
  examine({ query, compared }) {
    return opened().examine(query, compared);
  },
  checksums({ strategy }) {
    return opened().checksums(strategy);
  },
};

function answer<Kind extends keyof Questions>({ id, kind, question }: Question<Kind>): void {
  handed = [];
  // Called by the module while it is at something long.
  Object.assign(globalThis, { tellProgress: (progress: number) => postMessage({ id, progress } satisfies Asked) });
  try {
    const found = answers[kind](question);
    postMessage({ id, answer: found } satisfies Asked, { transfer: handed });
  } catch (error) {
    postMessage({ id, failure: error instanceof Error ? error.message : String(error) } satisfies Asked);
  }
}

addEventListener("message", (event: MessageEvent<Question>) => answer(event.data));
