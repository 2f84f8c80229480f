import { expect, open, operator, region, test } from "../fixtures";

test("a phone's bar has four places, each as large as a finger, and the others are reached otherwise", async ({ page }) => {
  await operator(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, "/account");
  const places = page.getByRole("navigation", { name: "Main" }).getByRole("link");
  await expect(places).toHaveText(["Dashboard", "Record", "Backtest", "Account"]);
  for (const place of await places.all()) {
    const box = await place.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0), (await place.textContent()) ?? "").toBeGreaterThanOrEqual(44);
    expect((box?.y ?? 0) + (box?.height ?? 0), "at the bottom").toBeCloseTo(844, 0);
  }
  const desk = page.getByRole("link", { name: "To the operator's page" });
  expect((await desk.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  await desk.click();
  await page.waitForURL("**/admin");
  for (const [path, name] of [["/dashboard", "Your plan"], ["/account", "Plan"]] as const) {
    await open(page, path);
    const plans = region(page, name).getByRole("link", { name: "Compare plans" });
    expect((await plans.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await plans.click();
    await page.waitForURL("**/pricing");
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await open(page, "/dashboard");
  await expect(places).toHaveText(["Dashboard", "Pricing", "Record", "Backtest", "Account", "Admin"]);
});
