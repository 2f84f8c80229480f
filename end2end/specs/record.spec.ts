import { readFile } from "node:fs/promises";
import { expect, hasScript, interactive, open, test, violations } from "../fixtures";
import { startServer } from "../server";

/** The signals of the table, as their lines read. */
const LINES = "table.all-signals tbody tr";

test("anybody finds the whole record, and any part of it by a form that needs no script", async ({ page }) => {
  await open(page, "/");
  await page.getByRole("link", { name: /whole track record/ }).click();
  await page.waitForURL("**/track-record");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Track record");
  await expect(page.getByText("replay of bundled history").first()).toBeVisible();
  await expect(page.getByText(/The record begins with the first published signal, decided on \d+ \w+ \d{4}/)).toBeVisible();
  for (const figure of ["Win rate", "Expectancy", "Profit factor", "Deepest fall"]) {
    await expect(page.locator(".tally dt", { hasText: figure }), figure).toBeVisible();
  }
  await expect(page.getByRole(hasScript() ? "application" : "img", { name: /^All R together from/ })).toBeVisible();
  await expect(page.getByRole("img", { name: /^Confidence told against what came of it/ })).toBeVisible();
  await expect(page.getByRole("table", { name: "Confidence told against what came of it" })).toBeVisible();
  await page.getByText("The same as a table, by month of settlement").click();
  await expect(page.getByRole("table", { name: "All R together by month of settlement" })).toBeVisible();
  const whole = await page.locator(LINES).count();
  expect(await page.locator(LINES, { hasText: "Stop" }).count(), "losers are in it").toBeGreaterThan(0);

  const form = page.getByRole("form", { name: "Part of the record" });
  await form.getByLabel("Symbol").selectOption("ETH/USDT");
  await form.getByRole("button", { name: "Show" }).click();
  await page.waitForURL((url) => url.searchParams.get("symbol") === "ETH/USDT");
  await interactive(page);
  await expect(form.getByLabel("Symbol")).toHaveValue("ETH/USDT");
  const part = await page.locator(LINES).count();
  expect(part).toBeGreaterThan(0);
  expect(part).toBeLessThan(whole);
  await expect(page.locator(LINES, { hasText: "ETH/USDT" })).toHaveCount(part);
  await page.getByRole("link", { name: "Show the whole record" }).click();
  await expect(page.locator(LINES)).toHaveCount(whole);
});

test("a backtest is called one and stands apart from the record", async ({ page }) => {
  await open(page, "/track-record");
  const section = page.getByRole("region", { name: "Against the backtest" });
  await expect(section).toContainText("A backtest is no record");
  const table = section.getByRole("table");
  await expect(table.getByRole("columnheader", { name: "Backtest: settled" })).toBeVisible();
  await expect(table.getByRole("columnheader", { name: "Replay: settled" })).toBeVisible();
  await expect(table.getByRole("rowheader", { name: /mean-reversion/ })).toBeVisible();
});

test("what there is not is said, and leads back to what there is", async ({ page, allowedErrors }) => {
  await open(page, "/track-record?symbol=GOLD");
  await expect(page.getByText("No settled signal here")).toBeVisible();
  await expect(page.getByLabel("Symbol")).toHaveValue("GOLD");
  await page.getByRole("link", { name: "Show all", exact: true }).click();
  await expect(page.locator(LINES).first()).toBeVisible();
  allowedErrors.push(/422/);
  const answer = await page.goto("/track-record?period=soon");
  expect(answer?.status()).toBe(422);
  await expect(page.getByText("Use a year like 2024 or a month like 2024-05.")).toBeVisible();
  await page.getByRole("link", { name: "Show the whole record" }).click();
  await expect(page.locator(LINES).first()).toBeVisible();
});

test("the record says how to verify it, with a script or without one", async ({ page }) => {
  await open(page, "/track-record");
  const section = page.getByRole("region", { name: "Check it yourself" });
  await expect(section.getByRole("link", { name: "check the whole of it" })).toHaveAttribute("href", "/verify");
  const verify = section.getByRole("button", { name: /verify/i });
  if (hasScript()) {
    await expect(verify).toBeEnabled();
  } else {
    await expect(verify).toBeDisabled();
    await expect(section.getByText("signalbox verify")).toBeVisible();
  }
});

