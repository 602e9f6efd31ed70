import type { Dispatcher } from "undici";
import type { Credentials } from "../credentials/credentials.ts";
import type { Reach } from "../reach/reach.ts";
import { collect } from "./body.ts";
import { installationToken, type PostToGithub } from "./github-app.ts";
import { type HttpClient, openHttpClient } from "./http-connections.ts";

/** One request. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Buffer | null;
}

/** Requests to an HTTP server, authenticated. */
export interface HttpSession {
  /** The response as it arrives; the caller reads its body, or dumps it. Follows no redirect. */
  readonly send: (url: string, request: HttpRequest, signal: AbortSignal) => Promise<Dispatcher.ResponseData>;
  readonly close: () => Promise<void>;
}

/** How requests name this program, and what they may reach. */
export interface HttpSettings {
  readonly userAgent: string;
  readonly reach: Reach;
}

const maxTokenBytes = 64 * 1024;

/**
 * A session for the server of an address: connections are kept, the proxy variables of the environment are honoured, the
 * credentials go with the first request (no 401 round trip) and never to another scheme, host or port, wherever requests are
 * sent; those go no further than the reach.
 */
export function httpSession(
  address: string,
  credentials: Credentials,
  { userAgent, reach }: HttpSettings,
): HttpSession {
  // Loaded when it is needed: a render of local files must not wait for an HTTP client.
  let opened: Promise<HttpClient> | undefined;
  const { origin } = new URL(address);
  const open = () => {
    opened ??= openHttpClient(credentials, origin, reach);
    return opened;
  };
  const authorize = authorizer(credentials, async (url, headers, signal) => {
    const { request } = await open();
    const answer = await request(url, {
      method: "POST",
      headers: { ...headers, "user-agent": userAgent },
      signal,
    });
    const body = await collect(answer.body, maxTokenBytes);
    return { status: answer.statusCode, body: answer.statusCode === 201 ? json(body) : undefined };
  });

  return {
    async send(url, { method, headers: given, body = null }, signal) {
      const headers: Record<string, string> = { ...given, "user-agent": userAgent };
      const authorization = new URL(url).origin === origin ? await authorize(signal) : undefined;
      if (authorization !== undefined) headers.authorization = authorization;
      const { request } = await open();
      return request(url, { method, headers, body, signal });
    },
    close: async () => (await opened)?.close(),
  };
}

/** Undefined where it is none: the parser's own words would quote what it read, a token among it. */
function json(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}

type Authorize = (signal: AbortSignal) => Promise<string | undefined>;

function authorizer({ bearerToken, username, password, githubApp }: Credentials, post: PostToGithub): Authorize {
  const basic = (user: string, secret: string) => `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
  if (githubApp !== undefined) {
    const token = installationToken(githubApp, post);
    return async (signal) => basic("x-access-token", await token(signal));
  }
  if (bearerToken !== undefined) return async () => `Bearer ${bearerToken}`;
  if (username !== undefined && password !== undefined) return async () => basic(username, password);
  return async () => undefined;
}
