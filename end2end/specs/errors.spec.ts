import { button, expect, field, hasScript, newTrader, refusal, test, violations } from "../fixtures";
import { startServer } from "../server";

test("who comes too often is told so by a page, with the way back", async ({ page, allowedErrors }) => {
  allowedErrors.push(refusal("/fn/log_in"));
  const server = await startServer({ SIGNALBOX_LIMITS__AUTH_PER_MINUTE: "1" });
  try {
    await page.goto(`${server.url}/login?next=/account`);
    const form = { email: newTrader().email, password: "not this one" };
    const headers = { Origin: server.url, "Sec-Fetch-Site": "same-origin", Accept: "text/html" };
    await page.request.post(`${server.url}/fn/log_in`, { form, headers, maxRedirects: 0 });
    await field(page, "E-mail").fill(newTrader().email);
    await field(page, "Password").fill("not this one");
    const answer = page.waitForResponse("**/fn/log_in");
    // As the browser sends it by itself, before scripts run or without any.
    if (hasScript()) {
      await field(page, "Password").evaluate((input: HTMLInputElement) => input.form?.submit());
    } else {
      await button(page, "Log in").click();
    }
    expect((await answer).status()).toBe(429);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Too many requests");
    const main = page.getByRole("main");
    await expect(main).toContainText(/Try again in \d+ seconds/);
    await expect(main).toContainText("Nothing was changed");
    await expect(main).toContainText(`Request ${(await answer).headers()["x-request-id"]}`);
    await expect(page).toHaveTitle(/^Too many requests · /);
    if (hasScript()) {
      for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        expect.soft(await violations(page), `${width} px`).toEqual([]);
      }
    }
    await page.getByRole("link", { name: "Back to the page" }).click();
    await page.waitForURL("**/login?next=/account");
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});
