import { expect, hasScript, interactive, open, test } from "../fixtures";
import type { Locator, Page } from "@playwright/test";

/** A chart by the beginning of its name: the server's drawing, or what a script draws in its place. */
function chart(page: Page, name: RegExp): Locator {
  return page.getByRole(hasScript() ? "application" : "img", { name });
}

/** Goes from the record to its newest settled signal by links. */
async function settledSignal(page: Page): Promise<void> {
  await open(page, "/track-record");
  await page.locator("table.all-signals tbody tr").first().getByRole("link").click();
  await page.waitForURL("**/signal/*");
  await interactive(page);
}

test("a signal's candles are drawn, moved by keyboard, and written in a table", async ({ page }) => {
  await settledSignal(page);
  const drawn = chart(page, /^Candles of .* around the signal: entry .*, target .*, stop /);
  await expect(drawn).toBeVisible();
  if (hasScript()) {
    await expect(drawn.locator("canvas").first()).toBeVisible();
    await expect(page.getByRole("img", { name: /^Candles of/ }), "the server's drawing has gone").toHaveCount(0);
    await drawn.focus();
    await page.keyboard.press("0");
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    const all = await drawn.screenshot();
    const isAll = async () => all.equals(await drawn.screenshot());
    await page.keyboard.press("+");
    await expect.poll(isAll, "nearer by the keyboard").toBe(false);
    for (const key of ["-", "ArrowLeft"]) for (let times = 0; times < 10; times++) await page.keyboard.press(key);
    await expect.poll(isAll, "no farther than all of it").toBe(true);
  }
  const candles = await page.locator("signalbox-chart").getAttribute("data-candles");
  await page.getByText("The candles as a table").click();
  const table = page.getByRole("table", { name: "The candles of the chart, the newest first" });
  await expect(table.locator("tbody tr")).toHaveCount((candles ?? "").split(" ").length / 5);
});

test("a signal's page tells its strategy's record on its series and everywhere", async ({ page }) => {
  await settledSignal(page);
  const table = page.getByRole("table", { name: "What the strategy's published signals came to" });
  const settled = table.locator("[data-label=Settled]");
  await expect(settled).toHaveCount(2);
  const [here = 0, everywhere = 0] = (await settled.allTextContents()).map(Number);
  expect(here).toBeGreaterThan(0);
  expect(everywhere).toBeGreaterThanOrEqual(here);
  await table.getByRole("link", { name: /on every series/ }).click();
  await page.waitForURL((url) => url.pathname === "/track-record" && url.searchParams.has("strategy"));
  await expect(page.locator(".tally-item", { hasText: "Settled" }).locator(".tally-value")).toHaveText(String(everywhere));
});
