import { test as base, expect, type Locator, type Page } from "@playwright/test";
import axe from "axe-core";
import { randomUUID } from "node:crypto";

export { expect };

export const PASSWORD = "a calm instrument";

export interface Trader {
  email: string;
  password: string;
}

interface Fixtures {
  /** What the browser may complain about in this test; a test adds to it what it provokes. */
  allowedErrors: RegExp[];
  consoleErrors: string[];
}

/** Every test fails on an error in the browser's console, whatever else it is about. */
export const test = base.extend<Fixtures>({
  baseURL: async ({}, use) => {
    await use(process.env.SIGNALBOX_URL);
  },
  allowedErrors: async ({}, use) => {
    await use([]);
  },
  consoleErrors: [
    async ({ page, allowedErrors }, use) => {
      const errors: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
      });
      page.on("pageerror", (error) => errors.push(error.message));
      await use(errors);
      const unexpected = errors.filter((text) => !allowedErrors.some((allowed) => allowed.test(text)));
      expect(unexpected, "errors in the browser's console").toEqual([]);
    },
    { auto: true },
  ],
});

/** What Chromium says of an answer that is an error; the answer to this address alone. */
export function refusal(address: string): RegExp {
  return new RegExp(`Failed to load resource: the server responded with a status of [45]\\d\\d .*${address}`);
}

export function newTrader(): Trader {
  return { email: `trader-${randomUUID()}@example.com`, password: PASSWORD };
}

/** Opens a page and waits until it answers to a hand. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await interactive(page);
}

/** Touches the page and waits until it answers to a hand, where there is JavaScript. */
export async function interactive(page: Page): Promise<void> {
  if (!hasScript()) return;
  await page.mouse.move(1, 1);
  await page.mouse.move(2, 1);
  await expect(page.locator("html")).toHaveAttribute("data-hydrated", /.*/);
}

