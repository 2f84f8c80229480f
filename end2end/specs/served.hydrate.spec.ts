import type { Page } from "@playwright/test";
import { expect, open, refusal, test } from "../fixtures";

/** Marks the document, so that a test sees whether it is still the same one. */
async function mark(page: Page): Promise<void> {
  await page.evaluate(() => Object.assign(window, { untouched: true }));
}

function untouched(page: Page): Promise<boolean> {
  return page.evaluate(() => "untouched" in window);
}

test("a link leads to a page that the server makes, and back, within one document", async ({ page }) => {
  await open(page, "/");
  await mark(page);
  const landing = await page.title();
  await page.getByRole("contentinfo").getByRole("link", { name: "Terms" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Terms");
  await expect(page).toHaveTitle(/^Terms · [^·]+$/);
  await page.getByRole("contentinfo").getByRole("link", { name: "Risk" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/risk/i);
  await page.goBack();
  await expect(page).toHaveTitle(/^Terms · /);
  await page.getByRole("banner").getByRole("link", { name: "Pricing" }).click();
  await expect(page).toHaveTitle(/^Pricing · /);
  await page.getByRole("banner").getByRole("link").first().click();
  await expect(page).toHaveTitle(landing);
  await page.getByRole("table", { name: /settled/ }).locator('a[href^="/signal/"]').first().click();
  await expect(page.getByRole("navigation", { name: "Breadcrumb" })).toBeVisible();
  await expect(page.locator("main time[data-ago]")).toHaveText(/ago$|now$/);
  await page.goBack();
  await expect(page.getByRole("table", { name: /settled/ })).toBeVisible();
  expect(await untouched(page), "not loaded anew").toBe(true);
});

test("what cannot be shown within the document is left to the browser", async ({ page, allowedErrors }) => {
  allowedErrors.push(refusal("/signal/none"));
  await open(page, "/");
  await mark(page);
  await page.evaluate(() => {
    const link = document.createElement("a");
    link.href = "/signal/none";
    link.textContent = "Gone";
    document.querySelector("main")?.append(link);
  });
  await page.getByRole("link", { name: "Gone" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no such signal");
  expect(await untouched(page)).toBe(false);
});

test("while a page is asked for, the reader may go on", async ({ page }) => {
  await open(page, "/");
  let answer = (): void => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route("**/terms", async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole("contentinfo").getByRole("link", { name: "Terms" }).click();
  await expect(page).toHaveURL(/\/terms$/);
  await page.getByRole("contentinfo").getByRole("link", { name: "Privacy" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Privacy");
  answer();
  await page.waitForResponse("**/terms");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Privacy");
  await expect(page).toHaveTitle(/^Privacy · /);
});
