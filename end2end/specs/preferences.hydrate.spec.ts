import { account, button, expect, interactive, open, paidAccount, test } from "../fixtures";

test("the watchlist is kept over a reload", async ({ page }) => {
  await account(page);
  await open(page, "/dashboard");
  const star = button(page, "Watch ETH/USDT");
  const watched = page.locator(".symbol-watched");
  await expect(star).toHaveAttribute("aria-pressed", "false");
  await expect(watched).toHaveCount(0);
  await star.click();
  await expect(star).toHaveAttribute("aria-pressed", "true");
  await page.reload();
  await interactive(page);
  await expect(star).toHaveAttribute("aria-pressed", "true");
  await expect(watched).toHaveCount(1);
  await expect(watched).toContainText("ETH/USDT");
  await star.click();
  await page.reload();
  await interactive(page);
  await expect(star).toHaveAttribute("aria-pressed", "false");
  await expect(watched, "what was taken off stays off").toHaveCount(0);
});

test("theme and columns are kept over a reload, and the signals follow them", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await paidAccount(page);
  await open(page, "/dashboard");
  const head = (name: string) => page.getByRole("table", { name: /^Signals/ }).getByRole("columnheader", { name });
  await expect(head("Confidence")).toBeVisible();
  await open(page, "/account");
  const theme = page.getByRole("group", { name: "Theme" });
  const columns = page.getByRole("group", { name: "Columns of the signals" });
  await expect(theme.getByLabel("System")).toBeChecked();
  await theme.getByLabel("Dark").check();
  await columns.getByLabel("Confidence").uncheck();
  await page.reload();
  await interactive(page);
  await expect(theme.getByLabel("Dark")).toBeChecked();
  await expect(columns.getByLabel("Confidence")).not.toBeChecked();
  await expect(columns.getByLabel("Age")).toBeChecked();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  for (const again of [false, true]) {
    if (again) await page.reload();
    else await page.goto("/dashboard");
    await interactive(page);
    await expect(head("Age")).toBeVisible();
    await expect(head("Confidence")).toBeHidden();
  }
});
