import type { Page } from "@playwright/test";
import {
  button, contradictions, expect, field, hasScript, interactive, newTrader, open, pay, refusal, region, sandbox, test as base,
} from "../fixtures";
import { type Server, startServer } from "../server";

const DAY = 86_400;
const INDIA_AHEAD = 5.5 * 3_600_000;

// A program of its own: the sandbox's clock is moved and its webhooks are late.
const test = base.extend<{ server: Server }>({
  server: async ({}, use) => {
    const server = await startServer();
    await use(server);
    await server.stop();
  },
  baseURL: async ({ server }, use) => {
    await use(server.url);
  },
});

test("from sign-up to unlimited signals, and back to free", async ({ page, server, allowedErrors }) => {
  allowedErrors.push(refusal("/fn/fetch_signals"), refusal("/c/pay/"));
  const trader = newTrader();
  const shown = await contradictions(page);

  await test.step("sign up", async () => {
    await open(page, "/");
    await page.getByRole("link", { name: "Sign up", exact: true }).first().click();
    await page.waitForURL("**/signup");
    await interactive(page);
    await field(page, "E-mail").fill(trader.email);
    await field(page, "Password").fill(trader.password);
    await button(page, "Sign up").click();
    await page.waitForURL("**/dashboard");
    await interactive(page);
    await expect(plan(page)).toContainText("Free plan");
    await expect(plan(page)).toContainText("3 of 3 fetches left today");
  });

  await test.step("three fetches bring the three newest signals", async () => {
    for (const left of [2, 1, 0]) {
      await button(page, /^Fetch signals/).click();
      await expect(plan(page)).toContainText(`${left} of 3 fetches left today`);
      const brought = left === 2 ? "3 new signals" : "nothing new";
      const told = plan(page).getByRole("status");
      await expect(told).toHaveText(`Your last fetch brought ${brought}. ${left} of 3 left today.`);
      await expect(rows(page)).toHaveCount(3);
      await interactive(page);
    }
  });

  await test.step("the fourth is refused with the time of the reset", async () => {
    await expect(plan(page)).toContainText("until then a fetch is refused");
    await button(page, "Fetch signals (none left today)").click();
    const refused = plan(page).locator(".allowance-problem");
    await expect(refused).toContainText("Daily limit exceeded");
    await expect(refused).toContainText("3 of 3 fetches are used");
    const resetsAt = Date.parse((await refused.locator("time").getAttribute("datetime")) ?? "");
    expect((resetsAt + INDIA_AHEAD) % (DAY * 1000), "midnight in India").toBe(0);
    expect(resetsAt - Date.now()).toBeGreaterThan(0);
    expect(resetsAt - Date.now()).toBeLessThanOrEqual(DAY * 1000);
    await expect(rows(page), "what was fetched is still there").toHaveCount(3);
  });

  await test.step("subscribe: a declined card, then a good one", async () => {
    if (hasScript()) await sandbox(server.stripe, "config", { webhook_delay_ms: 2500 });
    await button(plan(page), "Subscribe").click();
    await page.waitForURL(`${server.stripe}/**`);
    await expect(page.locator("main")).toContainText("₹499");
    await pay(page, "4000 0000 0000 0002");
    await expect(page.getByRole("alert")).toContainText("declined");
    await pay(page, "4242 4242 4242 4242");
    await page.waitForURL("**/dashboard?checkout=success**");
    await interactive(page);
  });

  await test.step("back on the dashboard as paid, though the webhooks are late", async () => {
    if (hasScript()) {
      await page.evaluate(() => Object.assign(window, { untouched: true }));
      await expect(plan(page)).toContainText("Paid plan");
      expect(await page.evaluate(() => "untouched" in window), "not reloaded").toBe(true);
      await sandbox(server.stripe, "config", { webhook_delay_ms: 0 });
    } else {
      await reloadedUntil(page, "Paid plan");
    }
    await expect(page.getByRole("status").filter({ hasText: "Your paid plan has begun" })).toBeVisible();
    if (hasScript()) expect(await shown(), "notice and plan say the same all the time").toEqual([]);
  });

  await test.step("unlimited", async () => {
    await expect(plan(page)).toContainText("Unlimited signals");
    await expect(button(page, /^Fetch signals/)).toHaveCount(0);
    expect(await rows(page).count()).toBeGreaterThan(3);
    for (let fetch = 0; fetch < 5; fetch++) {
      const headers = { "Sec-Fetch-Site": "same-origin" };
      const answer = await page.request.get("/api/v1/signals", { headers });
      expect(answer.status()).toBe(200);
      const feed = await answer.json();
      expect(feed.user_limit).toBe("unlimited");
      expect(feed.signals.length).toBeGreaterThan(3);
    }
  });

  await test.step("cancel in the portal", async () => {
    await open(page, "/account");
    const own = region(page, "Plan");
    await expect(own).toContainText("Renews");
    await expect(own.getByRole("row").filter({ hasText: "₹499" })).toContainText("Paid");
    await button(own, "Manage the plan").click();
    await page.waitForURL(`${server.stripe}/**`);
    await page.getByRole("link", { name: "Cancel subscription" }).click();
    await button(page, "Cancel subscription").click();
    await expect(page.getByRole("status")).toContainText("will end");
    await page.getByRole("link", { name: "Return to the site" }).click();
    await page.waitForURL("**/account");
    await expect(async () => {
      await page.reload();
      await expect(region(page, "Plan")).toContainText("Ends", { timeout: 500 });
    }).toPass();
    await open(page, "/dashboard");
    await expect(plan(page), "paid until the period's end").toContainText(/Paid plan.*Paid until .*, does not renew/);
    const resume = plan(page).getByRole("link", { name: "Resume the plan" });
    await expect(resume).toHaveAttribute("href", "/account#plan");
  });

  await test.step("free again at the period's end", async () => {
    await sandbox(server.stripe, "clock", { advance_seconds: 32 * DAY });
    await reloadedUntil(page, "Free plan");
    await expect(plan(page)).toContainText("0 of 3 fetches left today");
    await expect(rows(page), "today's fetches are kept").toHaveCount(3);
    await interactive(page);
    await button(page, /^Fetch signals/).click();
    await expect(plan(page)).toContainText("Daily limit exceeded");
  });
});

function plan(page: Page) {
  return region(page, "Your plan");
}

/** The rows of the table of signals; the record below has another caption. */
function rows(page: Page) {
  return page.getByRole("table", { name: /^Signals/ }).locator("tbody").getByRole("row");
}

async function reloadedUntil(page: Page, text: string): Promise<void> {
  await expect(async () => {
    await page.reload();
    await expect(plan(page)).toContainText(text, { timeout: 500 });
  }).toPass({ intervals: [100, 200, 500] });
}
