import {
  account, button, enter, expect, field, hasScript, interactive, mailedLink, newTrader, open, paidAccount, PASSWORD,
  refusal, region, signUp, test,
} from "../fixtures";

const ANOTHER = "another calm instrument";

test.describe("signing up", () => {
  test("tells at the field what is wrong, and keeps what was typed", async ({ page, allowedErrors }) => {
    allowedErrors.push(refusal("/fn/sign_up"));
    const trader = newTrader();
    await open(page, "/signup");
    await field(page, "E-mail").fill(trader.email);
    await field(page, "Name (optional)").fill("Asha Rao");
    await field(page, "Password").fill("password123");
    await button(page, "Sign up").click();
    await expect(field(page, "Password")).toHaveAccessibleDescription(/among the most used ones/);
    await expect(field(page, "Password")).toHaveAttribute("aria-invalid", "true");
    await expect(field(page, "E-mail")).not.toHaveAttribute("aria-invalid", "true");
    expect(decodeURIComponent(page.url()), "nothing personal in the address").not.toMatch(/password123|trader-|Asha/);
    await expect(field(page, "E-mail")).toHaveValue(trader.email);
    await expect(field(page, "Name (optional)")).toHaveValue("Asha Rao");
    await field(page, "Password").fill(trader.password);
    await button(page, "Sign up").click();
    await page.waitForURL("**/dashboard");
  });

  test("names every wrong field at once", async ({ page, allowedErrors }) => {
    allowedErrors.push(refusal("/fn/sign_up"));
    await open(page, "/signup");
    await field(page, "E-mail").fill("ada@example");
    await field(page, "Password").fill("password123");
    await button(page, "Sign up").click();
    await expect(field(page, "E-mail")).toHaveAccessibleDescription(/name@example\.com/);
    await expect(field(page, "Password")).toHaveAccessibleDescription(/among the most used ones/);
  });

  test("an address in use is told", async ({ page, allowedErrors }) => {
    allowedErrors.push(refusal("/fn/sign_up"));
    const trader = await account(page);
    await page.context().clearCookies();
    await open(page, "/signup");
    await field(page, "E-mail").fill(trader.email);
    await field(page, "Password").fill(PASSWORD);
    await button(page, "Sign up").click();
    await expect(field(page, "E-mail")).toHaveAccessibleDescription(/account with this address already/);
    await expect(page).toHaveURL(/\/signup/);
  });

  test("returns to where one wanted to go", async ({ page }) => {
    const trader = newTrader();
    await open(page, "/pricing");
    await page.getByRole("link", { name: "Sign up to subscribe" }).click();
    await page.waitForURL("**/signup?**");
    await interactive(page);
    const instead = page.locator("main").getByRole("link", { name: "Log in" });
    await expect(instead, "nor does the other form forget it").toHaveAttribute("href", "/login?next=/pricing");
    await field(page, "E-mail").fill(trader.email);
    await field(page, "Password").fill(trader.password);
    await button(page, "Sign up").click();
    await page.waitForURL("**/pricing");
    await expect(button(page, "Subscribe")).toBeVisible();
  });
});

