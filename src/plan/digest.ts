import { createHash } from "node:crypto";
import { formatId } from "../model/object-id.ts";
import type { PlannedAction } from "../model/plan.ts";

/**
 * SHA-256 (hex) over everything that changes: what is done, to which object, and the digest of the object as rendered
 * (before unsealing). The same commit against the same cluster gives the same digest in a pull request and in the agent.
 */
export function planDigest(actions: readonly PlannedAction[], digestOf: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256");
  for (const { id, action } of actions) {
    if (action.type === "unchanged" || action.type === "skip" || action.type === "orphan") continue;
    const key = formatId(id);
    hash.update(`${action.type} ${key} ${digestOf.get(key) ?? ""}\n`);
  }
  return hash.digest("hex");
}