test("the files hold what the page shows", async ({ page }) => {
  await open(page, "/track-record?symbol=NIFTY");
  const shown = await page.locator(LINES).count();
  for (const [name, file] of [["Download as CSV", "track-record.csv"], ["Download as JSON", "track-record.json"]] as const) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(file);
    const text = await readFile(await download.path(), "utf8");
    if (file.endsWith("csv")) {
      expect(text).toMatch(/^seq,id,symbol,/);
      expect(text.trim().split("\r\n").length - 1).toBe(shown);
    } else {
      const signals: { symbol: string; outcome: string }[] = JSON.parse(text);
      expect(signals.length).toBe(shown);
      expect(signals.every(({ symbol, outcome }) => symbol === "NIFTY" && outcome !== "open")).toBe(true);
    }
  }
});

test("each strategy says what it is, whether it is proven and why not, and leads to its record", async ({ page }) => {
  await open(page, "/");
  await page.getByRole("contentinfo").getByRole("link", { name: "Strategies" }).click();
  await page.waitForURL("**/strategies");
  const strategy = page.getByRole("region", { name: "mean-reversion", exact: true });
  await expect(strategy).toContainText("Version 1");
  await expect(strategy).toContainText(/proven on \d of 5 series/);
  const verdicts = strategy.getByRole("table", { name: "Whether mean-reversion is proven, by series" });
  await expect(verdicts.getByRole("row")).toHaveCount(6);
  await strategy.getByText("How it is set").click();
  await expect(strategy.getByRole("table", { name: "How mean-reversion is set" })).toContainText("5 to 200");
  await strategy.getByRole("link", { name: "Its record" }).click();
  await page.waitForURL((url) => url.pathname === "/track-record" && url.searchParams.get("strategy") === "mean-reversion");
  await page.locator(LINES).first().getByRole("link").click();
  await page.waitForURL("**/signal/*");
  const verdict = page.locator(".fact", { hasText: "Proven on this series" }).locator("dd");
  await expect(verdict.locator(".tag")).toHaveText(/^(Proven|Unproven)$/);
  await expect(verdict).toContainText(/(It passed every check|It has not been examined yet|It returned|Chance may explain it|Its signals|It has \d+ closed trades|Out of sample)/);
});

test("a long record is paged, and nothing on a page moves without a script or with one", async ({ page }) => {
  const server = await startServer({ SIGNALBOX_MARKET__BACKFILL_DAYS: "400", SIGNALBOX_MARKET__DAYS_PER_MINUTE: "0.0001" });
  try {
    await page.goto(`${server.url}/track-record`);
    await interactive(page);
    await expect(page.locator(LINES)).toHaveCount(20);
    const first = await page.locator(`${LINES} th a`).first().getAttribute("href");
    if (hasScript()) await page.evaluate(() => Object.assign(window, { untouched: true }));
    await page.getByRole("link", { name: "Older" }).click();
    await page.waitForURL((url) => url.searchParams.has("cursor"));
    await expect(page.getByRole("link", { name: "Newest" })).toBeVisible();
    await expect(page.locator(`${LINES} th a[href="${first}"]`)).toHaveCount(0);
    if (hasScript()) expect(await page.evaluate(() => "untouched" in window), "within one document").toBe(true);
    await page.getByRole("link", { name: "Newest" }).click();
    await expect(page.locator(`${LINES} th a`).first()).toHaveAttribute("href", first ?? "");
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});

test("before the first signal the record says what will be there, and when", async ({ page }) => {
  const server = await startServer({ SIGNALBOX_MARKET__BACKFILL_DAYS: "0", SIGNALBOX_MARKET__DAYS_PER_MINUTE: "0.0001" });
  try {
    await page.goto(`${server.url}/track-record`);
    await interactive(page);
    await expect(page.getByText("No signal has been published yet")).toBeVisible();
    await expect(page.getByText(/settles what it said within hours or days/)).toBeVisible();
    if (hasScript()) expect(await violations(page)).toEqual([]);
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});
