import { createPace } from "../../clock/index.ts";
import { Failure } from "../../model/failure.ts";
import { isObject, listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { ListOptions, ObjectList, ResourceType } from "../cluster.ts";
import { apiFailure } from "../failures/api-failure.ts";
import type { ApiResponse } from "../failures/api-status.ts";
import type { Connection } from "../http/connection.ts";
import { estimatedBytes, Reservation } from "../http/memory-budget.ts";
import { ResponseTooLarge } from "../http/response-limits.ts";
import { collectionPath, query } from "./resource-path.ts";

const pageSize = 500;

/** The Accept header for whole objects, or for nothing but their metadata. */
export function acceptFor(
  metadataOnly: boolean | undefined,
  kind: "PartialObjectMetadata" | "PartialObjectMetadataList",
) {
  return metadataOnly === true ? `application/json;as=${kind};g=meta.k8s.io;v=v1` : "application/json";
}

/**
 * Reads a list page by page, in smaller pages where objects are large. It is never older than the request (no
 * `resourceVersion`; since 1.31 the API server answers that from its cache): an older one could miss our own last write.
 */
export async function listAll(
  connection: Connection,
  type: ResourceType,
  options: ListOptions,
  signal: AbortSignal,
): Promise<ObjectList> {
  const items: KubeObject[] = [];
  using reservation = new Reservation(connection.memory);
  const pace = createPace();
  let limit = pageSize;
  let from: string | undefined;
  let bytes = 0;
  for (;;) {
    const answer = await readPage(connection, { type, options, limit, from }, signal).catch((thrown: unknown) => {
      if (!(thrown instanceof ResponseTooLarge) || limit <= 1) throw thrown;
      return undefined;
    });
    if (answer === undefined) {
      limit = Math.ceil(limit / 8);
      continue;
    }
    bytes += answer.bytes ?? 0;
    if (bytes > connection.limits.listBytes) throw new ResponseTooLarge(connection.server, connection.limits.listBytes);
    if (answer.status === 410 && from !== undefined) {
      // The version of the pages is no longer kept: start again without pages, which cannot expire.
      items.length = 0;
      reservation.resize(0);
      limit = 0;
      from = undefined;
      continue;
    }
    if (answer.status >= 300)
      throw apiFailure(answer, { kind: "list", object: nameOf(type, options), sensitive: false });
    for (const item of listAt(answer.body, "items")) {
      const object = itemOf(item, type, options);
      if (connection.memory.isBounded) reservation.add(estimatedBytes(object));
      items.push(object);
      await pace();
    }
    from = stringAt(answer.body, "metadata", "continue");
    if (from === undefined || from === "") return { items, resourceVersion: versionOf(answer) };
  }
}

/** The current resourceVersion, from a list with a limit of one. Throws as `listAll` does. */
export async function readLatestVersion(
  connection: Connection,
  type: ResourceType,
  { namespace }: Pick<ListOptions, "namespace">,
  signal: AbortSignal,
): Promise<string> {
  const options: ListOptions = { metadataOnly: true, ...(namespace === undefined ? {} : { namespace }) };
  const answer = await readPage(connection, { type, options, limit: 1, from: undefined }, signal);
  if (answer.status < 300) return versionOf(answer);
  throw apiFailure(answer, { kind: "list", object: nameOf(type, options), sensitive: false });
}

interface Page {
  readonly type: ResourceType;
  readonly options: ListOptions;
  readonly limit: number;
  readonly from: string | undefined;
}

function readPage(
  connection: Connection,
  { type, options, limit, from }: Page,
  signal: AbortSignal,
): Promise<ApiResponse> {
  const parameters = query({
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: limit === 0 ? undefined : String(limit),
    continue: from,
  });
  const path = collectionPath(type, options.namespace) + parameters;
  const accept = acceptFor(options.metadataOnly, "PartialObjectMetadataList");
  return connection.send({ kind: "list", method: "GET", path, accept, repeatable: true }, signal);
}

/** Items of a list carry no apiVersion and kind, and those of a metadata list the wrong ones: the kind's own are set. */
function itemOf(item: unknown, type: ResourceType, options: ListOptions): KubeObject {
  const object = asKind(item, type);
  return options.keep === undefined ? object : options.keep(object);
}

/** An object of a list or a watch under the name of its kind. Throws `ClusterUnreachable` for what is not an object. */
export function asKind(item: unknown, type: ResourceType): KubeObject {
  if (!isObject(item) || stringAt(item, "metadata", "name") === undefined) {
    throw new Failure("ClusterUnreachable", { message: `the API server sent something that is not a ${type.kind}` });
  }
  const apiVersion = type.group === "" ? type.version : `${type.group}/${type.version}`;
  return { ...item, apiVersion, kind: type.kind } as KubeObject;
}

function versionOf(answer: ApiResponse): string {
  return stringAt(answer.body, "metadata", "resourceVersion") ?? "";
}

/** What a list or a watch is of, for messages: `deployments.apps in shop`. */
export function nameOf(type: ResourceType, options: { readonly namespace?: string }): string {
  const resource = type.group === "" ? type.plural : `${type.plural}.${type.group}`;
  return options.namespace ? `${resource} in ${options.namespace}` : resource;
}
