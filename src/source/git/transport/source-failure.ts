import { Failure, toFailure } from "../../../model/failure.ts";
import { ownMember, stringAt } from "../../../model/json/json.ts";

/**
 * The `Failure` of whatever came out of talking to a repository: SourceUnreachable for what no room of ours threw. Messages name
 * the address, which holds no credentials, and never the body of an answer.
 */
export function sourceFailure(thrown: unknown, address: string): Failure {
  if (thrown instanceof Failure) return thrown;
  const isBug = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => thrown instanceof kind);
  if (isBug) return toFailure(thrown);
  return unreachable(thrown, address);
}

/**
 * The failure of an HTTP status that is not of success: SourceDenied for 401 and 403, SourceUnreachable for what may pass, else
 * SourceInvalid.
 */
export function statusFailure(status: number, address: string): Failure {
  if (status === 401) {
    const hint = "check username and password, or the token, in the Secret that secretRef names";
    return new Failure("SourceDenied", problem(`${address} does not accept the credentials (401)`, hint));
  }
  if (status === 403) {
    const hint = "the credentials are valid but may not read this repository, or not push to it";
    return new Failure("SourceDenied", problem(`${address} refuses access (403)`, hint));
  }
  if (status === 404 || status === 410) {
    const hint = "check the URL; many servers also answer this for a private repository when credentials are missing";
    return new Failure("SourceInvalid", problem(`there is no repository at ${address} (${status})`, hint));
  }
  const retried = status >= 500 || status === 408 || status === 429;
  const message = `${address} answers with status ${status}`;
  return new Failure(retried ? "SourceUnreachable" : "SourceInvalid", { message });
}

const problem = (message: string, hint: string) => ({ message, hint });

/** What to do about the errors that people meet first. */
const hints: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host's name is not known; check the URL, and the cluster's DNS",
  ECONNREFUSED: "nothing listens there; check host and port",
  ETIMEDOUT: "check firewalls and network policies",
  DEPTH_ZERO_SELF_SIGNED_CERT: "put the authority's certificate under ca.crt into the Secret that secretRef names",
  SELF_SIGNED_CERT_IN_CHAIN: "put the authority's certificate under ca.crt into the Secret that secretRef names",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "put the authority's certificate under ca.crt into the Secret that secretRef names",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "put the authority's certificate under ca.crt into the Secret that secretRef names",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
};

function unreachable(thrown: unknown, address: string): Failure {
  const reason = innermost(thrown);
  const detail = reason instanceof Error && reason.message !== "" ? reason.message : "the connection failed";
  const hint = ownMember(hints, textOf(reason, "code") ?? "");
  const message = `cannot reach ${address}: ${detail}`;
  return new Failure("SourceUnreachable", { message, ...(hint === undefined ? {} : { hint }) }, { cause: thrown });
}

/** The innermost cause; the first of those that were tried side by side. */
function innermost(thrown: unknown): unknown {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return innermost(thrown.errors[0]);
  return thrown instanceof Error && thrown.cause !== undefined ? innermost(thrown.cause) : thrown;
}

function textOf(thrown: unknown, key: string): string | undefined {
  return stringAt(Object(thrown), key);
}
