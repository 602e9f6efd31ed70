import { createHash } from "node:crypto";
import type { Dispatcher } from "undici";
import { Failure } from "../../model/failure.ts";
import { shownUrl } from "../../model/remote.ts";
import { collect } from "../http/body.ts";
import type { HttpSession } from "../http/http-session.ts";

/** A file that was got over HTTP. */
export interface RemoteFile {
  readonly content: Uint8Array;
  /** SHA-256, in hex. */
  readonly digest: string;
  /** The headers of the next, conditional request (RFC 9110). */
  readonly validators: Readonly<Record<string, string>>;
}

/** Far beyond any manifest: all CustomResourceDefinitions of the largest operators are a tenth of it. */
const maxFileBytes = 16 * 1024 ** 2;
/** As many as Go's client follows, which kustomize gets files with. */
const maxRedirects = 10;

/**
 * Gets a file, or the known one where the server answers 304. Answers with the status where it is not
 * of success. Throws `Failure` (InputTooLarge, SourceInvalid), and what the client throws.
 */
export async function getFile(
  session: HttpSession,
  url: string,
  known: RemoteFile | undefined,
  signal: AbortSignal,
): Promise<RemoteFile | number> {
  let at = url;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const answer = await session.send(at, { method: "GET", headers: known?.validators }, signal);
    const next = redirectOf(answer, at);
    if (next === undefined) return toFile(answer, known);
    await answer.body.dump();
    at = next;
  }
  throw new Failure("SourceInvalid", { message: `${shownUrl(url)} redirects more than ${maxRedirects} times` });
}

async function toFile(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  known: RemoteFile | undefined,
): Promise<RemoteFile | number> {
  if (statusCode >= 200 && statusCode < 300) {
    const content = await collect(body, maxFileBytes);
    return { content, digest: createHash("sha256").update(content).digest("hex"), validators: validatorsOf(headers) };
  }
  await body.dump();
  return statusCode === 304 && known !== undefined ? known : statusCode;
}

function validatorsOf({ etag, "last-modified": modified }: Dispatcher.ResponseData["headers"]): Record<string, string> {
  return {
    ...(typeof etag === "string" ? { "if-none-match": etag } : {}),
    ...(typeof modified === "string" ? { "if-modified-since": modified } : {}),
  };
}

/** Where a redirect leads; from https it may not lead to http. */
function redirectOf({ statusCode, headers }: Dispatcher.ResponseData, from: string): string | undefined {
  const { location } = headers;
  if (statusCode < 300 || statusCode >= 400 || typeof location !== "string") return undefined;
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (to?.protocol === "https:" || to?.protocol === new URL(from).protocol) return to.href;
  throw new Failure("SourceInvalid", { message: `${shownUrl(from)} redirects to what is not HTTPS` });
}
