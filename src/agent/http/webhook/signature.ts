import { createHmac, type Hmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** GitHub sends no more. The body is not kept in memory. */
export const largestBody: number = 25 * 1024 ** 2;

/** A signature in a request: the HMAC of its body under the token. */
interface Claim {
  readonly algorithm: "sha256" | "sha512";
  /** Hex. */
  readonly signature: string;
}

/** Headers with a bare SHA-256: Gitea, Forgejo, Gogs. */
const bareHeaders = ["x-gitea-signature", "x-forgejo-signature", "x-gogs-signature"] as const;
/** Headers with the algorithm before the signature: GitHub, Bitbucket, and the generic one that Flux knows as well. */
const namedHeaders = ["x-hub-signature-256", "x-hub-signature", "x-signature"] as const;

/**
 * Tells whether a request was made by somebody who has the token: its body is signed with it, or, as GitLab does, the token
 * itself is in a header. Takes the same time whatever is wrong with what was sent. Reads the body to its end, or until it
 * is larger than `largestBody`.
 */
export async function isFromSender(
  headers: IncomingHttpHeaders,
  body: AsyncIterable<Uint8Array>,
  token: string,
): Promise<"yes" | "no" | "tooLarge"> {
  const claims = claimsOf(headers);
  const hmacs = new Map(claims.map(({ algorithm }) => [algorithm, createHmac(algorithm, token)]));
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > largestBody) return "tooLarge";
    for (const hmac of hmacs.values()) hmac.update(piece);
  }
  const digests = new Map(
    [...hmacs].map(([algorithm, hmac]: readonly [string, Hmac]) => [algorithm, hmac.digest("hex")]),
  );
  const signed = claims.map(({ algorithm, signature }) => isSame(signature, digests.get(algorithm) ?? ""));
  const gitlab = headers["x-gitlab-token"];
  const known = typeof gitlab === "string" && isSame(gitlab, token);
  return known || signed.includes(true) ? "yes" : "no";
}

function claimsOf(headers: IncomingHttpHeaders): readonly Claim[] {
  const bare = bareHeaders.flatMap((name): Claim[] => {
    const signature = headers[name];
    return typeof signature === "string" ? [{ algorithm: "sha256", signature }] : [];
  });
  const named = namedHeaders.flatMap((name): Claim[] => {
    const [, algorithm, signature = ""] = /^(sha256|sha512)=(.+)$/.exec(String(headers[name] ?? "")) ?? [];
    return algorithm === "sha256" || algorithm === "sha512" ? [{ algorithm, signature }] : [];
  });
  return [...bare, ...named];
}

/** In the same time for all texts of a length, whatever the lengths are: what is compared are their digests. */
function isSame(given: string, wanted: string): boolean {
  const key = randomBytes(32);
  const digest = (text: string) => createHmac("sha256", key).update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
