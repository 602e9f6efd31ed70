import { forceEnabled, pruneDisabled } from "../api/annotations.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { keptKinds } from "./removals.ts";

/** Tells whether an object may be deleted to be made again, where an immutable field changed. */
export function mayRecreate(manifest: Manifest, live: KubeObject, force: boolean): boolean {
  return whyNotRecreated(manifest, live, force) === undefined;
}

/**
 * Why an object is not deleted to be made again, or undefined where it may be. What is never to be deleted is not deleted
 * for an Environment's `force` either; only its own says so.
 */
export function whyNotRecreated(
  { id, object }: Manifest,
  live: KubeObject,
  force: boolean,
): { readonly hint?: string } | undefined {
  if (keptKinds.includes(id.kind)) return {};
  if (forceEnabled(object) || forceEnabled(live)) return undefined;
  if (!force) return { hint: "annotate the object with mooring.dev/force: enabled to let it be recreated" };
  if (!pruneDisabled(object) && !pruneDisabled(live)) return undefined;
  return {
    hint: "prune: disabled keeps it; annotate it with mooring.dev/force: enabled to let it be recreated anyway",
  };
}
