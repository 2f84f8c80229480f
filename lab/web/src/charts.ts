// The charts of a backtest: loaded only where one is shown.
import {
  type AutoscaleInfo,
  BaselineSeries,
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  type IChartApi,
  type IRange,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  LineSeries,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
  type WhitespaceData,
} from "lightweight-charts";
import { colour, onScheme } from "./colours";
import { dress, dressCandles, PLOT, priceFormat, span, steer } from "./plot";
import type { Drawn } from "./questions";

/** Colours of a strategy's lines, in their order. */
const LINES = ["--accent", "--warning", "--text-muted"];

/** How wide a candle is at first, and how many are in view at least and at most. */
const [CANDLE_WIDTH, FEWEST, MOST] = [4, 60, 250];

/** How many pixels the names of the lines need beside the last candle. */
const FREE = 70;

/** How many pixels all candles have at least, however far out one zooms. */
const NARROWEST = 100;

type Line = ISeriesApi<"Line">;

/** A series: its columns one after the other, times first, and what its prices are counted in. */
export interface Shown {
  columns: Float64Array;
  hours: boolean;
  quote: string;
}

/** Candles with what a strategy looks at and did, and below them what became of the money. */
export class Charts {
  readonly #prices: IChartApi;
  readonly #money: IChartApi;
  readonly #candles: ISeriesApi<"Candlestick">;
  readonly #marks: ISeriesMarkersPluginApi<Time>;
  readonly #equity: Line;
  readonly #held: Line;
  readonly #drawdown: ISeriesApi<"Baseline">;
  readonly #leave: () => void;
  #lines: Line[] = [];
  #panes = "";
  #times: UTCTimestamp[] = [];
  #closes: Float64Array = new Float64Array();
  /** Whether the candles have been shown with a run of theirs. */
  #shown = false;

