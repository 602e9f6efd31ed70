import { Failure } from "../../../model/failure.ts";
import { ValueCount } from "../../../model/json/value-count.ts";
import {
  type HttpClient,
  installationToken,
  type Network,
  openHttpClient,
  ownMachine,
  ownReach,
} from "../../../source/index.ts";
import type { ForgeAccess } from "../access.ts";
import { createRateLimit } from "./rate-limit.ts";
import { type Answer, createResponseCache } from "./response-cache.ts";
import { forgeFailure, responseFailure } from "./response-failure.ts";

/** One request to a forge's API. */
export interface ForgeRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string | undefined;
}

/** The one way to a forge: every client library asks through it. */
export interface ForgeHttp {
  /**
   * Sends a request with the access in it, and reads the answer. Whatever is no success is thrown: ForgeBusy,
   * ForgeDenied, ForgeRefused, ForgeUnreachable, Interrupted. An answer that has not changed is not sent again.
   */
  readonly send: (request: ForgeRequest, signal: AbortSignal) => Promise<Answer>;
  /** The token, for Git. */
  readonly token: (signal: AbortSignal) => Promise<string>;
  readonly close: () => Promise<void>;
}

const defaultTimeoutMs = 30_000;
/** A comparison of GitHub holds the differences of up to 300 files. */
const largestAnswer = 16 * 1024 ** 2;
/** Twice what the longest page of a forge has. Client libraries parse an answer in one piece. */
const mostValues = 50_000;

/** What is conditionalRequest, and with what. */
export interface ForgeHttpOptions {
  readonly access: ForgeAccess;
  readonly userAgent: string;
  readonly timeoutMs?: number | undefined;
  readonly network?: Network | undefined;
}

/** The way to the forge at an API's address. Nothing is conditionalRequest yet. */
export function createForgeHttp(apiUrl: string, options: ForgeHttpOptions): ForgeHttp {
  const { access, userAgent, timeoutMs = defaultTimeoutMs } = options;
  const { host, origin } = new URL(apiUrl);
  const rateLimit = createRateLimit(host);
  const cache = createResponseCache();
  let opened: Promise<HttpClient> | undefined;

  const exchange = async ({ method, url, headers, body }: ForgeRequest, signal: AbortSignal): Promise<Answer> => {
    opened ??= openHttpClient({ ca: access.ca }, origin, ownReach(options.network ?? ownMachine));
    const { request } = await opened;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const ends = AbortSignal.any([signal, timeout]);
      const own = { ...headers, "user-agent": userAgent };
      const answer = await request(url, { method, headers: own, body: body ?? null, signal: ends });
      return {
        status: answer.statusCode,
        headers: headersOf(answer.headers),
        body: await readWhole(answer.body, host),
      };
    } catch (thrown) {
      if (signal.aborted) throw new Failure("Interrupted", { message: `a request to ${host} was interrupted` });
      if (thrown instanceof Failure) throw asOfForge(thrown);
      const why = timeout.aborted ? `no answer within ${timeoutMs / 1000} seconds` : reasonOf(thrown);
      throw new Failure("ForgeUnreachable", { message: `cannot reach ${host}: ${why}` }, { cause: thrown });
    }
  };
  const token = tokenOf(access, exchange);
  return {
    token,
    async send(request, signal) {
      // The server chooses the URL of the next page; the token must go to no other server.
      if (new URL(request.url).origin !== origin) throw elsewhere(host);
      rateLimit.check();
      const authorization = `Bearer ${await token(signal)}`;
      const etag = request.method === "GET" ? cache.etag(request.url) : undefined;
      const conditional = etag === undefined ? {} : { "if-none-match": etag };
      const conditionalRequest = { ...request, headers: { ...request.headers, ...conditional, authorization } };
      const answer = await exchange(conditionalRequest, signal);
      rateLimit.observe(answer.status, answer.headers);
      const response = request.method === "GET" ? cache.resolve(request.url, answer) : answer;
      if (response.status >= 200 && response.status < 300) return response;
      throw responseFailure(request, response.status, response.body);
    },
    close: async () => (await opened)?.close(),
  };
}

type Exchange = (request: ForgeRequest, signal: AbortSignal) => Promise<Answer>;

function tokenOf({ token, githubApp }: ForgeAccess, exchange: Exchange): (signal: AbortSignal) => Promise<string> {
  if (githubApp === undefined) return async () => token ?? "";
  const ask = installationToken(githubApp, async (url, headers, signal) => {
    const { status, body } = await exchange({ method: "POST", url, headers }, signal);
    return { status, body: status === 201 ? JSON.parse(body.toString()) : undefined };
  });
  return (signal) =>
    ask(signal).catch((thrown: unknown) => {
      throw asOfForge(forgeFailure(thrown));
    });
}

/** What is said of a source, said of a forge. */
function asOfForge(failure: Failure): Failure {
  if (failure.code === "SourceUnreachable") return new Failure("ForgeUnreachable", failure.problems);
  return failure.code.startsWith("Source") ? new Failure("ForgeDenied", failure.problems) : failure;
}

function headersOf(raw: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
  }
  return headers;
}

async function readWhole(body: AsyncIterable<Uint8Array>, host: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  const values = new ValueCount();
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > largestAnswer) throw new Failure("ForgeRefused", { message: `${host} answers with more than 16 MiB` });
    if (values.take(part) > mostValues) {
      throw new Failure("ForgeRefused", { message: `${host} answers with more than ${mostValues} values` });
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function elsewhere(host: string): Failure {
  return new Failure("ForgeRefused", { message: `${host} redirects to another server, which must not get the token` });
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return reasonOf(thrown.errors[0]);
  if (thrown instanceof Error && thrown.cause !== undefined) return reasonOf(thrown.cause);
  return thrown instanceof Error && thrown.message !== "" ? thrown.message : "the connection failed";
}
