// What all charts have in common: how they look, and how the keyboard moves them.
import type { ChartOptions, DeepPartial, IChartApi, PriceFormat } from "lightweight-charts";
import { colour } from "./colours";

/** How every chart begins. */
export const PLOT = {
  autoSize: true,
  // It would write a stylesheet into the page, which the page's policy forbids; the name and the link stand below.
  layout: { attributionLogo: false },
} satisfies DeepPartial<ChartOptions>;

/** How a chart looks where `element` stands, in the reader's scheme. */
export function dress(element: HTMLElement): DeepPartial<ChartOptions> {
  const line = colour(element, "--line");
  return {
    layout: {
      background: { color: colour(element, "--surface") },
      textColor: colour(element, "--text-muted"),
      fontFamily: getComputedStyle(element).fontFamily,
      panes: { separatorColor: line },
    },
    grid: { vertLines: { color: line }, horzLines: { color: line } },
    rightPriceScale: { borderColor: line },
    timeScale: { borderColor: line },
  };
}

/** How candles look there. */
export function dressCandles(element: HTMLElement) {
  const [up, down] = [colour(element, "--positive"), colour(element, "--negative")];
  return { upColor: up, downColor: down, wickUpColor: up, wickDownColor: down };
}

/** How prices about as high as this one are written by those who count in `quote`. */
export function priceFormat(price: number, quote: string): PriceFormat {
  const digits = price >= 1 ? 2 : 6;
  const fixed = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const written = new Intl.NumberFormat(quote === "INR" ? "en-IN" : "en-US", fixed);
  return { type: "custom", formatter: (value: number) => written.format(value), minMove: 10 ** -digits };
}

/** Shows all candles or points, with room beside them for what is written at the first and the last. */
export function showAll(chart: IChartApi, count: number): void {
  chart.timeScale().setVisibleLogicalRange({ from: -1.5, to: count + 1.5 });
}

/** Arrows move a chart that has the focus, plus and minus bring it nearer and farther, Home and End lead to its ends. */
export function steer(element: HTMLElement, chart: IChartApi): void {
  element.addEventListener("keydown", (event) => {
    const scale = chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    if (!range || event.ctrlKey || event.metaKey || event.altKey) return;
    const width = range.to - range.from;
    const show = (from: number, to: number) => scale.setVisibleLogicalRange({ from, to });
    const keys: Record<string, () => void> = {
      ArrowLeft: () => show(range.from - width / 5, range.to - width / 5),
      ArrowRight: () => show(range.from + width / 5, range.to + width / 5),
      "+": () => show(range.from + width / 6, range.to - width / 6),
      "-": () => show(range.from - width / 4, range.to + width / 4),
      Home: () => show(0, width),
      End: () => scale.scrollToRealTime(),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
