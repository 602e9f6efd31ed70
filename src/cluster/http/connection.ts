import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { abortFailure } from "../../model/async/abort-failure.ts";
import { Failure } from "../../model/failure.ts";
import type { Impersonation, RequestCounts, RequestKind } from "../cluster.ts";
import { abortable } from "../failures/abortable.ts";
import type { Answer } from "../failures/api-status.ts";
import { type Broken, brokenAnswer, unreachable } from "../failures/unreachable.ts";
import { type AnswerLimits, AnswerTooLarge, mostStatusValues, textWithin } from "./answer-limits.ts";
import { Loan, type Room } from "./memory-budget.ts";
import { createReachability, type Reachability } from "./reachability.ts";
import { type Cost, readJson } from "./read-json.ts";
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
  /** The ETag of an answer at hand: unchanged is answered by 304. */
  readonly ifNoneMatch?: string;
  /** Set where a success is not JSON. */
  readonly text?: boolean;
  /** Set where sending it twice does no harm. */
  readonly repeatable: boolean;
  /** Set where it must not wait behind others for a connection. */
  readonly urgent?: boolean;
}

/** An answer whose body, if it is a success, is still on its way. */
export interface StreamAnswer extends Answer {
  readonly stream?: Readable;
}

/** Sends requests as one user. An answer that is no success is an answer; only the lack of one throws. */
export interface Connection {
  readonly server: string;
  readonly limits: AnswerLimits;
  /** Where what its answers hold is counted. */
  readonly room: Room;
  /** Sends, again where that may help, and reads the answer. Throws `ClusterUnreachable`, `Unauthorized`, `Interrupted`. */
  send(request: ApiRequest, signal: AbortSignal): Promise<Answer>;
  /** The same over a connection of its own, whose body is left to be read; silence for `silenceMs` breaks it. */
  open(request: ApiRequest, silenceMs: number, signal: AbortSignal): Promise<StreamAnswer>;
  /** The same connections as another user. */
  impersonate(who: Impersonation): Connection;
  counts(): RequestCounts;
  /** Calls the listener when an answer comes after a request of whatever user got none; returns how to stop that. */
  onReturn(listener: () => void): () => void;
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

type Headers = Readonly<Record<string, string | string[]>>;

function connectionAs(shared: Shared, who: Impersonation | undefined): Connection {
  const { transport, counts, reachability } = shared;
  const identity = identityHeaders(who);
  const prepare = async (request: ApiRequest, fresh: boolean, signal: AbortSignal) => {
    if (signal.aborted) throw abortFailure(signal);
    // A login plugin may hang: what waits for it does not.
    const authorization = await abortable(transport.credentials(fresh), signal);
    counts[request.kind]++;
    const headers = { ...headersOf(request, authorization), ...identity };
    return dispatchOptions(transport, request, { headers, signal });
  };
  return {
    server: transport.server,
    limits: transport.limits,
    room: transport.room,
    send(request, signal) {
      const attempt = async (fresh: boolean) =>
        noted(reachability, await exchange(transport, request, await prepare(request, fresh, signal)));
      return retried(attempt, request.repeatable, signal);
    },
    open(request, silenceMs, signal) {
      const attempt = async (fresh: boolean) => {
        const options = { ...(await prepare(request, fresh, signal)), bodyTimeout: silenceMs };
        const outcome = noted(reachability, await openStream(transport, request, options));
        if ("stream" in outcome) {
          outcome.stream?.once("error", () => {
            if (!signal.aborted) reachability.missed();
          });
        }
        return outcome;
      };
      return retried(attempt, request.repeatable, signal);
    },
    impersonate: (other) => connectionAs(shared, other),
    counts: () => ({ ...counts }),
    onReturn: (listener) => reachability.onReturn(listener),
    async close() {
      await Promise.all([transport.requests.destroy(), transport.unqueued.destroy()]);
    },
  };
}

/** What a proxy answers for a server that is away counts as no answer. */
function noted<A extends Answer>(reachability: Reachability, outcome: A | Broken): A | Broken {
  if ("failure" in outcome || outcome.status >= 502) reachability.missed();
  else reachability.answered();
  return outcome;
}

type Dispatched = Dispatcher.RequestOptions & { readonly signal: AbortSignal };

async function exchange(transport: Transport, request: ApiRequest, options: Dispatched): Promise<Answer | Broken> {
  try {
    const lane = request.urgent === true ? transport.unqueued : transport.requests;
    const response = await lane.request(options);
    return (await answerOf(transport, request, response)) ?? brokenAnswer(transport.server);
  } catch (thrown) {
    return brokenBy(thrown, transport, options.signal);
  }
}

async function openStream(
  transport: Transport,
  request: ApiRequest,
  options: Dispatched,
): Promise<StreamAnswer | Broken> {
  try {
    const response = await transport.unqueued.request(options);
    if (response.statusCode === 200) return { status: 200, body: undefined, stream: response.body };
    return (await answerOf(transport, request, response)) ?? brokenAnswer(transport.server);
  } catch (thrown) {
    return brokenBy(thrown, transport, options.signal);
  }
}

function brokenBy(thrown: unknown, transport: Transport, signal: AbortSignal): Broken {
  if (signal.aborted) throw abortFailure(signal);
  // What is out of reach was judged where connections are made.
  const outOfReach = thrown instanceof Failure && thrown.code === "SourceDenied";
  if (thrown instanceof Failure && !outOfReach) return { failure: thrown, again: "never" };
  return unreachable(thrown, transport.server);
}

/** Undefined where it was cut off on the way. */
async function answerOf(
  transport: Transport,
  request: ApiRequest,
  response: Dispatcher.ResponseData,
): Promise<Answer | undefined> {
  const { server, limits, room } = transport;
  using loan = new Loan(room);
  const isList = request.kind === "list";
  const bytes = isList ? limits.pageBytes : limits.answerBytes;
  const text = await textWithin(response.body, server, { bytes, ms: limits.answerMs }, loan);
  const succeeded = response.statusCode < 300;
  const values = isList ? limits.pageValues : limits.answerValues;
  const body = succeeded && request.text === true ? text : await jsonOf(text, succeeded, { server, values, loan });
  // A success that is not JSON to its end was cut off on the way; what comes with another code may be a proxy's HTML.
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

/** Undefined where it is none, or far more than the Status of what is no success. */
async function jsonOf(text: string, succeeded: boolean, cost: Cost): Promise<unknown> {
  try {
    return await readJson(text, succeeded ? cost : { ...cost, values: mostStatusValues });
  } catch (thrown) {
    if (thrown instanceof SyntaxError || (!succeeded && thrown instanceof AnswerTooLarge)) return undefined;
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

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
function identityHeaders(who: Impersonation | undefined): Headers {
  if (who === undefined) return {};
  const names = [who.user, ...(who.groups ?? [])];
  if (who.user === "" || names.some((name) => !/^[\x20-\x7e]*$/.test(name))) {
    throw new Failure("SpecInvalid", { message: `cannot act as ${JSON.stringify(who.user)}: not a name of a user` });
  }
  const groups = who.groups === undefined || who.groups.length === 0 ? {} : { "impersonate-group": [...who.groups] };
  return { "impersonate-user": who.user, ...groups };
}

function noRequests(): Record<RequestKind, number> {
  const none = { get: 0, list: 0, watch: 0, apply: 0, dryRun: 0, patch: 0, create: 0, update: 0, delete: 0 };
  return { ...none, logs: 0, discovery: 0 };
}
