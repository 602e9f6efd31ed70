import type { GitHttpRequest, GitHttpResponse } from "isomorphic-git";
import type { Dispatcher } from "undici";
import type { Credentials } from "../credentials.ts";
import { collect, type GitTransport } from "./git-transport.ts";
import { type AskGithub, installationToken } from "./github-app.ts";

const maxRedirects = 5;
const maxRequestBytes = 1024 ** 2;

/**
 * Git over HTTP: connections are kept, the proxy variables of the environment are honoured, the credentials go with the
 * first request (no 401 round trip) and never to another origin.
 * A redirect of `info/refs` moves all later requests to where it led, as git does (`http.followRedirects=initial`).
 */
export function httpTransport(address: string, credentials: Credentials, userAgent: string): GitTransport {
  // Loaded when it is needed: a render of local files must not wait for an HTTP client.
  let opened: ReturnType<typeof openClient> | undefined;
  const open = () => {
    opened ??= openClient(credentials);
    return opened;
  };
  const authorize = authorizer(credentials, async (url, headers, signal) => {
    const { request, dispatcher } = await open();
    const answer = await request(url, {
      method: "POST",
      headers: { ...headers, "user-agent": userAgent },
      dispatcher,
      signal,
    });
    const body = await collect(answer.body, maxRequestBytes);
    return { status: answer.statusCode, body: answer.statusCode === 201 ? json(body) : undefined };
  });
  const { origin, hostname } = new URL(address);
  const trusted = new Set([origin, `https://${hostname}`]);
  let answersAt = address;

  const once = async (wanted: GitHttpRequest, body: Buffer | null, signal: AbortSignal) => {
    const url = answersAt + wanted.url.slice(address.length);
    const headers: Record<string, string> = { ...wanted.headers, "user-agent": userAgent };
    const authorization = trusted.has(new URL(url).origin) ? await authorize(signal) : undefined;
    if (authorization !== undefined) headers.authorization = authorization;
    const { request, dispatcher } = await open();
    const answer = await request(url, { method: body === null ? "GET" : "POST", headers, body, dispatcher, signal });
    return { url, answer };
  };
  const send = async (wanted: GitHttpRequest, signal: AbortSignal): Promise<GitHttpResponse> => {
    const body = wanted.method === "POST" ? await collect(wanted.body, maxRequestBytes) : null;
    for (let redirects = 0; ; redirects++) {
      const { url, answer } = await once(wanted, body, signal);
      const moved = body === null && redirects < maxRedirects ? movedTo(answer, url) : undefined;
      if (moved === undefined) return toGitResponse(answer, url);
      await answer.body.dump();
      answersAt = moved;
    }
  };
  return {
    address,
    during: (signal) => ({ request: (wanted) => send(wanted, signal) }),
    close: async () => (await opened)?.dispatcher.destroy(),
  };
}

async function openClient(credentials: Credentials) {
  const { EnvHttpProxyAgent, ProxyAgent, request } = await import("undici");
  const tls = {
    ...(credentials.ca === undefined ? {} : { ca: credentials.ca }),
    ...(credentials.clientCertificate === undefined ? {} : { cert: credentials.clientCertificate }),
    ...(credentials.clientKey === undefined ? {} : { key: credentials.clientKey }),
  };
  // The deadline is the caller's, over all requests of a fetch; a server may think for as long as it allows.
  const options = { connect: tls, requestTls: tls, connections: 4, headersTimeout: 0, bodyTimeout: 0 };
  const { proxy } = credentials;
  const dispatcher = proxy === undefined ? new EnvHttpProxyAgent(options) : new ProxyAgent({ ...options, uri: proxy });
  return { request, dispatcher };
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

function authorizer({ bearerToken, username, password, githubApp }: Credentials, ask: AskGithub): Authorize {
  const basic = (user: string, secret: string) => `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`;
  if (githubApp !== undefined) {
    const token = installationToken(githubApp, ask);
    return async (signal) => basic("x-access-token", await token(signal));
  }
  if (bearerToken !== undefined) return async () => `Bearer ${bearerToken}`;
  if (username !== undefined && password !== undefined) return async () => basic(username, password);
  return async () => undefined;
}

const discoveryPath = /\/info\/refs$/;

/** The repository that a redirect of `info/refs` leads to; undefined for none, and for one from https to http. */
function movedTo(answer: Dispatcher.ResponseData, from: string): string | undefined {
  const { location } = answer.headers;
  if (answer.statusCode < 300 || answer.statusCode >= 400 || typeof location !== "string") return undefined;
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (to === undefined || !discoveryPath.test(to.pathname)) return undefined;
  if (to.protocol !== "https:" && to.protocol !== new URL(from).protocol) return undefined;
  return to.origin + to.pathname.replace(discoveryPath, "");
}

async function toGitResponse(answer: Dispatcher.ResponseData, url: string): Promise<GitHttpResponse> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) if (typeof value === "string") headers[name] = value;
  const { statusCode, statusText: statusMessage } = answer;
  if (statusCode === 200) return { url, statusCode, statusMessage, headers, body: answer.body[Symbol.asyncIterator]() };
  // Nobody reads the body of a refusal, and it must not keep the connection.
  await answer.body.dump();
  return { url, statusCode, statusMessage, headers };
}
