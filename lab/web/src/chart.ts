// <signalbox-chart>: draws what its attributes say in the place of the server's drawing, so that it can be moved.
import {
  type AutoscaleInfo,
  BaselineSeries,
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  type IChartApi,
  type IRange,
  LineStyle,
  LineType,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { colour, onScheme } from "./colours";
import { dress, dressCandles, PLOT, priceFormat, span, steer } from "./plot";

const DAY = 86_400;

/** How many pixels the names of the levels and the word at the exit need beside the last candle. */
const FREE = 70;

/** Below how many pixels a chart begins near its signal, and with how many candles before and after it. */
const [NARROW, BEFORE, AFTER] = [600, 10, 4];

/** The colours of a signal's levels, and how they are drawn. */
const LEVELS: Record<string, [token: string, style: LineStyle]> = {
  target: ["--positive", LineStyle.Dashed],
  entry: ["--text-muted", LineStyle.Solid],
  stop: ["--negative", LineStyle.Dashed],
};

/** How a drawing takes the reader's colours, and the range of all of it. */
interface Drawing {
  paint: () => void;
  all: () => IRange<number>;
}

/** Numbers that stand in a row, in pieces of `width`. */
function rows(text: string, width: number): number[][] {
  const numbers = text.split(" ").map(Number);
  return Array.from({ length: numbers.length / width }, (_, at) => numbers.slice(at * width, (at + 1) * width));
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

class Chart extends HTMLElement {
  #leave: (() => void) | undefined;

  connectedCallback(): void {
    const drawn = [...this.children];
    const box = document.createElement("div");
    box.className = "plot-canvas";
    box.tabIndex = 0;
    box.setAttribute("role", "application");
    const label = this.querySelector("[aria-label]")?.getAttribute("aria-label") ?? "";
    box.setAttribute("aria-label", `${label} Arrow keys move, plus and minus zoom, 0 shows everything; the table below has its numbers.`);
    this.append(box);
    const chart = createChart(box, PLOT);
    const { paint, all } = this.dataset.candles ? this.#signal(box, chart) : this.#line(box, chart);
    const again = () => {
      chart.applyOptions(dress(box));
      paint();
    };
    again();
    steer(box, chart, all);
    const leave = onScheme(again);
    this.#leave = () => {
      leave();
      chart.remove();
      box.remove();
    };
    // The server's drawing stays in the same place until there is this one.
    requestAnimationFrame(() => drawn.forEach((part) => part.remove()));
  }

  disconnectedCallback(): void {
    this.#leave?.();
  }

  /** Candles with a signal's levels, where it was decided and where it ended. */
  #signal(box: HTMLElement, chart: IChartApi): Drawing {
    const { candles = "", levels = "", quote = "", decided, settled } = this.dataset;
    const data = rows(candles, 5).map(([time, open, high, low, close]) => {
      return { time: time as UTCTimestamp, open, high, low, close };
    });
    const named = levels.split("|").map((level) => level.split(" ")).map(([name, price]) => ({ name, price: Number(price) }));
    const prices = named.map(({ price }) => price);
    const series = chart.addSeries(CandlestickSeries, {
      borderVisible: false,
      priceLineVisible: false,
      lastValueVisible: false,
      priceFormat: priceFormat(prices[0], quote),
      autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => {
        const info = original();
        if (info?.priceRange) {
          info.priceRange.minValue = Math.min(info.priceRange.minValue, ...prices);
          info.priceRange.maxValue = Math.max(info.priceRange.maxValue, ...prices);
        }
        return info;
      },
    });
    series.setData(data);
    const lines = named.map(({ name, price }) => ({
      name,
      line: series.createPriceLine({ price, title: capital(name), lineWidth: 1 }),
    }));
    const marks = createSeriesMarkers(series, []);
    const hours = data.length > 1 && data[1].time - data[0].time < DAY;
    chart.applyOptions({ timeScale: { timeVisible: hours } });
    /** The place of the candle that closed at a time, the last one to open before it; −1: there is none. */
    const closing = (at: string | undefined) => data.filter(({ time }) => time < Number(at)).length - 1;
    const [began, ended, last] = [closing(decided), closing(settled), data.length - 1];
    const all = () => span(box, 0, last, FREE);
    const near = box.clientWidth < NARROW && began >= 0;
    const until = ended < 0 ? last : Math.min(last, ended + AFTER);
    chart.timeScale().setVisibleLogicalRange(near ? span(box, Math.max(0, began - BEFORE), until, FREE) : all());
    const paint = () => {
      series.applyOptions(dressCandles(box));
      for (const { name, line } of lines) {
        const [token, lineStyle] = LEVELS[name];
        line.applyOptions({ color: colour(box, token), axisLabelColor: colour(box, token), lineStyle });
      }
      marks.setMarkers(this.#marks(box, data[began]?.time, data[ended]?.time));
    };
    return { paint, all };
  }

  /** Where the signal was decided, and where and at which price it ended. */
  #marks(box: HTMLElement, began: Time | undefined, ended: Time | undefined): SeriesMarker<Time>[] {
    const { side, outcome = "", exit } = this.dataset;
    const [bought, found] = [side === "BUY", [] as SeriesMarker<Time>[]];
    const [under, over] = ["belowBar", "aboveBar"] as const;
    if (began) {
      const [position, shape] = bought ? ([under, "arrowUp"] as const) : ([over, "arrowDown"] as const);
      found.push({ time: began, position, shape, color: colour(box, "--accent"), text: side });
    }
    if (ended) {
      const mark = { time: ended, shape: "circle", color: colour(box, "--text-muted"), text: capital(outcome) } as const;
      if (exit) found.push({ ...mark, position: "atPriceMiddle", price: Number(exit) });
      else found.push({ ...mark, position: bought ? over : under });
    }
    return found;
  }

  /** A line that goes on in steps, green above nothing and red below. */
  #line(box: HTMLElement, chart: IChartApi): Drawing {
    // A time has one point: the last of those that came together.
    const points = new Map(rows(this.dataset.line ?? "", 2).map(([time, value]) => [time, value]));
    const series = chart.addSeries(BaselineSeries, {
      baseValue: { type: "price", price: 0 },
      lineType: LineType.WithSteps,
      lineWidth: 2,
      priceLineVisible: false,
      priceFormat: { type: "custom", formatter: (value: number) => `${value.toFixed(1).replace("-", "−")} R`, minMove: 0.01 },
    });
    series.setData([...points].map(([time, value]) => ({ time: time as UTCTimestamp, value })));
    const all = () => span(box, 0, points.size - 1);
    chart.timeScale().setVisibleLogicalRange(all());
    const zero = series.createPriceLine({ price: 0, lineWidth: 1, lineStyle: LineStyle.Dashed, axisLabelVisible: false });
    const paint = () => {
      zero.applyOptions({ color: colour(box, "--line-strong") });
      const of = (token: string, alpha?: number) => colour(box, token, alpha);
      series.applyOptions({
        topLineColor: of("--positive"),
        topFillColor1: of("--positive", 0.2),
        topFillColor2: of("--positive", 0.03),
        bottomLineColor: of("--negative"),
        bottomFillColor1: of("--negative", 0.03),
        bottomFillColor2: of("--negative", 0.2),
      });
    };
    return { paint, all };
  }
}

// A script that comes with a page a second time finds it defined.
if (!customElements.get("signalbox-chart")) customElements.define("signalbox-chart", Chart);
