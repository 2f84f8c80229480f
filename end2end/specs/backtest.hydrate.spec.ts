import type { Locator, Page } from "@playwright/test";
import { button, expect, field, open, region, test } from "../fixtures";

const DAILY = "/backtest?symbol=NIFTY&timeframe=1d&strategy=sma-cross";

/** A figure of the headline. */
function headline(page: Page, name: string): Locator {
  return page.locator(".headline-item", { hasText: name }).first().locator("dd");
}

async function ran(page: Page): Promise<string> {
  await expect(headline(page, "Return")).toHaveText(/%$/);
  return headline(page, "Return").innerText();
}

function slider(page: Page, name: string): Locator {
  return page.locator(`[data-for="${name}"]`);
}

test("a slider's move changes the figures, the charts and the link, which reproduces them", async ({ page }) => {
  await open(page, DAILY);
  const before = await ran(page);
  await expect(page.locator("[data-part=price-chart] canvas").first()).toBeVisible();
  await expect(page.locator("[data-part=money-chart] canvas").first()).toBeVisible();
  await slider(page, "fast").focus();
  for (let step = 0; step < 5; step++) await page.keyboard.press("ArrowRight");
  await expect(page.locator("#f-fast")).toHaveValue("15");
  await expect(headline(page, "Return")).not.toHaveText(before);
  await expect(page).toHaveURL(/fast=15/);
  await expect(page.locator("[data-part=spoken]")).toContainText("closed trades");
  const after = await ran(page);
  await page.goto(page.url());
  expect(await ran(page)).toBe(after);
  await page.locator("#f-fast").fill("10");
  await expect(headline(page, "Return")).toHaveText(before);
});

test("every strategy runs with sliders of its own", async ({ page }) => {
  await open(page, DAILY);
  await ran(page);
  for (const option of await field(page, "Strategy").locator("option").all()) {
    const name = (await option.getAttribute("value")) ?? "";
    await field(page, "Strategy").selectOption(name);
    await expect(page.locator("[data-part=parameters] input[type=range]").first()).toBeVisible();
    await expect(page).toHaveURL(new RegExp(`strategy=${name}&`));
    await expect(page.locator("[data-part=status]")).toBeHidden();
  }
});

test("what is out of range is told at its field, and mended by the next move", async ({ page }) => {
  await open(page, DAILY);
  const before = await ran(page);
  await page.locator("#f-fast").fill("500");
  await expect(page.locator("#f-fast-fault")).toHaveText("Set 1 to 200, not 500.");
  await expect(page.locator("#f-fast")).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("[data-part=status]")).toContainText("Mend what is marked");
  await page.locator("#f-fast").fill("10");
  await expect(page.locator("#f-fast-fault")).toBeEmpty();
  await expect(headline(page, "Return")).toHaveText(before);
  await open(page, `${DAILY}&fast=500`);
  await expect(page.locator("[data-part=status]")).toContainText("nothing has been run yet");
});

test("Enter in a number applies it and does not make the link", async ({ page }) => {
  await open(page, DAILY);
  const before = await ran(page);
  await page.locator("#f-fast").fill("15");
  await page.locator("#f-fast").press("Enter");
  await expect(headline(page, "Return")).not.toHaveText(before);
  await expect(page).toHaveURL(/fast=15/);
  await expect(page.locator("[data-part=linked]")).toBeEmpty();
  await button(page, "Make the link").click();
  await expect(page.locator("[data-part=linked]")).toHaveText(/^The link (is copied|stands in the address bar)\.$/);
});

test("a file of one's own is run on, its bad rows are put aside, and a bad file is told", async ({ page }) => {
  await open(page, "/backtest?strategy=sma-cross");
  await ran(page);
  await field(page, "Symbol").selectOption("own");
  const choose = (name: string, text: string) =>
    page.locator("#f-file").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await choose("bad.csv", "time,open,high\n2024-01-01,1,2\n");
  await expect(page.locator("#f-file-fault")).toHaveText("The file cannot be read: row 1: the header has no low column.");
  await expect(headline(page, "Return"), "no figures of other candles").toHaveText("–");
  const hours = Array.from({ length: 6 }, (_, at) => `2024-01-01T${String(at * 4).padStart(2, "0")}:00:00Z,1,2,1,2,5`);
  await choose("four.csv", `time,open,high,low,close,volume\n${hours.join("\n")}\n`);
  await expect(page.locator("#f-file-fault")).toContainText("candles of 4 hours; candles of 1 hour and of 1 day can be used");
  const rows = Array.from({ length: 200 }, (_, day) => {
    const [date, close] = [new Date(Date.UTC(2024, 0, 1 + day)).toISOString(), 100 + 10 * Math.sin(day / 9)];
    return `${date},${close},${close + 1},${close - 1},${close},5`;
  });
  rows.splice(50, 0, "2024-02-20T00:00:00Z,9,1,2,9,5");
  await choose("mine.csv", `time,open,high,low,close,volume\n${rows.join("\n")}\n`);
  await expect(page.locator("#f-file-fault")).toBeEmpty();
  await expect(page.locator("[data-part=series]")).toContainText("200 candles of 1 day");
  await ran(page);
  await expect(page.locator("[data-part=series]")).toContainText("1 row was put aside");
  await page.getByText("Which, and why").click();
  await expect(page.locator(".quarantine")).toContainText("row 52: the low 2 is above the high 1");
  await choose("short.csv", `time,open,high,low,close,volume\n${rows.slice(0, 12).join("\n")}\n`);
  await expect(page.locator("[data-part=status]")).toContainText("There are 12 candles; sma-cross, set so, needs 32");
  await expect(headline(page, "Return"), "no figures of other candles").toHaveText("–");
  await expect(page.locator("[data-part=months]")).toHaveText("–");
});

