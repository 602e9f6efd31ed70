import { Failure, type FailureCode, type Problem } from "../../model/failure.ts";
import { oneLine } from "../../model/text/one-line.ts";
import type { RequestKind } from "../cluster.ts";
import { type Answer, type ApiStatus, apiStatusOf } from "./api-status.ts";
import { invalidObject } from "./invalid-object.ts";
import type { RequestContext } from "./request-context.ts";

/** A field that another manager owns. */
export interface FieldConflict {
  /** As people read it: `spec.template.spec.containers[name="web"].image`. */
  readonly field: string;
  readonly manager: string;
}

/** The `Conflict` of an apply without force: which fields, and whose they are. */
export class ConflictFailure extends Failure {
  readonly conflicts: readonly FieldConflict[];

  constructor(object: string, conflicts: readonly FieldConflict[]) {
    const problems = conflicts.map(({ field, manager }) => ({ object, field, message: `is owned by ${manager}` }));
    super("Conflict", problems);
    this.conflicts = conflicts;
  }
}

/**
 * The failure of an answer that is not a success: the one place where the API server's words become ours. Never holds
 * the body as it came; of a Secret only reasons and field names, and what is `discreet` of any other object likewise.
 */
export function apiFailure(answer: Answer, asked: RequestContext): Failure {
  const status = apiStatusOf(answer);
  const discreet = failureOf(status, { ...asked, sensitive: true });
  if (asked.sensitive) return discreet;
  const told = failureOf(status, asked);
  if (told instanceof ConflictFailure) return told;
  return new Failure(told.code, told.problems, { discreet });
}

function failureOf(status: ApiStatus, asked: RequestContext): Failure {
  return (
    admissionFailure(status, asked) ??
    forbidden(status, asked) ??
    conflict(status, asked) ??
    missing(status, asked) ??
    invalidObject(status, asked) ??
    unavailable(status, asked)
  );
}

/** The several ways in which admission says no, whatever code it chose: webhooks may send any. */
const denials: readonly RegExp[] = [
  /admission webhook "(?<by>[^"]+)" denied the request/,
  /(?<by>(?:Validating|Mutating)AdmissionPolicy '[^']+') (?:with binding '[^']+' )?denied request/,
  /policy ['"](?<by>[^'"]+)['"] (?:with binding '[^']+' )?denied request/,
  /violates (?<by>PodSecurity "[^"]+")/,
];

function admissionFailure(status: ApiStatus, asked: RequestContext): Failure | undefined {
  const uncalled = /failed calling webhook "(?<by>[^"]+)"/.exec(status.message)?.groups?.by;
  if (uncalled !== undefined) {
    const hint = "the program behind it is not running or not reachable";
    return failure("ClusterBusy", asked, `the admission webhook "${uncalled}" does not answer`, hint);
  }
  const by = denials.map((denial) => denial.exec(status.message)?.groups?.by).find((name) => name !== undefined);
  return by === undefined ? undefined : failure("AdmissionDenied", asked, told(status, asked, `denied by ${by}`));
}

/**
 * Authorisation, quota and built-in admission share the code 403 and the reason Forbidden; their messages are those of
 * `ForbiddenErrorMessage` in apiserver, `resourcequota` and the namespace lifecycle of kubernetes 1.36.
 */
function forbidden(status: ApiStatus, asked: RequestContext): Failure | undefined {
  if (status.code === 401) {
    return failure(
      "Unauthorized",
      asked,
      "the API server does not accept the credentials",
      "they are wrong or expired",
    );
  }
  if (status.code !== 403) return undefined;
  if (/exceeded quota: |failed quota: |insufficient quota/.test(status.message)) {
    return failure("QuotaExceeded", asked, told(status, asked, "exceeds a resource quota"));
  }
  if (status.causes.some((cause) => cause.reason === "NamespaceTerminating")) {
    return failure(
      "Conflict",
      asked,
      "its namespace is being deleted",
      "it is tried again until that is gone and made anew",
    );
  }
  const role = /User "[^"]*" cannot |is attempting to grant RBAC permissions|cannot set user|unknown user/;
  if (status.message === "" || role.test(status.message)) {
    const hint = "give the service account a role that allows it";
    // Authorisation comes before the body is read, so that these words hold no values.
    const words = oneLine(status.message);
    return failure("Forbidden", asked, words === "" ? `is not allowed to ${verbOf(asked)} it` : words, hint);
  }
  return failure("AdmissionDenied", asked, told(status, asked, "denied by an admission plugin"));
}

function conflict(status: ApiStatus, asked: RequestContext): Failure | undefined {
  if (status.code !== 409) return undefined;
  const conflicts = status.causes
    .filter((cause) => cause.reason === "FieldManagerConflict")
    .map((cause) => ({ field: cause.field, manager: managerOf(cause.message) }));
  if (conflicts.length > 0) return new ConflictFailure(asked.object, conflicts);
  if (status.reason === "AlreadyExists") return failure("Conflict", asked, "exists already");
  const hint = "it is tried again; where that goes on, somebody else writes the same object: see its managedFields";
  return failure("Conflict", asked, told(status, asked, "was changed by someone else at the same time"), hint);
}

/** `conflict with "kubectl" with subresource "scale" using apps/v1` names the manager first. */
function managerOf(message: string): string {
  return /conflict with "(?<manager>[^"]*)"/.exec(message)?.groups?.manager ?? "another manager";
}

const makes: readonly RequestKind[] = ["create", "apply", "dryRun"];

function missing(status: ApiStatus, asked: RequestContext): Failure | undefined {
  if (status.code !== 404) return undefined;
  if (status.name === "") return unknownKind(asked.object);
  if (status.resource === "namespaces" && !asked.object.startsWith("Namespace/")) {
    return failure("NotFound", asked, `the namespace "${oneLine(status.name)}" does not exist`);
  }
  // What is to be made cannot be missing itself: a binding names a role, for one.
  if (!makes.includes(asked.kind) || status.resource === "") return failure("NotFound", asked, "does not exist");
  const named = `the ${oneLine(status.resource)} "${oneLine(status.name)}"`;
  return failure("NotFound", asked, `${asked.sensitive ? "something" : named} that it names does not exist`);
}

/** The failure for a kind that the cluster does not serve. `what` names the object or the kind. */
export function unknownKind(what: string): Failure {
  return new Failure("KindUnknown", {
    object: what,
    message: "the cluster does not serve this kind in this version",
    hint: "check apiVersion and kind, or install its CustomResourceDefinition first",
  });
}

function unavailable(status: ApiStatus, asked: RequestContext): Failure {
  const code: FailureCode = status.code === 429 || status.code === 500 ? "ClusterBusy" : "ClusterUnreachable";
  const words = status.message === "" || asked.sensitive ? "" : `: ${oneLine(status.message)}`;
  return failure(code, asked, `the API server answers HTTP ${status.code}${words}`);
}

/** The server's words, or ours where the object is a Secret. */
function told(status: ApiStatus, asked: RequestContext, ours: string): string {
  return asked.sensitive || status.message === "" ? ours : oneLine(status.message);
}

function verbOf(asked: RequestContext): string {
  return asked.kind === "dryRun" || asked.kind === "apply"
    ? "apply"
    : asked.kind === "logs"
      ? "read logs of"
      : asked.kind;
}

function failure(code: FailureCode, asked: RequestContext, message: string, hint?: string): Failure {
  const problem: Problem = { object: asked.object, message, ...(hint === undefined ? {} : { hint }) };
  return new Failure(code, problem);
}
