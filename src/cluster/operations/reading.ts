import type { KubeObject } from "../../model/manifest.ts";
import type { LogOptions, ObjectRef } from "../cluster.ts";
import { apiFailure } from "../failures/api-failure.ts";
import { requestContext } from "../failures/request-context.ts";
import { objectPath, query } from "./resource-path.ts";
import { isMissingObject, objectOf, type Session, send, typeOf } from "./session.ts";

/** Reads one object; undefined where there is none. */
export async function readObject(
  session: Session,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const type = await typeOf(session, ref, signal);
  const path = objectPath(type, ref);
  const answer = await send(session, type, { kind: "get", method: "GET", path, repeatable: true }, signal);
  return isMissingObject(answer) ? undefined : objectOf(answer, requestContext("get", ref));
}

/** The last lines of a container's log. */
export async function readLogs(
  session: Session,
  pod: { readonly namespace: string; readonly name: string },
  options: LogOptions,
  signal: AbortSignal,
): Promise<string> {
  const ref = { apiVersion: "v1", kind: "Pod", ...pod };
  const parameters = query({
    container: options.container,
    previous: options.previous === true ? "true" : undefined,
    tailLines: String(options.tailLines),
    limitBytes: "65536",
  });
  const type = await typeOf(session, ref, signal);
  const path = `${objectPath(type, pod)}/log${parameters}`;
  const request = { kind: "logs", method: "GET", path, accept: "*/*", text: true, repeatable: true } as const;
  const answer = await send(session, type, request, signal);
  if (answer.status >= 300) throw apiFailure(answer, requestContext("logs", ref));
  return typeof answer.body === "string" ? answer.body : "";
}
