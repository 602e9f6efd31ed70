import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { type Agent, request as httpsRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";

/** What goes wrong with one request. */
export type Fault =
  /** It reaches the server later. */
  | { readonly kind: "latency"; readonly ms: number }
  /** It is never answered, and the server never hears of it; the connection stays open. */
  | { readonly kind: "hang" }
  /** The connection breaks before the server hears of it. */
  | { readonly kind: "reset" }
  /** The server does what it was asked and the connection breaks before its answer. */
  | { readonly kind: "lost-response" }
  /** The answer breaks off in the middle. */
  | { readonly kind: "truncated-response" }
  /** The proxy answers in the server's place, which hears nothing of it. */
  | { readonly kind: "status"; readonly status: 401 | 409 | 429 | 500 | 503; readonly retryAfter?: number }
  /** A watch is told that its resourceVersion is too old, as the server does: by an event, after a 200. */
  | { readonly kind: "gone" }
  /** What a watch tells arrives so much later, in order. */
  | { readonly kind: "delayed-events"; readonly ms: number };

/** One request that came by. */
export interface ProxiedRequest {
  /** From 1, in the order they came in. */
  readonly n: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isWatch: boolean;
}

/** What the proxy knows, shared by all that it lets through. */
export interface ProxyState {
  readonly server: string;
  readonly agent: Agent;
  readonly requests: ProxiedRequest[];
  /** Answers to watches that are open. */
  readonly watches: Map<ServerResponse, IncomingMessage>;
  decide: (request: ProxiedRequest) => Fault | undefined;
  listener: (n: number, method: string, path: string) => void;
  /** Set while the world stands still. */
  frozen: PromiseWithResolvers<void> | undefined;
  /** Versions are texts without an order, as an aggregated API may have. */
  opaque: boolean;
}

const reasons = {
  401: "Unauthorized",
  409: "Conflict",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
} as const;

/** One request: let through, held up or broken, as the test decided. */
export async function handle(state: ProxyState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const proxied = describeRequest(state.requests.length + 1, request);
  state.requests.push(proxied);
  state.listener(proxied.n, proxied.method, proxied.path);
  await state.frozen?.promise;
  const fault = state.decide(proxied);
  if (fault !== undefined && answerInPlace(fault, request, response)) return;
  if (fault?.kind === "latency") await pause(fault.ms);
  const upstream = await forward(state, request, response);
  await state.frozen?.promise;
  if (fault?.kind === "lost-response" || fault?.kind === "truncated-response")
    return breakOff(fault.kind, upstream, response);
  if (state.opaque) return passOnOpaque(upstream, response);
  passOn(state, { proxied, upstream, response, lateMs: fault?.kind === "delayed-events" ? fault.ms : 0 });
}

/** Whether the fault leaves nothing for the server to do. */
function answerInPlace(fault: Fault, request: IncomingMessage, response: ServerResponse): boolean {
  switch (fault.kind) {
    case "reset":
      request.socket.resetAndDestroy();
      return true;
    case "hang":
      return true;
    case "status":
      answerStatus(response, fault.status, fault.retryAfter);
      return true;
    case "gone":
      response.writeHead(200, { "content-type": "application/json" }).end(goneEvent);
      return true;
    case "latency":
    case "lost-response":
    case "truncated-response":
    case "delayed-events":
      return false;
  }
}

function describeRequest(n: number, request: IncomingMessage): ProxiedRequest {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const isWatch = ["true", "1"].includes(searchParams.get("watch") ?? "");
  return { n, method: request.method ?? "GET", path: pathname, query: searchParams, isWatch };
}

function forward(state: ProxyState, request: IncomingMessage, response: ServerResponse): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = without(request.headers, ["host", "connection", ...(state.opaque ? ["content-length"] : [])]);
    const path = request.url ?? "/";
    const target = new URL(state.opaque ? toNumbers(path) : path, state.server);
    const outgoing = httpsRequest(target, { agent: state.agent, method: request.method, headers }, resolve);
    outgoing.once("error", reject);
    // A caller that goes away takes its request along, so that the server sees it end as well.
    response.once("close", () => outgoing.destroy());
    if (state.opaque) void buffer(request).then((body) => outgoing.end(toNumbers(body.toString())), reject);
    else request.pipe(outgoing);
  });
}

/** The server's work is done and its answer read to the end before anything breaks. */
async function breakOff(
  kind: "lost-response" | "truncated-response",
  upstream: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await buffer(upstream);
  if (kind === "lost-response") {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(upstream.statusCode ?? 502, { ...withoutFraming(upstream), "content-length": body.length });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

interface Exchange {
  readonly proxied: ProxiedRequest;
  readonly upstream: IncomingMessage;
  readonly response: ServerResponse;
  readonly lateMs: number;
}

function passOn(state: ProxyState, { proxied, upstream, response, lateMs }: Exchange): void {
  response.writeHead(upstream.statusCode ?? 502, withoutFraming(upstream));
  // Without this, a watch's head would wait for its first event.
  response.flushHeaders();
  if (proxied.isWatch) {
    state.watches.set(response, upstream);
    response.once("close", () => state.watches.delete(response));
  }
  const inTime = (action: () => void): void => void (lateMs === 0 ? action() : setTimeout(action, lateMs));
  upstream.on("data", (chunk: Buffer) => {
    inTime(() => {
      if (!response.writableEnded) response.write(chunk);
    });
  });
  upstream.once("end", () => inTime(() => response.end()));
  upstream.once("error", () => response.destroy());
  response.once("close", () => upstream.destroy());
}

/** Line by line, so that no version is cut in two. */
function passOnOpaque(upstream: IncomingMessage, response: ServerResponse): void {
  response.writeHead(upstream.statusCode ?? 502, without(withoutFraming(upstream), ["content-length"]));
  response.flushHeaders();
  let rest = "";
  upstream.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) response.write(`${toTexts(line)}\n`);
  });
  upstream.once("end", () => response.end(toTexts(rest)));
  upstream.once("error", () => response.destroy());
  response.once("close", () => upstream.destroy());
}

/** `12` becomes a text by which nobody can tell what came first: its digits backwards. */
function toTexts(text: string): string {
  return text.replaceAll(/"resourceVersion":"(\d+)"/g, (_, digits: string) => {
    return `"resourceVersion":"abc-${[...digits].reverse().join("")}"`;
  });
}

function toNumbers(text: string): string {
  return text.replaceAll(/abc-(\d+)/g, (_, digits: string) => [...digits].reverse().join(""));
}

function withoutFraming(upstream: IncomingMessage): OutgoingHttpHeaders {
  return without(upstream.headers, ["transfer-encoding", "connection"]);
}

function without(headers: IncomingHttpHeaders | OutgoingHttpHeaders, names: readonly string[]): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

function answerStatus(response: ServerResponse, status: keyof typeof reasons, retryAfter: number | undefined): void {
  const wait = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  response
    .writeHead(status, { "content-type": "application/json", ...wait })
    .end(JSON.stringify(failureStatus(status, reasons[status], "injected by the fault proxy")));
}

function failureStatus(code: number, reason: string, message: string): object {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
}

/** What a server tells a watch whose resourceVersion it has forgotten. */
export const goneEvent = `${JSON.stringify({ type: "ERROR", object: failureStatus(410, "Expired", "too old resource version: 1 (2)") })}\n`;
