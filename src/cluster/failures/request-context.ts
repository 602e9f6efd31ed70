import type { ObjectRef, RequestKind } from "../cluster.ts";

/** What was asked of the API server, for the words of a failure. */
export interface RequestContext {
  readonly kind: RequestKind;
  /** `Deployment/shop/web`, or what a list or watch is of. */
  readonly object: string;
  /** Set for Secrets: the API server's own words may quote their values and are not repeated. */
  readonly sensitive: boolean;
}

/** A request about one object. */
export function requestContext(kind: RequestKind, ref: ObjectRef): RequestContext {
  const object = [ref.kind, ref.namespace, ref.name].filter((part) => part !== undefined && part !== "").join("/");
  return { kind, object, sensitive: ref.kind === "Secret" };
}

const longest = 400;

/** A message of the API server on one line, without control characters, its middle left out where it is very long. */
export function cleanText(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  if (line.length <= longest) return line;
  return `${line.slice(0, longest / 2)} … ${line.slice(-longest / 2)}`;
}
