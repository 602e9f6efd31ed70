import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

/** Looks at a request first; true where it has answered, and nothing is to be handed on. */
export type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A server before another one, which sees every request first. */
export interface Front {
  /** `http://127.0.0.1:<port>`, or `https://…` with certificates. */
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
  readonly stop: () => Promise<void>;
}

/** Starts a server that hands requests on to `upstream` unless they are intercepted. With `tls` it speaks HTTPS. */
export async function startFront(upstream: string, intercept: Intercept, tls?: ServerOptions): Promise<Front> {
  const requests: IncomingMessage[] = [];
  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    requests.push(incoming);
    if (!intercept(incoming, response)) handOn(upstream, incoming, response);
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function handOn(upstream: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url = "/" } = incoming;
  const { pathname, search } = new URL(url, upstream);
  const outgoing = request(new URL(pathname + search, upstream), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on("error", () => response.destroy());
  incoming.pipe(outgoing);
}
