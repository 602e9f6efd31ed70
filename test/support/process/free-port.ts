import { createServer } from "node:net";
import { listenOnFreePort } from "./listen.ts";

/** A loopback port that nobody has at the moment. Another process may take it before it is used. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnFreePort(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
