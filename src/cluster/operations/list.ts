import { createPace } from "../../clock/index.ts";
import { Failure } from "../../model/failure.ts";
import { isObject, listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { ListOptions, ObjectList, ResourceType } from "../cluster.ts";
import { apiFailure } from "../failures/api-failure.ts";
import type { Answer } from "../failures/api-status.ts";
import { AnswerTooLarge } from "../http/answer-limits.ts";
import type { Connection } from "../http/connection.ts";
import { Loan, weightOf } from "../http/memory-budget.ts";
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
 * Reads a list page by page, in smaller ones where objects are large. It is as new as the question (no `resourceVersion`, which the API server answers from its
 * own cache since 1.31): one that may be older would show a state from before our own last write.
 */
export async function listAll(
  connection: Connection,
  type: ResourceType,
  options: ListOptions,
  signal: AbortSignal,
): Promise<ObjectList> {
  const items: KubeObject[] = [];
  using loan = new Loan(connection.room);
  const pace = createPace();
  let limit = pageSize;
  let from: string | undefined;
  let bytes = 0;
  for (;;) {
    const answer = await readPage(connection, { type, options, limit, from }, signal).catch((thrown: unknown) => {
      if (!(thrown instanceof AnswerTooLarge) || limit <= 1) throw thrown;
      return undefined;
    });
    if (answer === undefined) {
      limit = Math.ceil(limit / 8);
      continue;
    }
    bytes += answer.bytes ?? 0;
    if (bytes > connection.limits.listBytes) throw new AnswerTooLarge(connection.server, connection.limits.listBytes);
    if (answer.status === 410 && from !== undefined) {
      // The pages' moment is no longer kept: begin again, in one piece, which cannot expire.
      items.length = 0;
      loan.hold(0);
      limit = 0;
      from = undefined;
      continue;
    }
    if (answer.status >= 300)
      throw apiFailure(answer, { kind: "list", object: nameOf(type, options), sensitive: false });
    for (const item of listAt(answer.body, "items")) {
      const object = itemOf(item, type, options);
      if (connection.room.isBounded) loan.take(weightOf(object));
      items.push(object);
      await pace();
    }
    from = stringAt(answer.body, "metadata", "continue");
    if (from === undefined || from === "") return { items, resourceVersion: versionOf(answer) };
  }
}

/** The resourceVersion of the moment, as a list of a single object tells it. Throws as `listAll` does. */
export async function momentOf(
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

function readPage(connection: Connection, { type, options, limit, from }: Page, signal: AbortSignal): Promise<Answer> {
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

/** Items of a list do not say what they are (and bare metadata say they are just that): the kind's own names are put in. */
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

function versionOf(answer: Answer): string {
  return stringAt(answer.body, "metadata", "resourceVersion") ?? "";
}

/** What a list or a watch is of, for messages: `deployments.apps in shop`. */
export function nameOf(type: ResourceType, options: { readonly namespace?: string }): string {
  const resource = type.group === "" ? type.plural : `${type.plural}.${type.group}`;
  return options.namespace ? `${resource} in ${options.namespace}` : resource;
}
