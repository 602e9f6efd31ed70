import { abortFailure } from "../../model/async/abort-failure.ts";
import { Failure } from "../../model/failure.ts";
import { isObject, type JsonObject, listAt, numberAt, objectAt, stringAt } from "../../model/json/json.ts";
import type { ResourceType, WatchEvent, WatchOptions } from "../cluster.ts";
import { apiFailure } from "../failures/api-failure.ts";
import type { RequestContext } from "../failures/request-context.ts";
import { unreachable } from "../failures/unreachable.ts";
import type { Connection } from "../http/connection.ts";
import { linesOf } from "../http/lines.ts";
import { Reservation } from "../http/memory-budget.ts";
import { readJson } from "../http/read-json.ts";
import { acceptFor, asKind, nameOf } from "./list.ts";
import { collectionPath, query } from "./resource-path.ts";

/**
 * One watch, from a version to the server's or the connection's end. Throws `ClusterUnreachable` when the connection
 * breaks or is silent for too long, and what `apiFailure` makes of an answer that is not a stream.
 */
export async function* openWatch(
  connection: Connection,
  type: ResourceType,
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  const parameters = query({
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion: options.resourceVersion,
    timeoutSeconds: String(options.timeoutSeconds),
    labelSelector: options.labelSelector,
  });
  const path = collectionPath(type, options.namespace) + parameters;
  const accept = acceptFor(options.metadataOnly, "PartialObjectMetadata");
  const request = { kind: "watch", method: "GET", path, accept, repeatable: true } as const;
  const context = { kind: "watch", object: nameOf(type, options), sensitive: type.kind === "Secret" } as const;
  const answer = await connection.open(request, options.silenceMs, signal);
  const { stream } = answer;
  if (stream === undefined) {
    if (!isExpired(answer.status, answer.body)) throw apiFailure(answer, context);
    yield { type: "EXPIRED" };
    return;
  }
  using reservation = new Reservation(connection.memory);
  try {
    yield { type: "OPENED" };
    for await (const line of linesOf(stream, connection.limits.lineBytes, (bytes) => reservation.resize(bytes))) {
      yield eventOf(await parseEvent(line, connection), type, context);
    }
  } catch (thrown) {
    if (signal.aborted) throw abortFailure(signal);
    throw thrown instanceof Failure ? thrown : unreachable(thrown, connection.server).failure;
  } finally {
    stream.destroy();
  }
}

/** Narrows one event of a watch. Throws the failure of an ERROR event that is not about the version. */
function eventOf(event: JsonObject, type: ResourceType, context: RequestContext): WatchEvent {
  const object = objectAt(event, "object");
  switch (event.type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { type: event.type, object: asKind(object, type) };
    case "BOOKMARK":
      return { type: "BOOKMARK", resourceVersion: stringAt(object, "metadata", "resourceVersion") ?? "" };
    default: {
      const status = numberAt(object, "code") ?? 500;
      if (isExpired(status, object)) return { type: "EXPIRED" };
      throw apiFailure({ status, body: object }, context);
    }
  }
}

/**
 * The version to resume from is no longer kept, or is in the API server's future, as after etcd was restored from a
 * backup (`NewTooLargeResourceVersionError` in apiserver).
 */
function isExpired(status: number, body: unknown): boolean {
  const causes = listAt(body, "details", "causes").map((cause) => stringAt(cause, "reason"));
  return status === 410 || (status === 504 && causes.includes("ResourceVersionTooLarge"));
}

async function parseEvent(line: string, { server, limits, memory }: Connection): Promise<JsonObject> {
  using reservation = new Reservation(memory);
  try {
    const event = await readJson(line, { server, values: limits.answerValues, reservation });
    if (isObject(event)) return event;
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    // Thrown below, without the line: it may be a Secret.
  }
  throw new Failure("ClusterUnreachable", { message: "the API server sent an incomplete watch event" });
}
