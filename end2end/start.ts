import { startServer } from "./server";

/** One program for all specs; those that move the sandbox's clock start one of their own. */
export default async function start(): Promise<() => Promise<void>> {
  const server = await startServer();
  process.env.SIGNALBOX_URL = server.url;
  process.env.SIGNALBOX_STRIPE_URL = server.stripe;
  return () => server.stop();
}
