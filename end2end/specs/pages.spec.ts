import type { Page } from "@playwright/test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { account, expect, hasScript, interactive, operator, paidAccount, refusal, test, violations } from "../fixtures";
import { startServer } from "../server";

const SCREENSHOTS = join(import.meta.dirname, "../results/screenshots");
const WIDTHS = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
];
/** Stands at the foot of every page: who runs the site, as `Leptos.toml` has it. */
const FOOT = ["Not investment advice", "Signalbox Demo Desk", "Demonstration, not a registered research analyst"];

interface Place {
  name: string;
  path: string | ((page: Page) => Promise<string>);
  /** Who looks. */
  as?: "free" | "paid" | "operator";
  status?: number;
  heading?: RegExp;
}

const PLACES: Place[] = [
  { name: "landing", path: "/" },
  { name: "backtest", path: "/backtest?symbol=BTC/USDT&timeframe=1d&strategy=ema-cross" },
  { name: "verify", path: "/verify" },
  { name: "pricing", path: "/pricing" },
  { name: "pricing-free", path: "/pricing", as: "free" },
  { name: "signup", path: "/signup" },
  { name: "login", path: "/login" },
  { name: "forgot-password", path: "/forgot-password" },
  { name: "reset-password", path: "/reset-password?token=abc" },
  { name: "verify-email", path: "/verify-email?token=abc" },
  { name: "dashboard-free", path: "/dashboard", as: "free" },
  { name: "dashboard-paid", path: "/dashboard", as: "paid" },
  { name: "checkout-canceled", path: "/dashboard?checkout=canceled", as: "free" },
  { name: "checkout-success", path: "/dashboard?checkout=success", as: "paid" },
  { name: "checkout-confirming", path: "/dashboard?checkout=success", as: "free" },
  { name: "signal", path: settledSignal },
  { name: "signal-open", path: openSignal, as: "paid" },
  { name: "account-free", path: "/account", as: "free" },
  { name: "account-paid", path: "/account", as: "paid" },
  { name: "track-record", path: "/track-record" },
  { name: "track-record-part", path: "/track-record?symbol=BTC/USDT&timeframe=1h" },
  { name: "track-record-nothing", path: "/track-record?symbol=GOLD" },
  { name: "strategies", path: "/strategies" },
  { name: "terms", path: "/terms" },
  { name: "privacy", path: "/privacy" },
  { name: "refunds", path: "/refunds" },
  { name: "risk", path: "/risk" },
  { name: "admin", path: "/admin", as: "operator" },
  { name: "outbox", path: "/dev/outbox", as: "free" },
  { name: "not-found", path: "/no-such-page", status: 404 },
];

test.beforeAll(async () => {
  await mkdir(SCREENSHOTS, { recursive: true });
});

for (const place of PLACES) {
  test(place.name, async ({ page, allowedErrors }) => {
    const status = place.status ?? 200;
    if (status >= 400 && typeof place.path === "string") allowedErrors.push(refusal(place.path));
    if (place.as === "free") await account(page);
    if (place.as === "paid") await paidAccount(page);
    if (place.as === "operator") await operator(page);
    const path = typeof place.path === "string" ? place.path : await place.path(page);
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(status);
    await interactive(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    for (const landmark of ["main", "banner", "contentinfo"] as const) {
      await expect(page.getByRole(landmark), landmark).toHaveCount(1);
    }
    await expect(page).toHaveTitle(/\S · Signalbox$/);
    for (const words of FOOT) await expect(page.getByRole("contentinfo")).toContainText(words);
    for (const { width, height } of WIDTHS) {
      await page.setViewportSize({ width, height });
      await expectNoSidewaysScroll(page);
      if (hasScript()) await look(page, `${place.name}-${width}`);
    }
    await page.setViewportSize({ width: 320, height: 640 });
    await expectNoSidewaysScroll(page);
    if (place.as) await expect(page.getByRole("banner").getByRole("button", { name: "Log out" })).toBeInViewport();
  });
}

test("the rupee sign is drawn in the site's own type, fetched only where it stands", async ({ page }) => {
  const drawn = async (path: string) => {
    await page.goto(path);
    return page.evaluate(async () => {
      const loaded = (await document.fonts.ready, [...document.fonts].filter((font) => font.status === "loaded"));
      // The fallback is the reader's own font, where there is one, and fetched from nowhere.
      const families = loaded.map((font) => font.family.replaceAll('"', "")).filter((name) => name !== "Inter Fallback");
      return families.sort();
    });
  };
  expect(await drawn("/pricing")).toEqual(["Inter", "Inter Rupee"]);
  expect(await drawn("/login")).toEqual(["Inter"]);
});

test("every title ends in the configured name", async ({ page }) => {
  const server = await startServer({ SIGNALBOX_SITE__NAME: "Asha's Desk" });
  try {
    await page.goto(`${server.url}/`);
    await interactive(page);
    await expect(page).toHaveTitle(/\S · Asha's Desk$/);
    await page.getByRole("link", { name: "Pricing", exact: true }).first().click();
    await page.waitForURL("**/pricing");
    await expect(page).toHaveTitle("Pricing · Asha's Desk");
    await expect(page.getByRole("banner")).toContainText("Asha's Desk");
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});

/** A picture and axe in light and in dark. A scheme changes nothing but colours, so that all else is judged once. */
async function look(page: Page, name: string): Promise<void> {
  for (const { colorScheme, rules } of [
    { colorScheme: "light" as const, rules: undefined },
    { colorScheme: "dark" as const, rules: ["color-contrast"] },
  ]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}.png`), fullPage: true });
    expect.soft(await violations(page, rules), `${name} ${colorScheme}`).toEqual([]);
  }
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wider, `scrolls sideways at ${page.viewportSize()?.width} px`).toBeLessThanOrEqual(0);
}

/** The page of a signal that anybody may see. */
async function settledSignal(page: Page): Promise<string> {
  await page.goto("/");
  const link = page.locator('main a[href^="/signal/"]').first();
  return (await link.getAttribute("href")) ?? "";
}

/** The page of a signal that is still open, which only who pays may see. */
async function openSignal(page: Page): Promise<string> {
  await page.goto("/dashboard");
  const rows = page.getByRole("table", { name: /^Signals/ }).locator("tbody tr");
  const open = rows.filter({ has: page.locator(".outcome", { hasText: /^Open$/ }) });
  return (await open.first().locator('a[href^="/signal/"]').first().getAttribute("href")) ?? "";
}
