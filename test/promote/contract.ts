import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { onTestFinished } from "vitest";
import type { Json } from "../../src/model/json/json.ts";
import { listenOnFreePort } from "../support/process/listen.ts";

/** A request that must come, and what is answered: as the forge's documentation says, on the page that is named. */
export interface Exchange {
  /** The documentation page that this follows. */
  readonly page: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The JSON that must be sent; nothing may be sent where it is absent. */
  readonly body?: Json;
  /** Instead: takes whatever is sent. */
  readonly anyBody?: (sent: string) => void;
  readonly status?: number;
  readonly answerHeaders?: Readonly<Record<string, string>>;
  readonly answer?: Json;
}

/** A server that answers as it was told, and nothing else. */
export interface Contract {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** What came that was not told, and what was told and did not come. */
  readonly breaches: () => readonly string[];
}

/** Starts it on loopback. Each exchange serves once; several that fit serve in their order. */
export async function startContract(exchanges: readonly Exchange[]): Promise<Contract> {
  const open = [...exchanges];
  const unexpected: string[] = [];
  const server = createServer(async (request, response) => {
    const sent = await text(request);
    const found = open.find((exchange) => fits(exchange, request, sent));
    if (found === undefined) {
      unexpected.push(`unexpected: ${request.method} ${request.url} ${sent}`);
      response.writeHead(501).end();
      return;
    }
    open.splice(open.indexOf(found), 1);
    found.anyBody?.(sent);
    const { status = 200, answer, answerHeaders = {} } = found;
    const headers = { ...(answer === undefined ? {} : { "content-type": "application/json" }), ...answerHeaders };
    response.writeHead(status, headers).end(answer === undefined ? "" : JSON.stringify(answer));
  });
  const port = await listenOnFreePort(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${port}`,
    breaches: () => [...unexpected, ...open.map(({ method, path }) => `missing: ${method} ${path}`)],
  };
}

function fits(
  { method, path, headers = {}, body, anyBody }: Exchange,
  request: IncomingMessage,
  sent: string,
): boolean {
  if (request.method !== method || request.url !== path) return false;
  if (!Object.entries(headers).every(([name, value]) => request.headers[name] === value)) return false;
  if (anyBody !== undefined) return true;
  return body === undefined ? sent === "" : sent !== "" && isDeepStrictEqual(JSON.parse(sent), body);
}
