import type { GitHttpRequest, GitHttpResponse } from "isomorphic-git";
import type { Dispatcher } from "undici";
import type { Credentials } from "../../credentials/credentials.ts";
import { type Asking, httpSession } from "../../http/http-session.ts";
import { collect, type GitTransport } from "./git-transport.ts";

const maxRedirects = 5;
const maxRequestBytes = 1024 ** 2;

/**
 * Git over HTTP, in a session for its address. A redirect of `info/refs` moves all later requests to where it led, as git does (`http.followRedirects=initial`).
 */
export function httpTransport(address: string, credentials: Credentials, asking: Asking): GitTransport {
  const session = httpSession(address, credentials, asking);
  let answersAt = address;

  const once = async (wanted: GitHttpRequest, body: Buffer | null, signal: AbortSignal) => {
    const url = answersAt + wanted.url.slice(address.length);
    const { headers } = wanted;
    const answer = await session.send(url, { method: body === null ? "GET" : "POST", headers, body }, signal);
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
    close: () => session.close(),
  };
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
  const single = Object.entries(answer.headers).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value] as const] : [],
  );
  const headers: Record<string, string> = Object.fromEntries(single);
  const { statusCode, statusText: statusMessage } = answer;
  if (statusCode === 200) return { url, statusCode, statusMessage, headers, body: answer.body[Symbol.asyncIterator]() };
  // Nobody reads the body of a refusal, and it must not keep the connection.
  await answer.body.dump();
  return { url, statusCode, statusMessage, headers };
}
