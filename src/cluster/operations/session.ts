import { Failure } from "../../model/failure.ts";
import { isObject, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { groupOf } from "../../model/object-id.ts";
import type { ObjectRef, ResourceType } from "../cluster.ts";
import { apiFailure, unknownKind } from "../failures/api-failure.ts";
import type { ApiResponse } from "../failures/api-status.ts";
import { type RequestContext, requestContext } from "../failures/request-context.ts";
import type { ApiRequest, Connection } from "../http/connection.ts";
import type { Discovery } from "./discovery.ts";

/** What the operations of a cluster stand on; `discovery` is shared by all who share the connections. */
export interface Session {
  readonly connection: Connection;
  readonly discovery: Discovery;
  readonly defaultNamespace: string;
}

/** The kind of an object. Throws `KindUnknown` where the cluster does not serve it. */
export async function typeOf(session: Session, ref: ObjectRef, signal: AbortSignal): Promise<ResourceType> {
  const type = await session.discovery.find(ref.apiVersion, ref.kind, signal);
  if (type === undefined) throw unknownKind(`${requestContext("get", ref).object} (${ref.apiVersion})`);
  return type;
}

/** Sends a request about an object of a kind. */
export function send(
  session: Session,
  type: ResourceType,
  request: ApiRequest,
  signal: AbortSignal,
): Promise<ApiResponse> {
  // A Lease must not queue behind a thousand applies: a leader that renews too late loses it.
  return session.connection.send({ ...request, urgent: type.group === "coordination.k8s.io" }, signal);
}

/** Tells a 404 that names an object from one that names none, which is about the kind. */
export function isMissingObject(answer: ApiResponse): boolean {
  return answer.status === 404 && isObject(answer.body) && stringAt(answer.body.details, "name") !== undefined;
}

/** Narrows the object in an answer, or throws the failure that it is. */
export function objectOf(answer: ApiResponse, context: RequestContext): KubeObject {
  if (answer.status >= 300) throw apiFailure(answer, context);
  // The API server guarantees apiVersion, kind and metadata.
  if (stringAt(answer.body, "metadata", "name") !== undefined) return answer.body as KubeObject;
  const message = "the API server answered with something that is not an object";
  throw new Failure("ClusterUnreachable", { object: context.object, message });
}

/**
 * Does the work. Where the API server answers that it does not serve the kind, discovery is refreshed and decides: the work
 * is done again where the kind has another path by now; `KindUnknown` where it is gone; `ClusterBusy` where the API server
 * lists the kind but does not serve it at the moment, as while a definition changes.
 */
export async function withRediscovery<T>(
  { discovery }: Session,
  { apiVersion, kind }: Pick<ObjectRef, "apiVersion" | "kind">,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code !== "KindUnknown") throw thrown;
    const before = discovery.cached(apiVersion, kind);
    if (before === undefined) throw thrown;
    discovery.invalidate(groupOf(apiVersion));
    const now = await discovery.find(apiVersion, kind, signal);
    if (now === undefined) throw thrown;
    if (now.plural !== before.plural || now.namespaced !== before.namespaced) return work();
    throw busyKind(`${kind} (${apiVersion})`);
  }
}

/** The same for a type that is not looked up again: one that is served with another path by now is unknown. */
export async function rediscoverIfUnknown<T>(
  session: Session,
  type: ResourceType,
  work: Promise<T>,
  signal: AbortSignal,
) {
  try {
    return await work;
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code !== "KindUnknown") throw thrown;
    session.discovery.invalidate(type.group);
    const apiVersion = type.group === "" ? type.version : `${type.group}/${type.version}`;
    const now = await session.discovery.find(apiVersion, type.kind, signal);
    if (now === undefined || now.plural !== type.plural || now.namespaced !== type.namespaced) throw thrown;
    throw busyKind(`${type.kind} (${apiVersion})`);
  }
}

function busyKind(object: string): Failure {
  return new Failure("ClusterBusy", {
    object,
    message: "the API server lists this kind, and does not serve it at the moment",
  });
}

/** The same for a watch, which is often the first to find out that a kind or version is gone. */
export async function* invalidateIfUnknown<T>(
  session: Session,
  type: ResourceType,
  events: AsyncIterable<T>,
): AsyncGenerator<T> {
  try {
    yield* events;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === "KindUnknown") session.discovery.invalidate(type.group);
    throw thrown;
  }
}
