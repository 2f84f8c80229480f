import type { Page } from "@playwright/test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { account, button, expect, open, paidAccount, region, test } from "../fixtures";

const PICTURES = join(import.meta.dirname, "../../docs/screenshots");

// The README's pictures, drawn anew on demand: SIGNALBOX_README_SHOTS=1.
test.use({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });

test("pictures for the README", async ({ page, context }) => {
  await mkdir(PICTURES, { recursive: true });
  await open(page, "/");
  await picture(page, "landing");
  await account(page);
  await open(page, "/dashboard");
  await button(page, /^Fetch signals/).click();
  await expect(region(page, "Your plan")).toContainText("2 of 3 fetches left today");
  await picture(page, "dashboard-free");
  await button(page, "Subscribe").click();
  await page.waitForURL(`${process.env.SIGNALBOX_STRIPE_URL}/**`);
  await picture(page, "checkout");
  await context.clearCookies();
  await open(page, "/");
  await paidAccount(page);
  await open(page, "/dashboard");
  await expect(region(page, "Your plan")).toContainText("Paid plan");
  await button(page, "Dismiss").click();
  await expect(region(page, "Notices")).toBeHidden();
  await picture(page, "dashboard-paid");
  await open(page, "/track-record");
  await picture(page, "track-record");
  await open(page, "/backtest?symbol=BTC%2FUSDT&timeframe=1h&strategy=sma-cross");
  const chart = page.locator("[data-part=price-chart]");
  await expect(chart.locator("canvas").first()).toBeVisible();
  await chart.evaluate((box) => box.scrollIntoView({ block: "center" }));
  // Charts are drawn in the frames after the figures.
  await page.evaluate(
    () => new Promise<void>((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => drawn())))),
  );
  await picture(page, "backtest");
});

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: "disabled" });
}
