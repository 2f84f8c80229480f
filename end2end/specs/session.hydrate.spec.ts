import type { Page } from "@playwright/test";
import { account, button, expect, field, interactive, open, paidAccount, PASSWORD, refusal, region, test } from "../fixtures";
import { startServer } from "../server";

const ACCESS = "signalbox_access";

test.describe("silent renewal", () => {
  test("a missing access token is renewed while the page is rendered", async ({ page, context }) => {
    await account(page);
    await open(page, "/dashboard");
    await context.clearCookies({ name: ACCESS });
    expect(await cookie(page, ACCESS)).toBeFalsy();
    await open(page, "/account");
    await expect(page).toHaveURL(/\/account$/);
    await expect(region(page, "Profile")).toBeVisible();
    expect(await cookie(page, ACCESS)).toBeTruthy();
  });

  test("and while a form is sent", async ({ page, context }) => {
    await account(page);
    await open(page, "/dashboard");
    await context.clearCookies({ name: ACCESS });
    await button(page, /^Fetch signals/).click();
    await expect(region(page, "Your plan")).toContainText("2 of 3 fetches left today");
    expect(await cookie(page, ACCESS)).toBeTruthy();
  });

  test("several tabs at once stay signed in", async ({ page, context }) => {
    await account(page);
    await page.goto("/dashboard");
    await context.clearCookies({ name: ACCESS });
    const tabs = await Promise.all([1, 2, 3, 4].map(() => context.newPage()));
    await Promise.all(tabs.map((tab) => tab.goto("/account")));
    for (const tab of tabs) await expect(tab).toHaveURL(/\/account$/);
    await open(page, "/account");
    await expect(region(page, "Profile")).toBeVisible();
  });
});

test("a paid dashboard shows a new signal by itself, and never moves what is being read", async ({ page }) => {
  const server = await startServer({ SIGNALBOX_MARKET__DAYS_PER_MINUTE: "8" });
  try {
    await paidAccount(page, server.url);
    await open(page, `${server.url}/dashboard`);
    await page.evaluate(() => Object.assign(window, { untouched: true }));
    const newest = page.getByRole("table", { name: /^Signals/ }).locator('a[href^="/signal/"]').first();
    const before = await newest.getAttribute("href");
    await newest.focus();
    const focused = page.locator("a.row-link:focus");
    await expect(newest).not.toHaveAttribute("href", before ?? "", { timeout: 60_000 });
    expect(await page.evaluate(() => "untouched" in window), "not reloaded").toBe(true);
    await expect(focused, "the keyboard stays with its signal").toHaveAttribute("href", before ?? "");
    await page.evaluate(() => scrollTo(0, 900));
    const show = button(page, /^\d+ new signals? – show$/);
    await expect(show, "news wait in sight of who reads further down").toBeInViewport({ timeout: 60_000 });
    const shown = await newest.getAttribute("href");
    await show.click();
    await expect(newest).not.toHaveAttribute("href", shown ?? "");
    expect(await page.evaluate(() => "untouched" in window), "not reloaded").toBe(true);
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});

test("a paid dashboard is sorted and filtered in place, and the keyboard stays where it was", async ({ page, baseURL }) => {
  await paidAccount(page, baseURL ?? "");
  await open(page, "/dashboard");
  await page.evaluate(() => Object.assign(window, { untouched: true }));
  const table = page.getByRole("table", { name: /^Signals/ });
  const rows = table.locator("tbody tr");
  const head = (name: string) => table.getByRole("columnheader", { name });
  await head("Symbol").getByRole("link").focus();
  await page.keyboard.press("Enter");
  await expect(head("Symbol")).toHaveAttribute("aria-sort", "ascending");
  const names = await table.locator("tbody a.row-link").allTextContents();
  expect(names, "sorted by symbol").toEqual([...names].sort());
  await expect(head("Symbol").getByRole("link"), "on the same head").toBeFocused();
  await page.keyboard.press("Enter");
  await expect(head("Symbol")).toHaveAttribute("aria-sort", "descending");
  const sells = page.getByRole("link", { name: "SELL", exact: true });
  await sells.focus();
  await page.keyboard.press("Enter");
  await expect(sells).toHaveAttribute("aria-current", "true");
  await expect(sells, "on the same choice").toBeFocused();
  await expect(rows.filter({ hasText: "BUY" })).toHaveCount(0);
  expect(await rows.count(), "some are left").toBeGreaterThan(0);
  expect(await page.evaluate(() => "untouched" in window), "not reloaded").toBe(true);
});

test("what could not be had is asked for again, and what is there stays meanwhile", async ({ page, baseURL, allowedErrors }) => {
  allowedErrors.push(/net::ERR_FAILED/);
  await paidAccount(page, baseURL ?? "");
  await open(page, "/dashboard");
  let asked = 0;
  await page.route(
    (url) => url.pathname === "/dashboard" && url.searchParams.get("side") === "SELL",
    (route) => (asked++ === 0 ? route.abort() : route.continue()),
  );
  const rows = page.getByRole("table", { name: /^Signals/ }).locator("tbody tr");
  const before = await rows.count();
  await page.getByRole("link", { name: "SELL", exact: true }).click();
  await expect.poll(() => asked).toBe(1);
  expect(await rows.count()).toBe(before);
  await expect(rows.filter({ hasText: "BUY" })).toHaveCount(0);
  expect(asked).toBe(2);
});

test("a page that nobody touches comes alive by itself", async ({ page }) => {
  await page.goto("/login");
  await expect(page.locator("html")).toHaveAttribute("data-hydrated", /.*/);
});

test("the chosen theme is there before the first paint", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.addInitScript(() => {
    const look = new MutationObserver(() => {
      if (!document.body) return;
      Object.assign(window, { themeAtFirst: document.documentElement.dataset.theme ?? "none" });
      look.disconnect();
    });
    look.observe(document, { childList: true, subtree: true });
  });
  await open(page, "/");
  expect(await page.evaluate(() => Reflect.get(window, "themeAtFirst"))).toBe("none");
  const light = await background(page);
  const theme = button(page, /^Theme/);
  while (!(await theme.textContent())?.includes("Dark")) await theme.click();
  expect(await background(page)).not.toBe(light);
  await open(page, "/pricing");
  expect(await page.evaluate(() => Reflect.get(window, "themeAtFirst")), "no flash").toBe("dark");
  expect(await background(page)).not.toBe(light);
  await expect(theme).toContainText("Dark");
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  expect(await background(page), "paper is white").toBe(light);
});

