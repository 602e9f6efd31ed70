import { Failure, type Problem } from "../../model/failure.ts";
import { ownMember } from "../../model/json/json.ts";
import { holdsInOrder } from "../../model/text/in-order.ts";
import { oneLine } from "../../model/text/one-line.ts";
import type { ApiStatus, StatusCause } from "./api-status.ts";
import type { RequestContext } from "./request-context.ts";

/**
 * How validations word that a field may not change once set; there is no reason code for it. From
 * `pkg/apis/<group>/validation` of kubernetes 1.36 and the transition rules of common CRDs.
 */
const immutable = /\bimmutable\b|\bmay not (?:be )?(?:chang|updat|modif)|\bcannot (?:be )?chang/i;

function isImmutable({ message }: StatusCause): boolean {
  return immutable.test(message) || holdsInOrder(message.toLowerCase(), "updates to ", " are forbidden");
}

/** Only these can change an existing field. */
const changing: readonly RequestContext["kind"][] = ["apply", "dryRun", "patch", "update"];

/**
 * The failure of an object that the API server cannot accept as it stands: `FieldImmutable` where nothing but immutable
 * fields stand in the way, else `ObjectInvalid`; one problem per field. Undefined where the status says something else.
 */
export function invalidObject(status: ApiStatus, context: RequestContext): Failure | undefined {
  if (status.reason === "Invalid" || status.code === 422) return invalidByValidation(status, context);
  const problems = typeProblems(status.message, context) ?? decodingProblems(status, context);
  if (problems !== undefined) return new Failure("ObjectInvalid", problems);
  if (status.code === 413 || /request is too large|Too long: may not be more than/.test(status.message)) {
    return new Failure("ObjectInvalid", { object: context.object, message: "is larger than the API server accepts" });
  }
  if (status.code !== 400 && status.code !== 405 && status.code !== 415) return undefined;
  const words = context.sensitive ? "" : `: ${oneLine(status.message)}`;
  return new Failure("ObjectInvalid", {
    object: context.object,
    message: `the API server rejects the request${words}`,
  });
}

function invalidByValidation(status: ApiStatus, context: RequestContext): Failure {
  const causes = status.causes.length > 0 ? status.causes : [{ reason: "", message: status.message, field: "" }];
  const fixed = changing.includes(context.kind) && causes.every(isImmutable);
  const problems = causes.map((cause) => causeProblem(cause, context, fixed));
  return new Failure(fixed ? "FieldImmutable" : "ObjectInvalid", problems);
}

function causeProblem(cause: StatusCause, context: RequestContext, fixed: boolean): Problem {
  const hint = "set force, or the annotation mooring.dev/force: enabled, to delete and recreate the object";
  const words = fixed ? "cannot be changed" : (ownMember(reasonWords, cause.reason) ?? "is not valid");
  return {
    object: context.object,
    message: context.sensitive ? words : oneLine(cause.message),
    ...(cause.field === "" ? {} : { field: cause.field }),
    ...(fixed ? { hint } : {}),
  };
}

/** For Secrets, whose messages may quote a value: what each CauseType of apimachinery means. */
const reasonWords: Readonly<Record<string, string>> = {
  FieldValueRequired: "is required",
  FieldValueDuplicate: "is given twice",
  FieldValueNotFound: "names something that does not exist",
  FieldValueNotSupported: "is not one of the supported values",
  FieldValueForbidden: "is not allowed here",
  FieldValueTooLong: "is too long",
  FieldValueTooMany: "has too many items",
  FieldValueTypeInvalid: "has the wrong type",
};

/**
 * Server-side apply answers 500 without a reason when an object does not fit its schema
 * (`typed.ValidationErrors` of structured-merge-diff), so that only the message tells it from a fault.
 */
function typeProblems(message: string, context: RequestContext): readonly Problem[] | undefined {
  const list = /^failed to create typed patch object \([^)]*\): (?<list>.*)$/s.exec(message)?.groups?.list;
  if (list === undefined) return undefined;
  return list
    .replace(/^errors:\n/, "")
    .split("\n")
    .map((line) => /^\.?(?<field>[^:]*): (?<what>.*)$/s.exec(line.trimStart())?.groups)
    .filter((found) => found !== undefined)
    .map(({ field, what }) => typeProblem(field ?? "", what ?? "", context));
}

function typeProblem(field: string, what: string, context: RequestContext): Problem {
  const message = what.replace(/, got &value\..*/s, "");
  const known = message.includes("field not declared in schema") ? "unknown field" : message;
  const shown = context.sensitive && known !== "unknown field" ? "has the wrong type" : oneLine(known);
  return { object: context.object, message: shown, ...(field === "" ? {} : { field }) };
}

/** Strict field validation, and values that do not decode into the type of their field. */
function decodingProblems(status: ApiStatus, context: RequestContext): readonly Problem[] | undefined {
  const { message } = status;
  const strict = [...message.matchAll(/(?<what>unknown|duplicate) field "(?<field>[^"]+)"/g)];
  if (strict.length > 0) {
    return strict.map(({ groups }) => ({
      object: context.object,
      message: `${groups?.what ?? "unknown"} field`,
      field: groups?.field ?? "",
    }));
  }
  if (!/^failed to (?:convert|create|merge|update)|cannot be handled as a|unable to convert/.test(message))
    return undefined;
  const words = context.sensitive ? "" : `: ${oneLine(message.replace(/^.*error decoding from json: /s, ""))}`;
  return [{ object: context.object, message: `cannot be read as a ${context.object.split("/")[0]}${words}` }];
}