test.describe("logging in and out", () => {
  test("a wrong password, then the right one, and back to the page one wanted", async ({ page, allowedErrors }) => {
    allowedErrors.push(refusal("/fn/log_in"));
    const trader = await account(page);
    await page.context().clearCookies();
    await page.goto("/account");
    await page.waitForURL("**/login?next=**");
    await interactive(page);
    await field(page, "E-mail").fill(trader.email);
    await field(page, "Password").fill("not this one");
    await button(page, "Log in").click();
    await expect(page.getByRole("alert")).toContainText(/wrong/);
    expect(decodeURIComponent(page.url())).not.toMatch(/not this one|trader-/);
    await expect(field(page, "E-mail")).toHaveValue(trader.email);
    await field(page, "Password").fill(trader.password);
    await button(page, "Log in").click();
    await page.waitForURL("**/account");
    await expect(region(page, "Profile")).toContainText(trader.email);
  });

  test("never leads to another site", async ({ page, baseURL }) => {
    const trader = await account(page);
    await page.context().clearCookies();
    await open(page, "/login?next=https://evil.example/");
    await field(page, "E-mail").fill(trader.email);
    await field(page, "Password").fill(trader.password);
    await button(page, "Log in").click();
    await page.waitForURL("**/dashboard");
    expect(new URL(page.url()).origin).toBe(baseURL);
  });

  test("logging out, from any page, ends the session", async ({ page }) => {
    await account(page);
    const out = page.getByRole("banner").getByRole("button", { name: "Log out" });
    for (const path of ["/", "/dashboard", "/account", "/terms", "/pricing"]) {
      await open(page, path);
      await expect(out, path).toBeVisible();
    }
    await out.click();
    await page.waitForURL((url) => url.pathname === "/");
    await expect(page.getByRole("link", { name: "Log in" })).toBeVisible();
    await page.goto("/dashboard");
    await page.waitForURL("**/login?next=**");
  });

  test("who is signed in is not asked again", async ({ page }) => {
    await account(page);
    await page.goto("/login");
    await page.waitForURL("**/dashboard");
  });
});

test.describe("by mail", () => {
  test("a forgotten password is set anew, once", async ({ page, allowedErrors }) => {
    allowedErrors.push(refusal("/fn/reset_password"));
    const trader = await account(page);
    await page.context().clearCookies();
    await open(page, "/login");
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await page.waitForURL("**/forgot-password");
    await interactive(page);
    await field(page, "E-mail").fill(trader.email);
    await button(page, "Send the link").click();
    await page.waitForURL("**/forgot-password?sent=1");
    await expect(page.getByRole("status")).toContainText("a mail is on its way");
    const link = await mailedLink(page, trader.email, "/reset-password");
    await open(page, link);
    await field(page, "New password").fill("password123");
    await button(page, "Set the password").click();
    await expect(field(page, "New password")).toHaveAccessibleDescription(/among the most used ones/);
    await field(page, "New password").fill(ANOTHER);
    await button(page, "Set the password").click();
    await page.waitForURL("**/login?reset=1");
    await expect(page.getByRole("status")).toContainText("Your password is changed");
    await interactive(page);
    await field(page, "E-mail").fill(trader.email);
    await field(page, "Password").fill(ANOTHER);
    await button(page, "Log in").click();
    await page.waitForURL("**/dashboard");

    await page.context().clearCookies();
    await open(page, link);
    await field(page, "New password").fill(PASSWORD);
    await button(page, "Set the password").click();
    await expect(page.locator("main")).toContainText(/link.*(used|good|expired|old)/i);
  });

  test("an unknown address is told the same", async ({ page, allowedErrors }) => {
    allowedErrors.push(refusal("/fn/forgot_password"));
    await open(page, "/forgot-password");
    await field(page, "E-mail").fill("ada@example");
    await button(page, "Send the link").click();
    await expect(field(page, "E-mail")).toHaveAccessibleDescription(/name@example\.com/);
    await expect(field(page, "E-mail")).toHaveValue("ada@example");
    await field(page, "E-mail").fill(newTrader().email);
    await button(page, "Send the link").click();
    await page.waitForURL("**/forgot-password?sent=1");
    await expect(page.getByRole("status")).toContainText("If there is an account with that address");
  });

  test("an address is confirmed by the link, sent again on demand", async ({ page }) => {
    const trader = await signUp(page);
    const first = await mailedLink(page, trader.email, "/verify-email");
    await open(page, "/account");
    await expect(region(page, "Profile")).toContainText("Not confirmed");
    await button(page, "Send the confirmation again").click();
    await page.waitForURL("**/account?sent=1");
    await expect(page.getByRole("status").first()).toContainText("on its way");
    await expect.poll(() => mailedLink(page, trader.email, "/verify-email")).not.toBe(first);
    await open(page, await mailedLink(page, trader.email, "/verify-email"));
    await button(page, "Confirm this address").click();
    await page.waitForURL("**/verify-email?done=1");
    await expect(page.getByRole("status")).toContainText("is confirmed");
    await open(page, "/account");
    await expect(region(page, "Profile")).toContainText("Confirmed");
    await expect(button(page, "Send the confirmation again")).toHaveCount(0);
  });

  test("links that are incomplete or made up are told", async ({ page, allowedErrors }) => {
    allowedErrors.push(refusal("/fn/verify_email"));
    await open(page, "/verify-email");
    await expect(page.locator("main")).toContainText("This link is incomplete");
    await open(page, "/reset-password");
    await expect(page.locator("main")).toContainText("This link is incomplete");
    await open(page, "/verify-email?token=made-up");
    await button(page, "Confirm this address").click();
    await expect(page.locator("main")).toContainText(/link.*(used|good|expired|old)/i);
  });
});

