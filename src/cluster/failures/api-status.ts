import { isObject, listAt, numberAt, objectAt, stringAt } from "../../model/json/json.ts";

/** An HTTP answer, read to its end. `body` is undefined where it was not JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** From `Retry-After`, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly etag?: string;
  /** About how large it was. */
  readonly bytes?: number;
}

/** One of the reasons in a Status. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  /** As people read it, without a leading dot; empty where none is named. */
  readonly field: string;
}

/** What an API server says of a request it did not fulfil (`metav1.Status`), or nothing but the code where it says nothing. */
export interface ApiStatus {
  readonly code: number;
  readonly reason: string;
  /** May hold values of the object. */
  readonly message: string;
  /** The name and the plural of what the status is about, where told. */
  readonly name: string;
  readonly resource: string;
  readonly causes: readonly StatusCause[];
  readonly retryAfterMs?: number;
}

/** Narrows an answer. A body that is not a Status, a proxy's HTML for instance, is left out altogether. */
export function apiStatusOf(answer: Answer): ApiStatus {
  const body = isObject(answer.body) && answer.body.kind === "Status" ? answer.body : undefined;
  const details = objectAt(body, "details");
  const seconds = numberAt(details, "retryAfterSeconds");
  const retryAfterMs = answer.retryAfterMs ?? (seconds === undefined ? undefined : seconds * 1000);
  return {
    code: answer.status,
    reason: stringAt(body, "reason") ?? "",
    message: stringAt(body, "message") ?? "",
    name: stringAt(details, "name") ?? "",
    resource: stringAt(details, "kind") ?? "",
    causes: listAt(details, "causes").map((cause) => ({
      reason: stringAt(cause, "reason") ?? "",
      message: stringAt(cause, "message") ?? "",
      field: (stringAt(cause, "field") ?? "").replace(/^\./, "").replace(/^<nil>$/, ""),
    })),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
