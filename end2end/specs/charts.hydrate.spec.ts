import { expect, open, test } from "../fixtures";

test("a chart takes the reader's colours and is gone with its page", async ({ page }) => {
  await open(page, "/track-record");
  const drawn = page.getByRole("application", { name: /^All R together from/ });
  await expect(drawn.locator("canvas").first()).toBeVisible();
  const light = await drawn.screenshot();
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(async () => light.equals(await drawn.screenshot()), "dark where the page is").toBe(false);
  await page.getByRole("link", { name: "Pricing" }).first().click();
  await page.waitForURL("**/pricing");
  await expect(page.locator("signalbox-chart")).toHaveCount(0);
  await page.goBack();
  await expect(drawn.locator("canvas").first()).toBeVisible();
});
