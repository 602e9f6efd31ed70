import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { abortFailure } from "../../model/async/abort-failure.ts";
import { Failure } from "../../model/failure.ts";
import type { Impersonation, RequestCounts, RequestKind } from "../cluster.ts";
import { abortable } from "../failures/abortable.ts";
import type { ApiResponse } from "../failures/api-status.ts";
import { type ConnectionFailure, truncatedResponse, unreachable } from "../failures/unreachable.ts";
import { type Headers, identityHeaders } from "./identity-headers.ts";
import { type MemoryBudget, Reservation } from "./memory-budget.ts";
import { createReachability, type Reachability } from "./reachability.ts";
import { type Cost, readJson } from "./read-json.ts";
import { mostStatusValues, type ResponseLimits, ResponseTooLarge, textWithin } from "./response-limits.ts";
import { retried } from "./retry.ts";
import type { Transport } from "./transport.ts";

/** One request to the API server. */
export interface ApiRequest {
  readonly kind: RequestKind;
  readonly method: "GET" | "PATCH" | "POST" | "PUT" | "DELETE";
  /** With its query. */
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
  /** The ETag of a known answer: where nothing changed, the server answers 304. */
  readonly ifNoneMatch?: string;
  /** Set where a success is not JSON. */
  readonly text?: boolean;
  /** Set where it may be sent twice. */
  readonly repeatable: boolean;
  /** Set where it must not queue for a connection. */
  readonly urgent?: boolean;
}

/** An answer whose body, if it is a success, is still on its way. */
export interface StreamAnswer extends ApiResponse {
  readonly stream?: Readable;
}