test("with the keyboard alone: log in and fetch", async ({ page, context, allowedErrors }) => {
  allowedErrors.push(refusal("/fn/log_in"));
  const trader = await account(page);
  await context.clearCookies();
  await open(page, "/login");
  await expect(field(page, "E-mail"), "the cursor is in the first field").toBeFocused();
  await page.keyboard.type(trader.email);
  await tabTo(page, "Password");
  await page.keyboard.type(trader.password);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/dashboard");
  await open(page, "/dashboard");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" }), "the first stop").toBeFocused();
  await page.keyboard.press("Enter");
  await tabTo(page, "Fetch signals");
  expect(await focusIsVisible(page)).toBe(true);
  await page.keyboard.press("Enter");
  await expect(region(page, "Your plan")).toContainText("2 of 3 fetches left today");
});

async function cookie(page: Page, name: string): Promise<string | undefined> {
  return (await page.context().cookies()).find((cookie) => cookie.name === name)?.value;
}

async function background(page: Page): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
}

/** Presses Tab until what has the focus goes by this name. */
async function tabTo(page: Page, name: string): Promise<void> {
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      return element?.labels?.[0]?.textContent ?? element?.textContent ?? "";
    });
  for (let stop = 0; stop < 30; stop++) {
    await page.keyboard.press("Tab");
    if ((await focused()).trim().startsWith(name)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

async function focusIsVisible(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const style = getComputedStyle(document.activeElement as Element);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  });
}

test("the password is shown on demand", async ({ page }) => {
  await open(page, "/login");
  await field(page, "Password").fill(PASSWORD);
  await button(page, "Show password").click();
  await expect(field(page, "Password")).toHaveAttribute("type", "text");
  await expect(button(page, "Show password")).toHaveAttribute("aria-pressed", "true");
});

test("a form that the browser sent by itself, before the page came alive, tells what is wrong", async ({ page }) => {
  await open(page, "/login");
  await field(page, "E-mail").fill("nobody@example.com");
  await field(page, "Password").fill("wrong passphrase 499");
  // Past the listeners, as before there are any.
  await Promise.all([
    page.waitForURL(/__err=/),
    page.locator("main form").evaluate((form) => HTMLFormElement.prototype.submit.call(form)),
  ]);
  await interactive(page);
  await expect(page.getByRole("alert").filter({ hasText: /wrong|not right|do not match|password/i }).first()).toBeVisible();
  await field(page, "Password").fill(PASSWORD);
  await expect(field(page, "E-mail")).toHaveValue("nobody@example.com");
});
