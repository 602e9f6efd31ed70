import { Failure, type FailureCode, type Problem } from "../../model/failure.ts";
import { oneLine } from "../../model/text/one-line.ts";
import type { RequestKind } from "../cluster.ts";
import { type ApiResponse, type ApiStatus, apiStatusOf } from "./api-status.ts";
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
export function apiFailure(answer: ApiResponse, context: RequestContext): Failure {
  const status = apiStatusOf(answer);
  const discreet = failureOf(status, { ...context, sensitive: true });
  if (context.sensitive) return discreet;
  const failure = failureOf(status, context);
  if (failure instanceof ConflictFailure) return failure;
  return new Failure(failure.code, failure.problems, { discreet });
}

function failureOf(status: ApiStatus, context: RequestContext): Failure {
  return (
    admissionFailure(status, context) ??
    forbidden(status, context) ??
    conflict(status, context) ??
    missing(status, context) ??
    invalidObject(status, context) ??
    unavailable(status, context)
  );
}

/** How admission denies a request, whatever code comes with it: webhooks may send any. */
const denials: readonly RegExp[] = [
  /admission webhook "(?<by>[^"]+)" denied the request/,
  /(?<by>(?:Validating|Mutating)AdmissionPolicy '[^']+') (?:with binding '[^']+' )?denied request/,
  /policy ['"](?<by>[^'"]+)['"] (?:with binding '[^']+' )?denied request/,
  /violates (?<by>PodSecurity "[^"]+")/,
];

function admissionFailure(status: ApiStatus, context: RequestContext): Failure | undefined {
  const uncalled = /failed calling webhook "(?<by>[^"]+)"/.exec(status.message)?.groups?.by;
  if (uncalled !== undefined) {
    const hint = "the program behind it is not running or not reachable";
    return failure("ClusterBusy", context, `the admission webhook "${uncalled}" does not answer`, hint);
  }
  const by = denials.map((denial) => denial.exec(status.message)?.groups?.by).find((name) => name !== undefined);
  return by === undefined
    ? undefined
    : failure("AdmissionDenied", context, serverWords(status, context, `denied by ${by}`));
}

/**
 * Authorisation, quota and built-in admission share the code 403 and the reason Forbidden; their messages are those of
 * `ForbiddenErrorMessage` in apiserver, `resourcequota` and the namespace lifecycle of kubernetes 1.36.
 */
function forbidden(status: ApiStatus, context: RequestContext): Failure | undefined {
  if (status.code === 401) {
    return failure(
      "Unauthorized",
      context,
      "the API server does not accept the credentials",
      "they are wrong or expired",
    );
  }
  if (status.code !== 403) return undefined;
  if (/exceeded quota: |failed quota: |insufficient quota/.test(status.message)) {
    return failure("QuotaExceeded", context, serverWords(status, context, "exceeds a resource quota"));
  }
  if (status.causes.some((cause) => cause.reason === "NamespaceTerminating")) {
    return failure(
      "Conflict",
      context,
      "its namespace is being deleted",
      "Mooring retries until the namespace is gone and created again",
    );
  }
  const role = /User "[^"]*" cannot |is attempting to grant RBAC permissions|cannot set user|unknown user/;
  if (status.message === "" || role.test(status.message)) {
    const hint = "give the service account a role that allows it";
    // Authorisation comes before the body is read, so that these words hold no values.
    const words = oneLine(status.message);
    return failure("Forbidden", context, words === "" ? `is not allowed to ${verbOf(context)} it` : words, hint);
  }
  return failure("AdmissionDenied", context, serverWords(status, context, "denied by an admission plugin"));
}

function conflict(status: ApiStatus, context: RequestContext): Failure | undefined {
  if (status.code !== 409) return undefined;
  const conflicts = status.causes
    .filter((cause) => cause.reason === "FieldManagerConflict")
    .map((cause) => ({ field: cause.field, manager: managerOf(cause.message) }));
  if (conflicts.length > 0) return new ConflictFailure(context.object, conflicts);
  if (status.reason === "AlreadyExists") return failure("Conflict", context, "exists already");
  const hint = "Mooring retries; if it persists, somebody else writes the same object: see its managedFields";
  return failure(
    "Conflict",
    context,
    serverWords(status, context, "was changed by someone else at the same time"),
    hint,
  );
}

/** `conflict with "kubectl" with subresource "scale" using apps/v1` names the manager first. */
function managerOf(message: string): string {
  return /conflict with "(?<manager>[^"]*)"/.exec(message)?.groups?.manager ?? "another manager";
}

const makes: readonly RequestKind[] = ["create", "apply", "dryRun"];

function missing(status: ApiStatus, context: RequestContext): Failure | undefined {
  if (status.code !== 404) return undefined;
  if (status.name === "") return unknownKind(context.object);
  if (status.resource === "namespaces" && !context.object.startsWith("Namespace/")) {
    return failure("NotFound", context, `the namespace "${oneLine(status.name)}" does not exist`);
  }
  // What is to be created cannot be missing itself: something it refers to is, as the role of a binding.
  if (!makes.includes(context.kind) || status.resource === "") return failure("NotFound", context, "does not exist");
  const named = `the ${oneLine(status.resource)} "${oneLine(status.name)}"`;
  return failure("NotFound", context, `${context.sensitive ? "something" : named} that it names does not exist`);
}

/** The failure for a kind that the cluster does not serve. `what` names the object or the kind. */
export function unknownKind(what: string): Failure {
  return new Failure("KindUnknown", {
    object: what,
    message: "the cluster does not serve this kind in this version",
    hint: "check apiVersion and kind, or install its CustomResourceDefinition first",
  });
}

function unavailable(status: ApiStatus, context: RequestContext): Failure {
  const code: FailureCode = status.code === 429 || status.code === 500 ? "ClusterBusy" : "ClusterUnreachable";
  const words = status.message === "" || context.sensitive ? "" : `: ${oneLine(status.message)}`;
  return failure(code, context, `the API server answers HTTP ${status.code}${words}`);
}

/** The server's message, or ours where the object is a Secret. */
function serverWords(status: ApiStatus, context: RequestContext, ours: string): string {
  return context.sensitive || status.message === "" ? ours : oneLine(status.message);
}

function verbOf(context: RequestContext): string {
  return context.kind === "dryRun" || context.kind === "apply"
    ? "apply"
    : context.kind === "logs"
      ? "read logs of"
      : context.kind;
}

function failure(code: FailureCode, context: RequestContext, message: string, hint?: string): Failure {
  const problem: Problem = { object: context.object, message, ...(hint === undefined ? {} : { hint }) };
  return new Failure(code, problem);
}
