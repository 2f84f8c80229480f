import { button, expect, field, hasScript, open, test } from "../fixtures";

const LINK = "/backtest?symbol=BTC%2FUSDT&timeframe=1h&strategy=sma-cross&fast=12&slow=44&fee=0.05&exits=opposite";

test("a link fills the form in, and the form makes the link again", async ({ page, context }) => {
  if (hasScript()) await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, LINK);
  await expect(field(page, "Symbol")).toHaveValue("BTC/USDT");
  await expect(field(page, "Candles of")).toHaveValue("1h");
  await expect(page.locator("#f-fast")).toHaveValue("12");
  await expect(page.locator("#f-fee")).toHaveValue("0.05");
  await page.locator("#f-slow").fill("55");
  await button(page, "Make the link").click();
  await expect(page).toHaveURL(/symbol=BTC%2FUSDT&timeframe=1h&strategy=sma-cross&fast=12&slow=55&.*fee=0\.05/);
  await expect(page.locator("#f-slow")).toHaveValue("55");
  await expect(field(page, "A position ends by")).toHaveValue("opposite");
});

test("what is wrong with a link is told at its field", async ({ page }) => {
  await open(page, "/backtest?symbol=NIFTY&timeframe=1d&strategy=sma-cross&fast=30&fee=half");
  await expect(page.locator("#f-fast-fault")).toHaveText("Set 1 to 29, not 30.");
  await expect(page.locator("#f-fast")).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("#f-fee-fault")).toHaveText("Write a number, such as 10 or 0.5.");
});

test("without scripts the page says what it needs", async ({ page }) => {
  await open(page, "/backtest");
  const needs = page.getByText("Running a backtest needs scripts");
  if (hasScript()) await expect(needs).toBeHidden();
  else await expect(needs).toBeVisible();
  await expect(page.getByText("A backtest is no record")).toBeVisible();
});
