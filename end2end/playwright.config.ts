import { defineConfig, devices } from "@playwright/test";

/** Chromium as installed; a sandboxed root needs these, and nothing may call home. */
const launchOptions = {
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

/** The README's pictures are drawn on demand only. */
const onDemand = process.env.SIGNALBOX_README_SHOTS ? [] : [/readme\.hydrate\.spec\.ts$/];

/**
 * Every spec runs with JavaScript on and off; `*.hydrate.spec.ts` are about what JavaScript adds and run with it only.
 */
export default defineConfig({
  testDir: "specs",
  outputDir: "results/traces",
  globalSetup: "./start.ts",
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  retries: 0,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: { ...devices["Desktop Chrome"], channel: undefined, launchOptions, trace: "retain-on-failure" },
  projects: [
    { name: "hydrated", testIgnore: onDemand, use: { javaScriptEnabled: true } },
    { name: "plain", testIgnore: /\.hydrate\.spec\.ts$/, use: { javaScriptEnabled: false } },
  ],
});