/** Sends requests as one user. Any HTTP status is an answer; only the lack of one throws. */
export interface Connection {
  readonly server: string;
  readonly limits: ResponseLimits;
  /** What its answers may hold of the memory. */
  readonly memory: MemoryBudget;
  /** Sends, again where that may help, and reads the answer. Throws `ClusterUnreachable`, `Unauthorized`, `Interrupted`. */
  send(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse>;
  /** The same over a connection of its own, whose body is left to be read; silence for `silenceMs` breaks it. */
  open(request: ApiRequest, silenceMs: number, signal: AbortSignal): Promise<StreamAnswer>;
  /** The same connections as another user. */
  impersonate(who: Impersonation): Connection;
  counts(): RequestCounts;
  /** Calls the listener with the first answer after a failed request, whoever sent either; returns how to stop that. */
  onRecovery(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Makes a connection over a transport. Throws `SpecInvalid` for a name that cannot be sent as a header. */
export function createConnection(transport: Transport, who?: Impersonation): Connection {
  return connectionAs({ transport, counts: noRequests(), reachability: createReachability() }, who);
}

interface Shared {
  readonly transport: Transport;
  readonly counts: Record<RequestKind, number>;
  readonly reachability: Reachability;
}

function connectionAs(shared: Shared, who: Impersonation | undefined): Connection {
  const { transport, counts, reachability } = shared;
  const identity = identityHeaders(who);
  const prepare = async (request: ApiRequest, fresh: boolean, signal: AbortSignal) => {
    if (signal.aborted) throw abortFailure(signal);
    // A login plugin may hang; the request must not.
    const authorization = await abortable(transport.authorize(fresh, signal), signal);
    counts[request.kind]++;
    const headers = { ...headersOf(request, authorization), ...identity };
    return dispatchOptions(transport, request, { headers, signal });
  };
  return {
    server: transport.server,
    limits: transport.limits,
    memory: transport.memory,
    send(request, signal) {
      const attempt = async (fresh: boolean) =>
        recorded(reachability, await exchange(transport, request, await prepare(request, fresh, signal)));
      return retried(attempt, request.repeatable, signal);
    },
    open(request, silenceMs, signal) {
      const attempt = async (fresh: boolean) => {
        const options = { ...(await prepare(request, fresh, signal)), bodyTimeout: silenceMs };
        const outcome = recorded(reachability, await openStream(transport, request, options));
        if ("stream" in outcome) {
          outcome.stream?.once("error", () => {
            if (!signal.aborted) reachability.failed();
          });
        }
        return outcome;
      };
      return retried(attempt, request.repeatable, signal);
    },
    impersonate: (other) => connectionAs(shared, other),
    counts: () => ({ ...counts }),
    onRecovery: (listener) => reachability.onRecovery(listener),
    close: () => transport.close(),
  };
}

/** A proxy's answer for a server that is down counts as no answer. */
function recorded<A extends ApiResponse>(
  reachability: Reachability,
  outcome: A | ConnectionFailure,
): A | ConnectionFailure {
  if ("failure" in outcome || outcome.status >= 502) reachability.failed();
  else reachability.reached();
  return outcome;
}

type Dispatched = Dispatcher.RequestOptions & { readonly signal: AbortSignal };

async function exchange(
  transport: Transport,
  request: ApiRequest,
  options: Dispatched,
): Promise<ApiResponse | ConnectionFailure> {
  try {
    const pool = request.urgent === true ? transport.unlimited : transport.requests;
    const response = await pool.request(options);
    return (await readResponse(transport, request, response)) ?? truncatedResponse(transport.server);
  } catch (thrown) {
    return connectionFailure(thrown, transport, options.signal);
  }
}

async function openStream(
  transport: Transport,
  request: ApiRequest,
  options: Dispatched,
): Promise<StreamAnswer | ConnectionFailure> {
  try {
    const response = await transport.unlimited.request(options);
    if (response.statusCode === 200) return { status: 200, body: undefined, stream: response.body };
    return (await readResponse(transport, request, response)) ?? truncatedResponse(transport.server);
  } catch (thrown) {
    return connectionFailure(thrown, transport, options.signal);
  }
}

function connectionFailure(thrown: unknown, transport: Transport, signal: AbortSignal): ConnectionFailure {
  if (signal.aborted) throw abortFailure(signal);
  // `SourceDenied` comes from the lookup of a host that is out of reach.
  const outOfReach = thrown instanceof Failure && thrown.code === "SourceDenied";
  if (thrown instanceof Failure && !outOfReach) return { failure: thrown, retry: "never" };
  return unreachable(thrown, transport.server);
}

/** Undefined where the response was cut off. */
async function readResponse(
  transport: Transport,
  request: ApiRequest,
  response: Dispatcher.ResponseData,
): Promise<ApiResponse | undefined> {
  const { server, limits, memory } = transport;
  using reservation = new Reservation(memory);
  const isList = request.kind === "list";
  const bytes = isList ? limits.pageBytes : limits.answerBytes;
  const text = await textWithin(response.body, server, { bytes, ms: limits.answerMs }, reservation);
  const succeeded = response.statusCode < 300;
  const values = isList ? limits.pageValues : limits.answerValues;
  const body =
    succeeded && request.text === true ? text : await jsonOf(text, succeeded, { server, values, reservation });
  // A success that is not JSON to its end was cut off; with another code it may be a proxy's HTML.
  if (succeeded && body === undefined) return undefined;
  const retryAfter = Number(response.headers["retry-after"] ?? Number.NaN);
  const { etag } = response.headers;
  return {
    status: response.statusCode,
    body,
    bytes: text.length,
    ...(Number.isFinite(retryAfter) ? { retryAfterMs: retryAfter * 1000 } : {}),
    ...(typeof etag === "string" ? { etag } : {}),
  };
}

/** Undefined where it is not JSON, or an error with far more than a Status. */
async function jsonOf(text: string, succeeded: boolean, cost: Cost): Promise<unknown> {
  try {
    return await readJson(text, succeeded ? cost : { ...cost, values: mostStatusValues });
  } catch (thrown) {
    if (thrown instanceof SyntaxError || (!succeeded && thrown instanceof ResponseTooLarge)) return undefined;
    throw thrown;
  }
}

function dispatchOptions(
  { origin, prefix }: Transport,
  { path, method, body }: ApiRequest,
  { headers, signal }: { readonly headers: Headers; readonly signal: AbortSignal },
): Dispatched {
  return { origin, path: prefix + path, method, headers, signal, ...(body === undefined ? {} : { body }) };
}

function headersOf(request: ApiRequest, authorization: string | undefined): Headers {
  return {
    accept: request.accept ?? "application/json",
    "user-agent": "mooring",
    ...(request.contentType === undefined ? {} : { "content-type": request.contentType }),
    ...(request.ifNoneMatch === undefined ? {} : { "if-none-match": request.ifNoneMatch }),
    ...(authorization === undefined ? {} : { authorization }),
  };
}

function noRequests(): Record<RequestKind, number> {
  const none = { get: 0, list: 0, watch: 0, apply: 0, dryRun: 0, patch: 0, create: 0, update: 0, delete: 0 };
  return { ...none, logs: 0, discovery: 0 };
}
