import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";

/** Pages that are nobody's but their reader's, or of no use in a search. */
const UNLISTED = [
  "/dashboard", "/account", "/admin", "/dev/outbox", "/login", "/signup", "/forgot-password", "/reset-password", "/verify-email",
];

test("robots.txt keeps robots out of what is its reader's, and leads to the sitemap", async ({ page, baseURL }) => {
  const answer = await page.request.get("/robots.txt");
  expect(answer.status()).toBe(200);
  expect(answer.headers()["content-type"]).toMatch(/^text\/plain/);
  const lines = (await answer.text()).split("\n");
  expect(lines).toContain("User-agent: *");
  for (const path of ["/account", "/dashboard", "/api/", "/fn/", "/dev/"]) expect(lines).toContain(`Disallow: ${path}`);
  expect(lines).toContain(`Sitemap: ${baseURL}/sitemap.xml`);
});

test("the sitemap lists public pages, each under its own address, and no other", async ({ page, baseURL }) => {
  const answer = await page.request.get("/sitemap.xml");
  expect(answer.status()).toBe(200);
  expect(answer.headers()["content-type"]).toMatch(/^application\/xml/);
  const listed = [...(await answer.text()).matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address]) => address ?? "");
  expect(listed).toEqual(expect.arrayContaining(["/", "/pricing", "/track-record", "/risk"].map((path) => baseURL + path)));
  expect(new Set(listed).size, "each once").toBe(listed.length);
  for (const path of UNLISTED) expect(listed).not.toContain(baseURL + path);
  for (const address of listed) {
    const listedPage = await page.request.get(address, { maxRedirects: 0 });
    expect(listedPage.status(), address).toBe(200);
    const text = await listedPage.text();
    expect(text, address).toContain(`<link rel="canonical" href="${address}"`);
    expect(text, address).toContain('content="index, follow"');
  }
  for (const path of ["/login", "/signup", "/dashboard"]) {
    const text = await (await page.request.get(path)).text();
    expect(text, path).toContain('content="noindex"');
    expect(text, path).not.toContain('rel="canonical"');
  }
});

for (const path of ["/", "/pricing", "/track-record"]) {
  test(`a link to ${path} is previewed with its title, its words and a picture`, async ({ page, baseURL }) => {
    await page.goto(path);
    const address = baseURL + path;
    await expect(page.locator("link[rel=canonical]")).toHaveAttribute("href", address);
    expect(await property(page, "og:url")).toBe(address);
    expect(await property(page, "og:type")).toBe("website");
    expect(await property(page, "og:site_name")).toBe("Signalbox");
    expect(await property(page, "og:title")).toBe(await page.title());
    const description = await page.locator("meta[name=description]").getAttribute("content");
    expect(description?.length).toBeGreaterThan(30);
    expect(await property(page, "og:description")).toBe(description);
    await expect(page.locator('meta[name="twitter:card"]')).toHaveAttribute("content", "summary_large_image");
    expect(await property(page, "og:image:alt")).not.toBe("");
    const picture = await page.request.get(await property(page, "og:image"));
    expect(picture.status()).toBe(200);
    const bytes = await picture.body();
    // A PNG's first chunk tells its size.
    expect(bytes.subarray(1, 4).toString()).toBe("PNG");
    const size = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)].map(String);
    expect(size).toEqual([await property(page, "og:image:width"), await property(page, "og:image:height")]);
  });
}

test("every icon that a page names is there", async ({ page }) => {
  await page.goto("/");
  const icons = await page.locator('link[rel~="icon"], link[rel="apple-touch-icon"]').evaluateAll((links) =>
    links.map((link) => link.getAttribute("href") ?? ""),
  );
  expect(icons).toEqual(expect.arrayContaining(["/favicon.ico", "/favicon.svg", "/apple-touch-icon.png"]));
  const manifest = await page.locator("link[rel=manifest]").getAttribute("href");
  const { icons: more } = await (await page.request.get(manifest ?? "")).json();
  expect(more.length).toBeGreaterThan(0);
  for (const icon of [...icons, ...more.map(({ src }: { src: string }) => src)]) {
    const answer = await page.request.get(icon);
    expect(answer.status(), icon).toBe(200);
    expect(answer.headers()["content-type"], icon).toMatch(/^image\//);
    expect((await answer.body()).length, icon).toBeGreaterThan(0);
  }
});

/** What a property of the document's head says; it is there once. */
async function property(page: Page, name: string): Promise<string> {
  const tag = page.locator(`meta[property="${name}"]`);
  await expect(tag, name).toHaveCount(1);
  return (await tag.getAttribute("content")) ?? "";
}
