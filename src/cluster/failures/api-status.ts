import { isObject, listAt, numberAt, objectAt, stringAt } from "../../model/json/json.ts";

/** An HTTP answer, read to its end. `body` is undefined where it was not JSON. */
export interface ApiResponse {
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

/** The `metav1.Status` of a request that failed, or only its code where there is no Status. */
export interface ApiStatus {
  readonly code: number;
  readonly reason: string;
  /** May hold values of the object. */
  readonly message: string;
  /** The name and the plural of what the status is about; empty where it does not say. */
  readonly name: string;
  readonly resource: string;
  readonly causes: readonly StatusCause[];
  readonly retryAfterMs?: number;
}

/** Narrows an answer. A body that is not a Status, a proxy's HTML for instance, is left out altogether. */
export function apiStatusOf(answer: ApiResponse): ApiStatus {
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