test.describe("the account", () => {
  test("the name changes", async ({ page }) => {
    await account(page);
    await open(page, "/account");
    const profile = region(page, "Profile");
    await expect(field(profile, "Name (optional)")).toHaveValue("Asha Rao");
    await field(profile, "Name (optional)").fill("Asha <b>K.</b> Rao");
    await button(profile, "Save the name").click();
    await page.waitForURL("**/account?saved=name");
    await expect(page.getByRole("status").first()).toContainText("Your name is saved");
    await expect(field(profile, "Name (optional)")).toHaveValue("Asha <b>K.</b> Rao");
  });

  test("the password changes, and other sessions end", async ({ page, browser, allowedErrors }) => {
    allowedErrors.push(refusal("/fn/change_password"));
    const trader = await account(page);
    const elsewhere = await browser.newContext({ javaScriptEnabled: hasScript(), baseURL: process.env.SIGNALBOX_URL });
    const other = await elsewhere.newPage();
    await enter(other, trader);
    await open(other, "/account");
    await open(page, "/account");
    await expect(region(page, "Sessions").getByRole("listitem")).toHaveCount(2);
    const section = region(page, "Password");
    await field(section, "Current password").fill("not this one");
    await field(section, "New password").fill(ANOTHER);
    await button(section, "Change the password").click();
    await expect(field(section, "Current password")).toHaveAccessibleDescription(/wrong|not/i);
    await field(section, "Current password").fill(trader.password);
    await field(section, "New password").fill(ANOTHER);
    await button(section, "Change the password").click();
    await page.waitForURL("**/account?saved=password");
    await expect(region(page, "Sessions").getByRole("listitem")).toHaveCount(1);
    await other.goto("/account");
    await other.waitForURL("**/login?next=**");
    await elsewhere.close();
  });

  test("the e-mail address changes once the link at the new one is followed", async ({ page, allowedErrors }) => {
    allowedErrors.push(refusal("/fn/change_email"));
    const trader = await account(page);
    const fresh = newTrader().email;
    await open(page, "/account");
    const section = region(page, "E-mail address");
    await field(section, "New e-mail").fill(fresh);
    await field(section, "Password").fill("not this one");
    await button(section, "Change the address").click();
    await expect(field(section, "Password")).toHaveAccessibleDescription(/wrong|not/i);
    await expect(field(section, "New e-mail")).toHaveValue(fresh);
    await field(section, "Password").fill(trader.password);
    await button(section, "Change the address").click();
    await page.waitForURL("**/account?saved=email");
    await expect(region(page, "Profile"), "the old one stays for now").toContainText(trader.email);
    await open(page, await mailedLink(page, fresh, "/verify-email"));
    await button(page, "Confirm this address").click();
    await page.waitForURL("**/verify-email?done=1");
    await open(page, "/account");
    await expect(region(page, "Profile")).toContainText(fresh);
  });

  test("a session elsewhere is ended", async ({ page, browser }) => {
    const trader = await account(page);
    const elsewhere = await browser.newContext({ javaScriptEnabled: hasScript(), baseURL: process.env.SIGNALBOX_URL });
    const other = await elsewhere.newPage();
    await enter(other, trader);
    await open(page, "/account");
    const sessions = region(page, "Sessions").getByRole("listitem");
    await expect(sessions).toHaveCount(2);
    await button(sessions.filter({ hasNotText: "This one" }), "End").click();
    await expect(sessions).toHaveCount(1);
    await expect(sessions).toContainText("This one");
    await other.goto("/account");
    await other.waitForURL("**/login?next=**");
    await elsewhere.close();
  });

  test("deleting wants the address and the password, and is for good", async ({ page, allowedErrors }) => {
    allowedErrors.push(refusal("/fn/delete_account"), refusal("/fn/log_in"));
    const trader = await account(page);
    await open(page, "/account");
    const section = region(page, "Delete the account");
    await expect(section).toContainText(trader.email);
    await field(section, "Your e-mail address, to confirm").fill("somebody@example.com");
    await field(section, "Password").fill(trader.password);
    await button(section, "Delete my account").click();
    await expect(field(section, "Your e-mail address, to confirm")).toHaveAccessibleDescription(/address/i);
    await expect(field(section, "Your e-mail address, to confirm")).toHaveAttribute("aria-invalid", "true");
    await expect(field(section, "Your e-mail address, to confirm")).toHaveValue("somebody@example.com");
    await field(section, "Your e-mail address, to confirm").fill(trader.email);
    await field(section, "Password").fill(trader.password);
    await button(section, "Delete my account").click();
    await page.waitForURL("**/?deleted=1");
    await expect(page.getByRole("status")).toContainText("deleted");
    await open(page, "/login");
    await field(page, "E-mail").fill(trader.email);
    await field(page, "Password").fill(trader.password);
    await button(page, "Log in").click();
    await expect(page.getByRole("alert")).toContainText(/wrong/);
  });

  test("deleting an account that has paid says what is lost, and one mail tells of both", async ({ page }) => {
    const trader = await paidAccount(page);
    await open(page, "/account");
    const section = region(page, "Delete the account");
    await expect(section).toContainText(/Your plan is paid until \d+ \w+ \d{4}.*the days until then are lost/);
    await field(section, "Your e-mail address, to confirm").fill(trader.email);
    await field(section, "Password").fill(trader.password);
    await button(section, "Delete my account").click();
    await page.waitForURL("**/?deleted=1");
    const mails = page.locator(".mail", { hasText: trader.email });
    await expect(async () => {
      await page.goto("/dev/outbox");
      await expect(mails.filter({ hasText: "Your account was deleted" })).toContainText(/It was paid until/, { timeout: 500 });
    }).toPass({ intervals: [100, 200, 500] });
    await expect(mails.filter({ hasText: "Your plan has ended" })).toHaveCount(0);
  });

  test("the data can be taken along", async ({ page }) => {
    const trader = await account(page);
    await open(page, "/account");
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export my data" }).click();
    const chunks: Buffer[] = [];
    for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    expect(JSON.parse(text)).toBeTruthy();
    expect(text).toContain(trader.email);
    expect(text).not.toMatch(/argon2/);
  });
});

test("a checkout that is not one's own is told at once", async ({ page }) => {
  await account(page);
  await open(page, "/dashboard?checkout=success&session_id=cs_test_nobody");
  const notice = page.getByRole("status").filter({ hasText: "This account has no such checkout" });
  await expect(notice).toContainText("nothing is lost");
  await expect(notice.getByRole("link", { name: "Reload this page" })).toBeVisible();
});

test("a checkout that was called off says so and offers to go on", async ({ page }) => {
  await account(page);
  await open(page, "/pricing");
  await button(page, "Subscribe").click();
  await page.waitForURL(`${process.env.SIGNALBOX_STRIPE_URL}/**`);
  await page.getByRole("link", { name: "Cancel and go back" }).click();
  await page.waitForURL("**/dashboard?checkout=canceled");
  await interactive(page);
  const notice = page.getByRole("status").filter({ hasText: "The checkout was canceled" });
  await expect(notice).toContainText("Nothing was charged");
  await button(notice, "Subscribe").click();
  await page.waitForURL(`${process.env.SIGNALBOX_STRIPE_URL}/c/pay/**`);
});
