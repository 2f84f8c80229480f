import { button, expect, hasScript, open, paidAccount, region, sandbox, test } from "../fixtures";
import { startServer } from "../server";

const DAY = 86_400;

for (const path of ["/dashboard", "/account"]) {
  test(`a payment is told on ${path} until that is dismissed`, async ({ page }) => {
    await paidAccount(page);
    await open(page, path);
    const notices = region(page, "Notices");
    await expect(notices.getByRole("listitem")).toHaveCount(1);
    await expect(notices).toContainText("Payment received");
    await expect(notices).toContainText("₹499");
    if (hasScript()) await page.evaluate(() => Object.assign(window, { untouched: true }));
    await button(notices, "Dismiss").click();
    await expect(notices).toHaveCount(0);
    if (hasScript()) expect(await page.evaluate(() => "untouched" in window), "not reloaded").toBe(true);
    expect(new URL(page.url()).pathname, "back where it was").toBe(path);
    for (const place of ["/dashboard", "/account"]) {
      await open(page, place);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(notices).toHaveCount(0);
    }
  });
}

test("many notices do not push the signals away", async ({ page }) => {
  const server = await startServer();
  try {
    await paidAccount(page, server.url);
    const notices = region(page, "Notices");
    for (let renewals = 1; renewals <= 4; renewals++) {
      await sandbox(server.stripe, "clock", { advance_seconds: 32 * DAY });
      await expect(async () => {
        await open(page, `${server.url}/account`);
        await expect(notices.getByRole("listitem")).toHaveCount(1 + renewals, { timeout: 500 });
      }).toPass({ intervals: [100, 200, 500] });
    }
    await open(page, `${server.url}/dashboard`);
    await expect(notices.getByRole("listitem")).toHaveCount(3);
    await notices.getByRole("link", { name: "2 more on your account page" }).click();
    await page.waitForURL("**/account#notices");
    await expect(notices.getByRole("listitem")).toHaveCount(5);
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});
