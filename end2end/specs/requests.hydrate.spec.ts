import { account, expect, interactive, paidAccount, test } from "../fixtures";

/** Modules that compute in the browser: each page asks for its own when the reader does. */
const MODULES = /\/pkg\/(lab|verifier)_bg-/;
/** What draws charts that can be moved. */
const CHARTS = /\/pkg\/lab-charts?-/;

for (const { path, as, hasChart } of [
  { path: "/", as: "visitor", hasChart: false },
  { path: "/pricing", as: "visitor", hasChart: false },
  { path: "/dashboard", as: "free", hasChart: false },
  { path: "/dashboard", as: "paid", hasChart: false },
  { path: "/track-record", as: "visitor", hasChart: true },
]) {
  test(`${path} (${as}) asks for nothing that computes before a click`, async ({ page }) => {
    if (as === "free") await account(page);
    if (as === "paid") await paidAccount(page);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(path);
    await interactive(page);
    await page.waitForLoadState("networkidle");
    expect(asked, "the page is among them").toContain(path);
    expect(asked.filter((file) => MODULES.test(file))).toEqual([]);
    await expect(page.locator("signalbox-chart")).toHaveCount(hasChart ? 1 : 0);
    expect(asked.some((file) => CHARTS.test(file)), asked.join(" ")).toBe(hasChart);
  });
}
