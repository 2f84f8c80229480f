import { startServer } from "./server";

/** One program for all specs, with its operator; specs that move the sandbox's clock start one of their own. */
export default async function start(): Promise<() => Promise<void>> {
  const server = await startServer();
  const operator = { email: "desk@example.com", password: "a calm instrument" };
  await server.command(["admin", "create", operator.email], { SIGNALBOX_ADMIN_PASSWORD: operator.password });
  process.env.SIGNALBOX_URL = server.url;
  process.env.SIGNALBOX_STRIPE_URL = server.stripe;
  process.env.SIGNALBOX_OPERATOR = JSON.stringify(operator);
  process.env.SIGNALBOX_FOLDER = server.dataDir;
  return () => server.stop();
}