/** Whether this project runs with JavaScript. */
export function hasScript(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/** A form's field by its label. */
export function field(within: Page | Locator, label: string): Locator {
  return within.getByLabel(label, { exact: true });
}

export function button(within: Page | Locator, name: string | RegExp): Locator {
  return within.getByRole("button", { name });
}

export function region(page: Page, name: string): Locator {
  return page.getByRole("region", { name, exact: true });
}

/** Signs up through the page's form, and is on the dashboard then. */
export async function signUp(page: Page, trader = newTrader()): Promise<Trader> {
  await open(page, "/signup");
  await field(page, "E-mail").fill(trader.email);
  await field(page, "Password").fill(trader.password);
  await button(page, "Sign up").click();
  await page.waitForURL("**/dashboard");
  await interactive(page);
  return trader;
}

/** Signs up as the page's form does, but without opening it. */
export async function account(page: Page, origin = siteOf(page)): Promise<Trader> {
  const trader = newTrader();
  const form = { ...trader, full_name: "Asha Rao" };
  await send(page, `${origin}/fn/sign_up`, form, origin);
  return trader;
}

/** Logs in as the page's form does, but without opening it. */
export async function enter(page: Page, trader: Trader, origin = siteOf(page)): Promise<void> {
  await send(page, `${origin}/fn/log_in`, { ...trader }, origin);
}

/** Logs in as the operator of the program that all specs share. */
export async function operator(page: Page): Promise<void> {
  await enter(page, JSON.parse(process.env.SIGNALBOX_OPERATOR ?? "{}"));
}

/** An account that has paid. */
export async function paidAccount(page: Page, origin = siteOf(page)): Promise<Trader> {
  const { trader, billing } = await payingAccount(page, origin);
  await expect.poll(async () => (await billing()).is_paid, { intervals: [50, 100, 200] }).toBe(true);
  return trader;
}

/** An account whose card was taken; the news of it may be under way. `billing` asks where it stands. */
export async function payingAccount(
  page: Page,
  origin = siteOf(page),
): Promise<{ trader: Trader; billing: () => Promise<any> }> {
  const trader = await account(page, origin);
  const { access_token } = await api(origin, "POST", "/auth/login", trader);
  const call = (method: string, path: string) => api(origin, method, path, undefined, access_token);
  const { checkout_url } = await call("POST", "/billing/create-checkout");
  const card = new URLSearchParams({ cardNumber: "4242 4242 4242 4242", cardExpiry: "12/34", cardCvc: "123" });
  const paid = await fetch(checkout_url, { method: "POST", body: card, redirect: "manual" });
  expect(paid.status).toBe(303);
  return { trader, billing: () => call("GET", "/billing/status") };
}

/** Calls the HTTP API, without the browser's cookies. */
async function api(origin: string, method: string, path: string, body?: object, token?: string): Promise<any> {
  const answer = await fetch(`${origin}/api/v1${path}`, {
    method,
    headers: { ...(body && { "Content-Type": "application/json" }), ...(token && { Authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/**
 * Watches every page from its first text on for what contradicts itself about a payment: thanks beside the free plan, a
 * payment that is being confirmed beside the paid one or beside a button that asks for another. Asks what the page showed.
 */
export async function contradictions(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const seen = new Set<string>();
    Object.assign(window, { contradictions: seen });
    new MutationObserver(() => {
      const main = document.querySelector("main");
      const says = (words: string) => main?.textContent?.includes(words) ?? false;
      const waits = says("is being confirmed") || says("is still not confirmed");
      const asks = [...(main?.querySelectorAll("button") ?? [])].some((button) => button.textContent === "Subscribe");
      if (says("Your paid plan has begun") && says("Free plan")) seen.add("thanks on the free plan");
      if (waits && says("Paid plan")) seen.add("waiting on the paid plan");
      if (waits && asks) seen.add("waiting and asked to pay again");
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  return () => page.evaluate(() => [...(Reflect.get(window, "contradictions") as Set<string>)]);
}

/** Types a card into the hosted payment page and sends it. */
export async function pay(page: Page, number: string): Promise<void> {
  await page.locator("[autocomplete=cc-number]").fill(number);
  await page.locator("[autocomplete=cc-exp]").fill("12/34");
  await page.locator("[autocomplete=cc-csc]").fill("123");
  await button(page, /pay|subscribe/i).click();
}

/** The newest mail's link to `path`, as the page of the outbox shows it. */
export async function mailedLink(page: Page, to: string, path: string): Promise<string> {
  const reader = await page.context().newPage();
  const link = new RegExp(`https?://[^\\s"<>]*${path}\\?token=[\\w.~-]+`);
  let found: string | undefined;
  await expect
    .poll(
      async () => {
        await reader.goto("/dev/outbox");
        const text = await reader.locator("body").innerText();
        found = text.includes(to) ? link.exec(text.slice(text.indexOf(to)))?.[0] : undefined;
        return found;
      },
      { message: `a mail to ${to} with a link to ${path}`, intervals: [50, 100, 200, 500] },
    )
    .toBeTruthy();
  await reader.close();
  return found ?? "";
}

/** Uses one of the controls of a program's Stripe sandbox: how it behaves, its clock, an event sent again. */
export async function sandbox(stripe: string, control: string, change: object): Promise<void> {
  const answer = await fetch(`${stripe}/_sandbox/${control}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(change),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
}

/**
 * What axe finds wrong with the page as it stands, by all its rules or by these. Run in the page itself, which has no
 * frames: what is right with it is then neither named element by element nor carried out of it, which takes three times
 * as long as the looking.
 */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (rules) => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run({
      resultTypes: ["violations"],
      ...(rules && { runOnly: { type: "rule" as const, values: rules } }),
    });
    return violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).join(" | ")}`);
  }, rules);
}

async function send(page: Page, address: string, form: Record<string, string>, origin: string): Promise<void> {
  const headers = { Origin: origin, "Sec-Fetch-Site": "same-origin", Accept: "text/html" };
  const answer = await page.request.post(address, { form, headers, maxRedirects: 0 });
  expect(answer.status(), await answer.text()).toBe(302);
  expect(answer.headers().location, "no error on the way back").not.toContain("__err");
}

function siteOf(page: Page): string {
  const current = page.url();
  return current.startsWith("http") ? new URL(current).origin : (process.env.SIGNALBOX_URL ?? "");
}
