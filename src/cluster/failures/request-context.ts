import type { ObjectRef, RequestKind } from "../cluster.ts";

/** What a request was about, for the message of a failure. */
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
