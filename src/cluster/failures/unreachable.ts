import { Failure } from "../../model/failure.ts";
import { stringAt } from "../../model/json/json.ts";

/** A request without a complete response. */
export interface ConnectionFailure {
  readonly failure: Failure;
  /** Whether a retry may help: never, only for a repeatable request, or always as nothing was sent. */
  readonly retry: "never" | "ifRepeatable" | "always";
}

/** What the code of a connection's error (Node's, OpenSSL's or undici's) means, and what to do about it. */
const meanings: readonly (readonly [pattern: RegExp, message: string, again: ConnectionFailure["retry"]])[] = [
  [/^ECONNREFUSED$/, "nothing listens there", "always"],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, "the name cannot be resolved", "always"],
  [/^(?:EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/, "no connection can be made", "always"],
  [/^(?:UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ETIMEDOUT)$/, "it did not answer in time", "ifRepeatable"],
  [/^(?:UND_ERR_DESTROYED|UND_ERR_CLOSED)$/, "the connection was closed by this program", "never"],
  [/^CERT_HAS_EXPIRED$/, "its certificate has expired", "never"],
  [/ALTNAME/, "its certificate is for another name", "never"],
  [/^(?:SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_)/, "its certificate is not signed by the CA of the kubeconfig", "never"],
  [/^(?:ERR_SSL|ERR_TLS|EPROTO)/, "no TLS connection can be negotiated", "never"],
];

/** What a failed connection means. Neither the error's own message nor its causes are shown. */
export function unreachable(thrown: unknown, server: string): ConnectionFailure {
  if (thrown instanceof Failure) return { failure: new Failure("ClusterUnreachable", thrown.problems), retry: "never" };
  const code = stringAt(thrown, "code") ?? stringAt((thrown as { cause?: unknown } | undefined)?.cause, "code") ?? "";
  const [, words, again] = meanings.find(([pattern]) => pattern.test(code)) ?? [
    undefined,
    "the connection broke",
    "ifRepeatable" as const,
  ];
  const message = `cannot reach the API server ${server}: ${words}${code === "" ? "" : ` (${code})`}`;
  return { failure: new Failure("ClusterUnreachable", { message }, { cause: thrown }), retry: again };
}

/** A response that is not JSON to its end. */
export function truncatedResponse(server: string): ConnectionFailure {
  const message = `the API server ${server} sent an incomplete answer`;
  return { failure: new Failure("ClusterUnreachable", { message }), retry: "ifRepeatable" };
}
