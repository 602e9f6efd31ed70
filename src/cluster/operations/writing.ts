import { stringAt, writeJson } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import {
  type Applied,
  type ApplyOptions,
  type Deleted,
  type DeleteOptions,
  type ObjectRef,
  type Patch,
  type ResourceType,
  refOf,
  type WriteOptions,
} from "../cluster.ts";
import { apiFailure } from "../failures/api-failure.ts";
import { requestContext } from "../failures/request-context.ts";
import type { ApiRequest } from "../http/connection.ts";
import type { Discovery } from "./discovery.ts";
import { collectionPath, objectPath, query } from "./resource-path.ts";
import { isMissingObject, objectOf, type Session, send, typeOf } from "./session.ts";

const fieldManager = "mooring";

/** Server-side apply: the whole of what this manager wants of an object. JSON is YAML, and quicker to write. */
export async function applyObject(
  session: Session,
  object: KubeObject,
  options: ApplyOptions,
  signal: AbortSignal,
): Promise<Applied> {
  const ref = refOf(object);
  const context = requestContext(options.dryRun ? "dryRun" : "apply", ref);
  const parameters = query({
    fieldManager: options.fieldManager ?? fieldManager,
    force: String(options.force),
    fieldValidation: "Strict",
    dryRun: options.dryRun ? "All" : undefined,
  });
  const type = await typeOf(session, ref, signal);
  const request: ApiRequest = {
    kind: context.kind,
    method: "PATCH",
    path: objectPath(type, ref) + parameters,
    contentType: "application/apply-patch+yaml",
    body: writeJson(object),
    repeatable: true,
  };
  const answer = await send(session, type, request, signal);
  const applied = objectOf(answer, context);
  if (!options.dryRun) forgetDefined(session.discovery, applied);
  return { object: applied, created: answer.status === 201 };
}

/** Changes a part of an object. */
export async function patchObject(
  session: Session,
  ref: ObjectRef,
  change: { readonly patch: Patch; readonly options: WriteOptions },
  signal: AbortSignal,
): Promise<KubeObject> {
  const { patch, options } = change;
  const form = patch.type === "strategic" ? "strategic-merge" : patch.type;
  const type = await typeOf(session, ref, signal);
  const kind = options.dryRun === true ? "dryRun" : "patch";
  const request: ApiRequest = {
    kind,
    method: "PATCH",
    path: writePath(type, ref, options),
    contentType: `application/${form}-patch+json`,
    body: writeJson(patch.body),
    repeatable: false,
  };
  return objectOf(await send(session, type, request, signal), requestContext(kind, ref));
}

/** Creates an object that is not there yet. */
export async function createObject(
  session: Session,
  object: KubeObject,
  { dryRun = false }: Pick<WriteOptions, "dryRun">,
  signal: AbortSignal,
): Promise<KubeObject> {
  const ref = refOf(object);
  const type = await typeOf(session, ref, signal);
  objectPath(type, ref);
  const parameters = query({ fieldManager, fieldValidation: "Strict", dryRun: dryRun ? "All" : undefined });
  const path = collectionPath(type, ref.namespace) + parameters;
  const body = writeJson(object);
  const kind = dryRun ? "dryRun" : "create";
  const request = { kind, method: "POST", path, contentType: "application/json", body } as const;
  const answer = await send(session, type, { ...request, repeatable: false }, signal);
  const created = objectOf(answer, requestContext("create", ref));
  if (!dryRun) forgetDefined(session.discovery, created);
  return created;
}

/** Replaces an object. */
export async function updateObject(
  session: Session,
  object: KubeObject,
  options: WriteOptions,
  signal: AbortSignal,
): Promise<KubeObject> {
  const ref = refOf(object);
  const type = await typeOf(session, ref, signal);
  const path = writePath(type, ref, options);
  const body = writeJson(object);
  const request = { kind: "update", method: "PUT", path, contentType: "application/json", body } as const;
  const answer = await send(session, type, { ...request, repeatable: false }, signal);
  return objectOf(answer, requestContext("update", ref));
}

/** Deletes an object; what is not there, or cannot be as its kind is not served, is `absent`. */
export async function deleteObject(
  session: Session,
  ref: ObjectRef,
  options: DeleteOptions,
  signal: AbortSignal,
): Promise<Deleted> {
  const type = await session.discovery.find(ref.apiVersion, ref.kind, signal);
  if (type === undefined) return "absent";
  const preconditions = { uid: options.uid, resourceVersion: options.resourceVersion };
  const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy: options.propagation, preconditions };
  const request: ApiRequest = {
    kind: "delete",
    method: "DELETE",
    path: objectPath(type, ref),
    contentType: "application/json",
    body: JSON.stringify(body),
    repeatable: options.uid !== undefined,
  };
  const answer = await send(session, type, request, signal);
  if (answer.status === 404) {
    // One without an object's name is about the kind, which is gone with its objects.
    if (!isMissingObject(answer)) session.discovery.invalidate(type.group);
    return "absent";
  }
  if (answer.status >= 300) throw apiFailure(answer, requestContext("delete", ref));
  // Either a Status, or the object, as it was or with its deletion timestamp.
  return stringAt(answer.body, "metadata", "deletionTimestamp") === undefined ? "deleted" : "terminating";
}

function writePath(type: ResourceType, ref: ObjectRef, options: WriteOptions): string {
  const subresource = options.subresource === undefined ? "" : `/${options.subresource}`;
  const parameters = query({
    fieldManager: options.fieldManager ?? fieldManager,
    fieldValidation: "Strict",
    dryRun: options.dryRun === true ? "All" : undefined,
  });
  return objectPath(type, ref) + subresource + parameters;
}

/** A CustomResourceDefinition or APIService that was written changes which kinds there are. */
function forgetDefined(discovery: Discovery, object: KubeObject): void {
  if (object.kind !== "CustomResourceDefinition" && object.kind !== "APIService") return;
  const group = stringAt(object.spec, "group");
  if (group !== undefined) discovery.invalidate(group);
}
