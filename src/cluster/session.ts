import { Failure } from "../model/failure.ts";
import { isObject, stringAt } from "../model/json.ts";
import type { KubeObject } from "../model/manifest.ts";
import { apiFailure, unknownKind } from "./api-failure.ts";
import type { Answer } from "./api-status.ts";
import { type Asked, askedOf } from "./asked.ts";
import type { ObjectRef, ResourceType } from "./cluster.ts";
import type { ApiRequest, Connection } from "./connection.ts";
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
  if (type === undefined) throw unknownKind(`${askedOf("get", ref).object} (${ref.apiVersion})`);
  return type;
}

/** Sends a request about an object of a kind. */
export function send(session: Session, type: ResourceType, request: ApiRequest, signal: AbortSignal): Promise<Answer> {
  // A Lease does not wait behind a thousand applies for a connection: a leader that renews too late is none.
  return session.connection.send({ ...request, urgent: type.group === "coordination.k8s.io" }, signal);
}

/** Tells a 404 that names an object from one that names none, which is about the kind. */
export function isMissingObject(answer: Answer): boolean {
  return answer.status === 404 && isObject(answer.body) && stringAt(answer.body.details, "name") !== undefined;
}

/** Narrows the object in an answer, or throws the failure that it is. */
export function objectOf(answer: Answer, asked: Asked): KubeObject {
  if (answer.status >= 300) throw apiFailure(answer, asked);
  // The API server vouches for the members that every object has.
  if (stringAt(answer.body, "metadata", "name") !== undefined) return answer.body as KubeObject;
  const message = "the API server answered with something that is not an object";
  throw new Failure("ClusterUnreachable", { object: asked.object, message });
}

/** Does the work; where it finds that the cluster no longer serves a kind, its group is looked up anew next time. */
export async function forgetting<T>(session: Session, group: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === "KindUnknown") session.discovery.forget(group);
    throw thrown;
  }
}
