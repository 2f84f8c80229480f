import { account, expect, open, region, test } from "../fixtures";

test.use({ timezoneId: "Asia/Tokyo" });

test("times are told in the reader's zone, wherever they come from, and go on", async ({ page }) => {
  await page.clock.install();
  await account(page);
  await open(page, "/dashboard");
  const record = region(page, "Record");
  await expect(region(page, "Your plan").locator("time[data-exact]")).toHaveText(/ GMT\+9$/);
  // The next page is made by the client.
  await record.locator('a[href^="/signal/"]').first().click();
  await expect(page).toHaveURL(/\/signal\//);
  const exact = page.locator("main time[data-exact]");
  await expect(exact).not.toHaveCount(0);
  for (const text of await exact.allInnerTexts()) expect(text).toMatch(/^\d+ \w+ \d{4}(,| at) \d\d:\d\d GMT\+9$/);
  const ago = page.locator("main time[data-ago]");
  await expect(ago).toHaveAttribute("title", / GMT\+9$/);
  await expect(ago).toHaveText(/ago$|now$/);
  await page.clock.fastForward("03:00:00");
  await expect(ago).toHaveText("3 h ago");
});
