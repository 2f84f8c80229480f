// What backtests take in a browser: a line a measurement, `name<tab>number`.
// node measure.mjs PACKAGES CHROMIUM SITE
import { createRequire } from "node:module";

const [packages, executablePath, site] = process.argv.slice(2);
const { chromium } = createRequire(`${packages}/package.json`)("playwright-core");

const RUNS = 60;
const MOVES = 60;
/** Milliseconds between the moves of a slider under the finger. */
const PACE = 50;

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${site}/backtest?symbol=BTC%2FUSDT&timeframe=1h&strategy=sma-cross`);
  await page.locator("[data-part=price-chart] canvas").first().waitFor();
  await slider(page);
  // Another page, whose own worker has nothing to do.
  await page.goto(`${site}/backtest?symbol=own`);
  await page.locator("signalbox-backtest[data-ready]").waitFor();
  const options = page.locator("select[name=strategy] option");
  const strategies = await options.evaluateAll((all) => all.map(({ value }) => value));
  for (const strategy of strategies) {
    console.log(`browser ${strategy}\t${await page.evaluate(speed, { strategy, times: RUNS })}`);
  }
} finally {
  await browser.close();
}

/** From a move of the slider to the new figures, as the page measures it: medians in milliseconds. */
async function slider(page) {
  const handle = page.locator("input[type=range][data-for=fast]");
  await handle.focus();
  const count = () => page.evaluate(() => performance.getEntriesByName("signalbox:figures").length);
  const median = async () => {
    const durations = await page.evaluate(() => {
      const entries = performance.getEntriesByName("signalbox:figures");
      performance.clearMeasures("signalbox:figures");
      return entries.map(({ duration }) => duration);
    });
    return durations.sort((one, other) => one - other)[durations.length >> 1];
  };
  const move = (at) => page.keyboard.press(at % 20 < 10 ? "ArrowRight" : "ArrowLeft");
  for (let at = 0; at < MOVES; at++) {
    const before = await count();
    await move(at);
    while ((await count()) === before) await page.waitForTimeout(20);
    // Until the charts have followed.
    await page.waitForTimeout(300);
  }
  console.log(`slider single\t${await median()}`);
  for (let at = 0; at < MOVES; at++) {
    await move(at);
    await page.waitForTimeout(PACE);
  }
  await page.waitForTimeout(1_000);
  console.log(`slider moving\t${await median()}`);
}

/** Millions of candles a second, figures included, from the question to the worker to its answer. */
async function speed({ strategy, times }) {
  const { worker, module } = document.querySelector("signalbox-backtest").dataset;
  const asked = new Worker(worker, { type: "module" });
  const ask = (kind, question) =>
    new Promise((resolve, reject) => {
      asked.onmessage = ({ data: { answer, failure } }) => (failure ? reject(new Error(failure)) : resolve(answer));
      asked.onerror = ({ message }) => reject(new Error(message));
      asked.postMessage({ id: 0, kind, question });
    });
  try {
    await ask("open", { module: await WebAssembly.compileStreaming(fetch(module)) });
    const { series } = document.querySelector('option[value="BTC/USDT"]').dataset;
    const listed = series.split(" ");
    const file = await (await fetch(listed[listed.indexOf("1h") + 1])).arrayBuffer();
    const { columns } = await ask("load", { file, timeframe: "1h", quote: "USDT" });
    const query = `symbol=BTC%2FUSDT&timeframe=1h&strategy=${strategy}`;
    let least = Infinity;
    for (let run = 0; run < times; run++) {
      const started = performance.now();
      const { faults } = await ask("run", { query });
      if (faults.length) throw new Error(faults.join(" "));
      least = Math.min(least, performance.now() - started);
    }
    return columns.length / 5 / least / 1_000;
  } finally {
    asked.terminate();
  }
}
