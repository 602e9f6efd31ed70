import { readFile } from "node:fs/promises";
import { isObject, objectAt, stringAt } from "../../../src/model/json/json.ts";
import type { ControlPlane } from "./control-plane.ts";

/** One write that the API server carried out. */
export interface AuditedWrite {
  /** `create`, `update`, `patch`, `delete`, … */
  readonly verb: string;
  /** The user that asked, an impersonator's own name where there is one. */
  readonly user: string;
  /** `Kind/namespace/name` would be known to people; here the API's own words: `deployments/shop/web`, `/status` after it. */
  readonly target: string;
  /** What was sent. */
  readonly body: unknown;
  /** When it was answered, milliseconds since the epoch. */
  readonly at: number;
}

/** The writes so far, in the order in which they were answered: neither dry runs nor refusals. Needs `auditLog`. */
export async function auditedWrites(plane: ControlPlane): Promise<readonly AuditedWrite[]> {
  if (plane.auditLogPath === undefined) throw new Error("the control plane keeps no audit log");
  const lines = (await readFile(plane.auditLogPath, "utf8")).split("\n").slice(0, -1);
  return lines.map((line): unknown => JSON.parse(line)).flatMap(toWrite);
}

function toWrite(event: unknown): readonly AuditedWrite[] {
  const reference = objectAt(event, "objectRef");
  const code = objectAt(event, "responseStatus")?.code;
  const isDone = typeof code === "number" && code < 300 && stringAt(event, "stage") === "ResponseComplete";
  const uri = stringAt(event, "requestURI") ?? "";
  if (!isObject(event) || reference === undefined || !isDone || uri.includes("dryRun=")) return [];
  const parts = ["resource", "namespace", "name", "subresource"].map((key) => stringAt(reference, key));
  return [
    {
      verb: stringAt(event, "verb") ?? "",
      user: stringAt(event, "user", "username") ?? "",
      target: parts.filter((part) => part !== undefined).join("/"),
      body: event.requestObject,
      at: Date.parse(stringAt(event, "stageTimestamp") ?? ""),
    },
  ];
}

/** The writes of Mooring's agents among them. */
export function byAgents(writes: readonly AuditedWrite[]): readonly AuditedWrite[] {
  return writes.filter(({ user }) => user.startsWith("system:serviceaccount:mooring-system:"));
}
