import { createHmac, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { account, button, expect, interactive, open, operator, refusal, region, test } from "../fixtures";

test("the operator sees what was given up, and why, and replays it", async ({ page }) => {
  const id = await givenUp();
  await operator(page);
  await open(page, "/dashboard");
  await page.getByRole("link", { name: "Admin" }).click();
  await page.waitForURL("**/admin");
  await expect(page).toHaveTitle("Admin · Signalbox");
  await expect(page.locator("meta[name=robots]")).toHaveAttribute("content", "noindex");
  const entry = region(page, "Stripe events given up").getByRole("listitem").filter({ hasText: id });
  await expect(async () => {
    await open(page, "/admin");
    await expect(entry).toContainText("customer.subscription.updated", { timeout: 500 });
  }).toPass({ intervals: [100, 200, 500] });
  await expect(entry).toContainText("not of the expected shape");
  await expect(region(page, "What waits")).toContainText("Stripe events given up");
  await button(entry, "Replay").click();
  await page.waitForURL("**/admin?replayed=1");
  await expect(page.getByRole("status")).toContainText("tried anew");
  await interactive(page);
  await expect(async () => {
    await open(page, "/admin");
    await expect(entry).toContainText("not of the expected shape", { timeout: 500 });
  }, "it failed again, and came back").toPass({ intervals: [100, 200, 500] });
  await button(entry, "Dismiss").click();
  await page.waitForURL("**/admin?dismissed=1");
  await expect(page.getByRole("status")).toContainText("is dismissed");
  await interactive(page);
  await expect(entry).toHaveCount(0);
});

test("the operator sees who joined and what came in", async ({ page }) => {
  const trader = await account(page);
  await operator(page);
  await open(page, "/admin");
  const business = region(page, "Business");
  for (const figure of ["Accounts", "Paying now", "Ending with what is paid"]) {
    await expect(business.locator(".fact").filter({ hasText: figure })).toContainText(/\d/);
  }
  await expect(business.locator(".fact").filter({ hasText: "Revenue this month" })).toContainText("₹");
  const row = region(page, "Newest accounts").getByRole("row").filter({ hasText: trader.email });
  await expect(row).toContainText("Free");
  await expect(row).toContainText("Not confirmed");
});

test("there is no such page for anybody else", async ({ page, allowedErrors }) => {
  allowedErrors.push(refusal("/admin"));
  for (const signedIn of [false, true]) {
    if (signedIn) await account(page);
    const answer = await page.goto("/admin");
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is nothing at this address");
    await interactive(page);
    await expect(page.getByRole("link", { name: "Admin" })).toHaveCount(0);
  }
});

/** Sends an event of a type that the program knows, in a shape that it does not. */
async function givenUp(): Promise<string> {
  const id = `evt_${randomUUID()}`;
  const body = JSON.stringify({ id, object: "event", type: "customer.subscription.updated", data: { object: [] } });
  const secret = await readFile(join(process.env.SIGNALBOX_FOLDER ?? "", "data/stripe_webhook_secret"), "utf8");
  const seconds = Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", secret.trim()).update(`${seconds}.${body}`).digest("hex");
  const answer = await fetch(`${process.env.SIGNALBOX_URL}/billing/webhook`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Stripe-Signature": `t=${seconds},v1=${signature}` },
    body,
  });
  expect(answer.status).toBe(200);
  return id;
}
