import type { KubeObject } from "../../model/manifest.ts";
import type { FieldChange } from "../../model/plan.ts";

/** What stands for a Secret's value wherever a change is shown. */
export const maskBefore = "*** (before)";
/** The same, for what it becomes. */
export const maskAfter = "*** (after)";

const lastApplied = "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration";

/** Fields that name or describe an object: known to hold no value of a Secret. */
const openPaths = ["/apiVersion", "/kind", "/type", "/immutable", "/metadata"];

/** Tells whether an object's values must never be shown. */
export function isSecret(object: Pick<KubeObject, "apiVersion" | "kind">): boolean {
  return object.kind === "Secret" && object.apiVersion === "v1";
}

/**
 * Takes the values out of the changes of an object that holds secrets: all but metadata and the type. That a key
 * changed, came or went stays visible. The one place where plans, drift and events are masked.
 */
export function maskChanges(changes: readonly FieldChange[]): readonly FieldChange[] {
  return changes.map((change) => {
    const open = openPaths.some((path) => within(change.path, path));
    if (open && !within(change.path, lastApplied) && !within(lastApplied, change.path)) return change;
    return {
      ...change,
      from: change.from === undefined ? undefined : maskBefore,
      to: change.to === undefined ? undefined : maskAfter,
    };
  });
}

function within(path: string, ancestor: string): boolean {
  return path === ancestor || path.startsWith(`${ancestor}/`);
}
