import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** A program of its own: embedded, on free ports, with an empty data folder. */
export interface Server {
  readonly url: string;
  /** The Stripe sandbox's address. */
  readonly stripe: string;
  readonly dataDir: string;
  /** Runs a command of the program on the same data. */
  command(args: string[], settings?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the program that `cargo xtask test` built (`SIGNALBOX_TEST_BIN`) and waits until it is ready. */
export async function startServer(settings: Record<string, string> = {}): Promise<Server> {
  const program = process.env.SIGNALBOX_TEST_BIN;
  if (!program) throw new Error("SIGNALBOX_TEST_BIN is not set: run the browser tests with `cargo xtask test e2e`");
  const [port, stripePort] = [await freePort(), await freePort()];
  const dataDir = await mkdtemp(join(tmpdir(), "signalbox-e2e-"));
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env.PATH,
    RUST_LOG: process.env.RUST_LOG ?? "warn",
    LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
    STRIPE_SANDBOX_ADDR: `127.0.0.1:${stripePort}`,
    SIGNALBOX_DATA_DIR: join(dataDir, "data"),
    SIGNALBOX_LIMITS__AUTH_PER_MINUTE: "1000",
    SIGNALBOX_LIMITS__REQUESTS_PER_MINUTE: "100000",
    SIGNALBOX_LIMITS__REQUESTS_BURST: "10000",
    // The market all but stands still: what is newest stays so, unless a test lets the market go.
    SIGNALBOX_MARKET__DAYS_PER_MINUTE: "0.001",
    ...settings,
  };
  const child = spawn(program, ["serve"], { cwd: dataDir, env, stdio: ["ignore", "inherit", "inherit"] });
  const command = async (args: string[], more: Record<string, string> = {}) => {
    await promisify(execFile)(program, args, { cwd: dataDir, env: { ...env, ...more } });
  };
  const stop = async () => {
    await ended(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await ready(child, `${url}/health/ready`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stripe: `http://127.0.0.1:${stripePort}`, dataDir, command, stop };
}

// Below the ports that the system gives to outgoing connections: one of these could take it before the program does.
async function freePort(): Promise<number> {
  const port = 10_000 + Math.floor(Math.random() * 22_000);
  const free = await new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
  return free ? port : freePort();
}

async function ready(child: ChildProcess, health: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}`);
    const answer = await fetch(health).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the program was not ready within 30 seconds");
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const end = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await end;
}
