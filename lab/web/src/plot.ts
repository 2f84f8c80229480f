// What all charts have in common: how they look, and how the keyboard moves them.
import type { ChartOptions, DeepPartial, IChartApi, IRange, PriceFormat } from "lightweight-charts";
import { colour } from "./colours";

/** How every chart begins. */
export const PLOT = {
  autoSize: true,
  // It would write a stylesheet into the page, which the page's policy forbids; the name and the link stand below.
  layout: { attributionLogo: false },
  // A wheel or a thumb that comes over a chart goes on scrolling the page.
  handleScroll: { mouseWheel: false, vertTouchDrag: false },
  handleScale: { mouseWheel: false },
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
    // No half of a label at the top.
    rightPriceScale: { borderColor: line, entireTextOnly: true },
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

/** About how wide the scale of the prices is, in pixels. */
const AXIS = 80;

/** The candles or points from one to another, with so many pixels free beside the last for what is written there. */
export function span(element: HTMLElement, from: number, to: number, free = 0): IRange<number> {
  const each = Math.max(element.clientWidth - AXIS - free, 100) / Math.max(to - from, 1);
  return { from: from - 1.5, to: to + 2.5 + free / each };
}

/** The range moved and shortened so that it is within all there is. */
function within(from: number, to: number, all: IRange<number>): IRange<number> {
  const width = to - from;
  if (width >= all.to - all.from) return all;
  const begin = Math.min(Math.max(from, all.from), all.to - width);
  return { from: begin, to: begin + width };
}

/**
 * Arrows move a chart that has the focus, plus and minus bring it nearer and farther, as the wheel does with the control
 * key, Home and End lead to its ends, and 0 shows all of it. None of them leads out of `all`.
 */
export function steer(element: HTMLElement, chart: IChartApi, all: () => IRange<number>): void {
  const scale = chart.timeScale();
  /** Moves both ends of what is in sight, by parts of its width. */
  const move = (left: number, right: number) => {
    const range = scale.getVisibleLogicalRange();
    if (!range) return;
    const width = range.to - range.from;
    scale.setVisibleLogicalRange(within(range.from + left * width, range.to + right * width, all()));
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => move(-1 / 5, -1 / 5),
    ArrowRight: () => move(1 / 5, 1 / 5),
    "+": () => move(1 / 6, -1 / 6),
    "-": () => move(-1 / 4, 1 / 4),
    "0": () => scale.setVisibleLogicalRange(all()),
    Home: () => move(-1e6, -1e6),
    End: () => move(1e6, 1e6),
  };
  element.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const part = Math.max(-1, Math.min(1, event.deltaY / 100)) / 6;
    move(-part, part);
  };
  element.addEventListener("wheel", wheel, { passive: false });
}