  constructor(
    readonly pricesIn: HTMLElement,
    readonly moneyIn: HTMLElement,
  ) {
    const options = { ...PLOT, rightPriceScale: { minimumWidth: 84 } };
    this.#prices = createChart(pricesIn, options);
    this.#money = createChart(moneyIn, options);
    this.#candles = this.#prices.addSeries(CandlestickSeries, { borderVisible: false, priceLineVisible: false });
    this.#marks = createSeriesMarkers(this.#candles, []);
    const muted = { lineWidth: 1, priceLineVisible: false, crosshairMarkerVisible: false, title: "Held" } as const;
    this.#held = this.#money.addSeries(LineSeries, muted);
    this.#equity = this.#money.addSeries(LineSeries, { lineWidth: 2, priceLineVisible: false, title: "Equity" });
    this.#drawdown = this.#money.addSeries(
      BaselineSeries,
      {
        baseValue: { type: "price", price: 0 },
        lineWidth: 1,
        priceLineVisible: false,
        title: "Drawdown",
        priceFormat: { type: "custom", formatter: (value: number) => `${value.toFixed(1)} %`, minMove: 0.1 },
        autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => {
          const info = original();
          if (info?.priceRange) info.priceRange.maxValue = 0;
          return info;
        },
      },
      1,
    );
    this.#leave = onScheme(() => this.#paint());
    for (const [element, chart] of [[pricesIn, this.#prices], [moneyIn, this.#money]] as const) {
      steer(element, chart, () => this.#from(element, 0));
    }
    this.#paint();
  }

  /** Shows another series. */
  candles({ columns, hours, quote }: Shown): void {
    const count = columns.length / 5;
    const [times, opens, highs, lows, closes] = [0, 1, 2, 3, 4].map((at) => columns.subarray(at * count, (at + 1) * count));
    this.clear();
    this.#times = Array.from(times, (time) => time as UTCTimestamp);
    this.#closes = closes;
    this.#candles.applyOptions({ priceFormat: priceFormat(closes[count - 1], quote) });
    this.#candles.setData(
      this.#times.map((time, at) => ({ time, open: opens[at], high: highs[at], low: lows[at], close: closes[at] })),
    );
    const timeScale = { timeVisible: hours, minBarSpacing: Math.min(0.5, NARROWEST / count) };
    for (const chart of [this.#prices, this.#money]) chart.applyOptions({ timeScale });
  }

  /** Shows nothing. */
  clear(): void {
    this.#times = [];
    this.#shown = false;
    this.#marks.setMarkers([]);
    this.#candles.setData([]);
    for (const line of [...this.#lines, this.#held, this.#equity, this.#drawdown]) line.setData([]);
  }

  /** The steps in which a run is drawn, each short enough for a frame. */
  steps({ titles, lines, equity, drawdown, markers }: Drawn): (() => void)[] {
    this.#arrange(titles);
    return [
      () => this.#marks.setMarkers(this.#trades(markers)),
      ...this.#lines.map((line, at) => () => line.setData(this.#points(lines[at]))),
      () => this.#equity.setData(this.#points(equity)),
      () => this.#drawdown.setData(this.#points(drawdown)),
      () => this.#show(equity[0]),
    ];
  }

  /** Of another series, the newest candles, and all of what became of the money, had it been held too. */
  #show(money: number): void {
    if (this.#shown) return;
    this.#shown = true;
    this.#held.setData(this.#points(this.#closes.map((close) => (close / this.#closes[0]) * money)));
    const count = this.#times.length;
    const shown = Math.min(MOST, Math.max(FEWEST, this.pricesIn.clientWidth / CANDLE_WIDTH));
    this.#prices.timeScale().setVisibleLogicalRange(this.#from(this.pricesIn, Math.max(0, count - shown)));
    this.#money.timeScale().setVisibleLogicalRange(this.#from(this.moneyIn, 0));
  }

  /** The range from one candle to the newest. */
  #from(element: HTMLElement, first: number): IRange<number> {
    return span(element, first, this.#times.length - 1, FREE);
  }

  remove(): void {
    this.#leave();
    this.#prices.remove();
    this.#money.remove();
  }

  /** Lines for these titles: those there are, where there are as many in the same panes. */
  #arrange(titles: string[]): void {
    const panes = titles.map((title) => (title.startsWith("~") ? "1" : "0")).join("");
    if (panes !== this.#panes) {
      for (const line of this.#lines) this.#prices.removeSeries(line);
      if (this.#panes.includes("1") && this.#prices.panes().length > 1) this.#prices.removePane(1);
      const options = { lineWidth: 2, priceLineVisible: false, crosshairMarkerVisible: false } as const;
      this.#lines = titles.map((title) => this.#prices.addSeries(LineSeries, options, title.startsWith("~") ? 1 : 0));
      this.#panes = panes;
      this.#paint();
    }
    this.#lines.forEach((line, at) => line.applyOptions({ title: titles[at].replace("~", "") }));
  }

  #points(values: Float64Array): (WhitespaceData<Time> | { time: Time; value: number })[] {
    return this.#times.map((time, at) => (Number.isNaN(values[at]) ? { time } : { time, value: values[at] }));
  }

  #trades(markers: Float64Array): SeriesMarker<Time>[] {
    const [up, down] = [colour(this.pricesIn, "--positive"), colour(this.pricesIn, "--negative")];
    const found: SeriesMarker<Time>[] = [];
    for (let at = 0; at < markers.length; at += 4) {
      const [entered, side, left, gain] = markers.subarray(at, at + 4);
      const long = side > 0;
      found.push({
        time: entered as UTCTimestamp,
        position: long ? "belowBar" : "aboveBar",
        shape: long ? "arrowUp" : "arrowDown",
        color: long ? up : down,
        text: long ? "Long" : "Short",
      });
      if (!Number.isNaN(left)) {
        const text = gain > 0 ? "Won" : "Lost";
        const position = long ? "aboveBar" : "belowBar";
        found.push({ time: left as UTCTimestamp, position, shape: "circle", color: gain > 0 ? up : down, text });
      }
    }
    return found.sort((one, other) => Number(one.time) - Number(other.time));
  }

  #paint(): void {
    const of = (token: string, alpha?: number) => colour(this.pricesIn, token, alpha);
    for (const chart of [this.#prices, this.#money]) chart.applyOptions(dress(this.pricesIn));
    this.#candles.applyOptions(dressCandles(this.pricesIn));
    const down = of("--negative");
    this.#lines.forEach((line, at) => line.applyOptions({ color: of(LINES[at % LINES.length]) }));
    this.#equity.applyOptions({ color: of("--accent") });
    this.#held.applyOptions({ color: of("--text-muted") });
    this.#drawdown.applyOptions({
      topLineColor: down,
      topFillColor1: "transparent",
      topFillColor2: "transparent",
      bottomLineColor: down,
      bottomFillColor1: of("--negative", 0.25),
      bottomFillColor2: of("--negative", 0.05),
    });
  }
}
