import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Failure } from "../../model/failure.ts";
import { hookPrefix } from "./webhook/path.ts";
import type { Receive } from "./webhook/receiver.ts";

/** What the agent serves. All but the hooks is read-only and public inside the cluster. */
export interface Served {
  /** Whether the agent follows the cluster; it also is when another one leads. */
  ready(): boolean;
  metrics(): Promise<string>;
  /** What sealing with the newest key takes; undefined before there is one. */
  certificate(): Promise<string | undefined>;
  /** Takes the call of a webhook; answers with a status. */
  readonly hook: Receive;
  /** Told what was thrown where a request could not be answered. */
  readonly failed: (thrown: unknown, path: string) => void;
}

/** Of a request, body and all; a slow sender is cut off. */
const requestTimeoutMs = 30_000;

/** A server that was started. */
export interface HttpServer {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serves `/healthz`, `/readyz`, `/metrics`, `/v1/cert.pem` (the path of the sealed-secrets controller), and hooks under
 * `/hook/` at `host:port`.
 * Throws `Failure` (UsageInvalid) when the address cannot be listened at.
 */
export async function serveHttp(listen: string, served: Served): Promise<HttpServer> {
  const timeouts = { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs };
  const server = createServer(timeouts, (request, response) => void answer(request, response, served));
  const at = listen.lastIndexOf(":");
  server.listen(Number(listen.slice(at + 1)), listen.slice(0, at) || undefined);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new Failure(
      "UsageInvalid",
      { message: `cannot listen at ${listen}`, hint: "choose another --listen address" },
      { cause },
    );
  }
  const bound = server.address();
  return {
    address: typeof bound === "object" && bound !== null ? `${bound.address}:${bound.port}` : listen,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  try {
    const { status, type, body } = await respond(request, served);
    const retry = status === 429 || status === 503 ? { "retry-after": "5" } : {};
    // What is left of a body that was not read is not waited for.
    const end = request.method === "POST" && !request.complete ? { connection: "close" } : {};
    response.writeHead(status, { "content-type": type, "cache-control": "no-store", ...retry, ...end }).end(body);
  } catch (thrown) {
    served.failed(thrown, request.url?.split("?")[0] ?? "");
    response.writeHead(500, { "content-type": "text/plain; charset=utf-8" }).end("internal error; see the log\n");
  }
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function respond(request: IncomingMessage, served: Served): Promise<Answer> {
  const plain = (status: number, body: string): Answer => ({ status, type: "text/plain; charset=utf-8", body });
  const { pathname } = new URL(request.url ?? "/", "http://agent");
  if (pathname.startsWith(hookPrefix)) return plain(await served.hook(pathname, request), "");
  if (request.method !== "GET" && request.method !== "HEAD") return plain(405, "only GET is served here\n");
  switch (pathname) {
    case "/healthz":
      return plain(200, "ok\n");
    case "/readyz":
      return served.ready() ? plain(200, "ok\n") : plain(503, "not following the cluster yet\n");
    case "/metrics":
      return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: await served.metrics() };
    case "/v1/cert.pem": {
      const certificate = await served.certificate();
      return certificate === undefined
        ? plain(503, "there is no sealing key yet\n")
        : { status: 200, type: "application/x-pem-file", body: certificate };
    }
    default:
      return plain(404, "no such page\n");
  }
}
