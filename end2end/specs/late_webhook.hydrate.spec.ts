import { account, button, contradictions, expect, open, payingAccount, region, sandbox, test } from "../fixtures";
import { startServer } from "../server";

const AN_HOUR = 3_600_000;

test("a late webhook alone turns the waiting page paid", async ({ page }) => {
  const server = await startServer();
  try {
    await sandbox(server.stripe, "config", { webhook_delay_ms: AN_HOUR });
    const { billing } = await payingAccount(page, server.url);
    const shown = await contradictions(page);
    // The address does not name the checkout, so that nobody can ask Stripe about it.
    await open(page, `${server.url}/dashboard?checkout=success`);
    await page.evaluate(() => Object.assign(window, { untouched: true }));
    const notice = page.getByRole("status");
    const plan = region(page, "Your plan");
    await expect(notice.filter({ hasText: "Your payment is being confirmed" })).toBeVisible();
    expect((await page.waitForResponse("**/fn/confirm_checkout")).status()).toBe(200);
    await expect(plan, "it waits").toContainText("Free plan");
    await expect(button(plan, "Subscribe"), "who paid is not asked to pay again").toHaveCount(0);
    expect((await billing()).is_paid).toBe(false);

    await deliver(server.stripe);
    await expect(plan).toContainText("Paid plan");
    await expect(notice.filter({ hasText: "Your paid plan has begun" })).toBeVisible();
    expect(await page.evaluate(() => "untouched" in window), "not reloaded").toBe(true);
    expect(await shown(), "notice and plan say the same all the time").toEqual([]);
    expect((await billing()).is_paid).toBe(true);
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});

test("a page that learns of the payment before the plan is there goes on waiting, and asks again", async ({ page }) => {
  const server = await startServer();
  try {
    await sandbox(server.stripe, "config", { webhook_delay_ms: AN_HOUR });
    await payingAccount(page, server.url);
    const shown = await contradictions(page);
    // As of a process that has not heard of it yet.
    let asked = 0;
    await page.route("**/fn/standing*", async (route) => {
      const answer = await route.fetch();
      const standing = await answer.json();
      const free = { is_paid: false, quota: { limit: 3, used: 0, resets_at: standing.as_of } };
      await route.fulfill({ response: answer, json: asked++ === 0 ? { ...standing, ...free } : standing });
    });
    await open(page, `${server.url}/dashboard?checkout=success`);
    await deliver(server.stripe);
    await expect(region(page, "Your plan")).toContainText("Paid plan");
    await expect(page.getByRole("status").filter({ hasText: "Your paid plan has begun" })).toBeVisible();
    expect(asked, "the first answer was not the last").toBeGreaterThan(1);
    expect(await shown(), "notice and plan say the same all the time").toEqual([]);
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});

test("who waits longer than a minute is told what to do, and that nothing is lost", async ({ page }) => {
  await account(page);
  await page.clock.install();
  await open(page, "/dashboard?checkout=success");
  const notice = page.getByRole("status");
  await expect(notice.filter({ hasText: "Your payment is being confirmed" })).toBeVisible();
  await page.clock.runFor(90_000);
  const told = notice.filter({ hasText: "Your payment is still not confirmed" });
  await expect(told).toContainText("Nothing is lost");
  await expect(told.getByRole("link", { name: "your account" })).toHaveAttribute("href", "/account#plan");
  await expect(told.getByRole("link", { name: "at the foot of the page" })).toHaveAttribute("href", "#operator");
  await expect(page.locator("#operator").getByRole("link")).toHaveAttribute("href", /^mailto:/);
});

/** Has Stripe send now what it holds back. */
async function deliver(stripe: string): Promise<void> {
  await sandbox(stripe, "config", { webhook_delay_ms: 0 });
  const { deliveries } = await (await fetch(`${stripe}/_sandbox/deliveries`)).json();
  const held = deliveries.filter((delivery: { state: string }) => delivery.state === "pending");
  expect(held.length).toBeGreaterThan(0);
  for (const { event } of held) await sandbox(stripe, `events/${event}/resend`, {});
}
