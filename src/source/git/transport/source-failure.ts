import { Failure, toFailure } from "../../../model/failure.ts";
import { numberAt, ownMember, stringAt } from "../../../model/json/json.ts";

/** isomorphic-git's errors for answers that are not of the Git protocol. */
const notGit = new Set(["SmartHttpError", "ParseError", "EmptyServerResponseError"]);

/**
 * The `Failure` of whatever came out of talking to a repository: SourceDenied for 401 and 403, SourceInvalid for what is
 * no Git repository, SourceUnreachable for all that may pass. Messages name the address, which holds no credentials,
 * and never the body of an answer.
 */
export function sourceFailure(thrown: unknown, address: string): Failure {
  if (thrown instanceof Failure) return thrown;
  const isBug = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => thrown instanceof kind);
  if (isBug) return toFailure(thrown);
  const status = numberAt(Object(thrown), "data", "statusCode");
  if (status !== undefined) return statusFailure(status, address, thrown);
  if (notGit.has(textOf(thrown, "code") ?? "")) {
    return new Failure("SourceInvalid", problem(`${address} answers, but not as a Git repository`, "check the URL"), {
      cause: thrown,
    });
  }
  return unreachable(thrown, address);
}

/** What isomorphic-git throws for a status that is not 200, for requests that it does not make itself. */
export function statusError(statusCode: number): Error {
  return Object.assign(new Error(`status ${statusCode}`), { data: { statusCode } });
}

function statusFailure(status: number, address: string, cause: unknown): Failure {
  if (status === 401) {
    const hint = "check username and password, or the token, in the Secret that secretRef names";
    return new Failure("SourceDenied", problem(`${address} does not accept the credentials (401)`, hint), { cause });
  }
  if (status === 403) {
    const hint = "the credentials are known but may not read this repository, or not push to it";
    return new Failure("SourceDenied", problem(`${address} refuses access (403)`, hint), { cause });
  }
  if (status === 404 || status === 410) {
    const hint = "check the URL; many servers also say so of a private repository when credentials are missing";
    return new Failure("SourceInvalid", problem(`there is no repository at ${address} (${status})`, hint), { cause });
  }
  const retried = status >= 500 || status === 408 || status === 429;
  const message = `${address} answers with status ${status}`;
  return new Failure(retried ? "SourceUnreachable" : "SourceInvalid", { message }, { cause });
}

const problem = (message: string, hint: string) => ({ message, hint });

/** What to do about the errors that people meet first. */
const hints: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host's name is not known; check the URL, and the cluster's DNS",
  ECONNREFUSED: "nobody listens there; check host and port",
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
  const said = reason instanceof Error && reason.message !== "" ? reason.message : "the connection failed";
  const hint = ownMember(hints, textOf(reason, "code") ?? "");
  const message = `cannot reach ${address}: ${said}`;
  return new Failure("SourceUnreachable", { message, ...(hint === undefined ? {} : { hint }) }, { cause: thrown });
}

/** The error that the others wrap; the first of those that were tried side by side. */
function innermost(thrown: unknown): unknown {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return innermost(thrown.errors[0]);
  return thrown instanceof Error && thrown.cause !== undefined ? innermost(thrown.cause) : thrown;
}

function textOf(thrown: unknown, key: string): string | undefined {
  return stringAt(Object(thrown), key);
}