test("the distribution is of R, and always in the market of returns", async ({ page }) => {
  await open(page, DAILY);
  await ran(page);
  const distribution = page.locator("[data-part=distribution]");
  await expect(distribution.locator("svg")).toHaveAttribute("aria-label", /^Distribution of R over \d+ trades/);
  await field(page, "A position ends by").selectOption("opposite");
  await expect(distribution.locator("svg")).toHaveAttribute("aria-label", /^Distribution of return over \d+ trades/);
  await distribution.getByText("The distribution as a table").click();
  await expect(distribution.locator("tbody th").nth(7)).toHaveText(/^0\.00 % to below \+\d/);
});

test("the heat map is drawn, and a cell of it sets the sliders", async ({ page }) => {
  await open(page, DAILY);
  await ran(page);
  await button(page, "Draw the heat map").click();
  await expect(page.getByText("The heat map is done.")).toBeVisible();
  const cell = region(page, "Combinations").locator("[data-across]").first();
  const [across, down] = [await cell.getAttribute("data-across"), await cell.getAttribute("data-down")];
  const shown = await cell.innerText();
  await cell.click();
  await expect(page.locator("#f-fast")).toHaveValue(across ?? "");
  await expect(page.locator("#f-slow")).toHaveValue(down ?? "");
  await expect(headline(page, "Return")).toHaveText(new RegExp(`^${shown.replace("+", "\\+")}`));
});

test("an examination says whether to believe it, and counts what was tried", async ({ page }) => {
  await open(page, "/backtest?symbol=BANKNIFTY&timeframe=1d&strategy=supertrend");
  await ran(page);
  await slider(page, "multiplier").focus();
  await page.keyboard.press("ArrowRight");
  await expect(page).toHaveURL(/multiplier=3\.25/);
  await button(page, "Examine this backtest").click();
  await expect(page.locator("[data-verdict=unproven]")).toBeVisible({ timeout: 30_000 });
  await expect(page.locator("[data-part=report]")).toContainText(/Settings tried here\s*2\./);
  await expect(page.locator(".reasons li").first()).toBeVisible();
});

test("it comes alive by a link within the site too, and when one comes back", async ({ page }) => {
  await open(page, "/");
  await page.getByRole("contentinfo").getByRole("link", { name: "Backtest" }).click();
  await ran(page);
  await page.getByRole("banner").getByRole("link", { name: "Pricing" }).click();
  await expect(page).toHaveTitle(/^Pricing · /);
  await page.goBack();
  await ran(page);
});

test("on a phone the figures stay in sight and the charts are as wide as it", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, DAILY);
  await ran(page);
  const chart = await page.locator(".lab-chart").first().boundingBox();
  expect(chart?.width).toBeGreaterThan(320);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wider).toBeLessThanOrEqual(0);
});

/** What the check found, once it is done. */
const found = (page: Page, holds: boolean) => page.locator(`[data-holds=${holds}]`);

test("the whole record is checked in the browser, and what was changed or left out is named", async ({ page }) => {
  await open(page, "/verify");
  await button(page, "Verify the whole record").click();
  await expect(found(page, true)).toContainText("The record holds", { timeout: 30_000 });
  const ledger = await (await page.request.get("/api/v1/ledger/export")).text();
  const check = async (text: string) => {
    await page.locator("#verify-file").setInputFiles({ name: "l.jsonl", mimeType: "text/plain", buffer: Buffer.from(text) });
    await button(page, "Verify the whole record").click();
  };
  await page.getByText("Check a file instead").click();
  await check(ledger.replace(/"commitment":"(.)/, (_, first) => `"commitment":"${first === "0" ? "1" : "0"}`));
  await expect(found(page, false)).toContainText("The record does not hold. entry 1 (line 2)");
  await check(ledger.split("\n").filter((line) => !line.startsWith('{"checkpoint"')).join("\n"));
  await expect(found(page, false)).toContainText(/The record does not hold\. line \d+: none of the \d+ entries is signed/);
});

test("the track record is verified in place, and comes to the same figures", async ({ page }) => {
  await open(page, "/");
  await page.getByRole("link", { name: /whole track record/ }).click();
  await page.waitForURL("**/track-record");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await button(page, /verify/i).click();
  await expect(found(page, true)).toContainText("The record holds", { timeout: 30_000 });
  await expect(page).toHaveURL(/\/track-record$/);
  expect(asked.some((path) => path.includes("verifier_bg")), "fetched by the click").toBe(true);
  const checked = page.locator(".verify-report .fact", { hasText: "They came to" }).locator("dd");
  await expect(checked).toHaveText(/^\d+ won, \d+ lost, \d+ expired; \d+ open$/);
  const [won, lost] = ((await checked.textContent()) ?? "").match(/\d+/g)!.map(Number);
  // The record only grows while the market goes on.
  const { figures } = await (await page.request.get("/api/v1/track-record")).json();
  expect(won).toBeGreaterThan(0);
  expect(won).toBeLessThanOrEqual(figures.won);
  expect(lost).toBeLessThanOrEqual(figures.lost);
});
