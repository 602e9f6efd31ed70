import { isDeepStrictEqual } from "node:util";
import { type Cluster, refOf } from "../../cluster/index.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { groupOf } from "../../model/object-id.ts";

/** What an apply did to an object, or as a dry run would do, in kubectl's words. */
export type Change = "created" | "configured" | "unchanged";

/**
 * Server-side-applies an object as the agent would, so that the agent can take it over without a change. In a dry run an
 * object of a namespace that is not there yet cannot be checked and counts as created. Throws `Failure` as
 * `Cluster.apply` does.
 */
export async function applyComponent(
  cluster: Cluster,
  object: KubeObject,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<Change> {
  const live = await cluster.get(refOf(object), signal);
  if (live === undefined && dryRun && !(await hasNamespace(cluster, object, signal))) return "created";
  const applied = await cluster.apply(object, { dryRun, force: true }, signal);
  if (live === undefined) return "created";
  return isDeepStrictEqual(content(live), content(applied.object)) ? "unchanged" : "configured";
}

/** `deployment.apps/mooring-agent`, as kubectl names what it applied. */
export function describeComponent({ apiVersion, kind, metadata }: KubeObject): string {
  const group = groupOf(apiVersion);
  return `${kind.toLowerCase()}${group === "" ? "" : `.${group}`}/${metadata.name}`;
}

async function hasNamespace(cluster: Cluster, { metadata }: KubeObject, signal: AbortSignal): Promise<boolean> {
  if (metadata.namespace === undefined) return true;
  const ref = { apiVersion: "v1", kind: "Namespace", name: metadata.namespace };
  return (await cluster.get(ref, signal)) !== undefined;
}

/** What people mean by an object: without the bookkeeping of the API server and what controllers report. */
function content({ metadata, status: _, ...rest }: KubeObject): object {
  const { managedFields, resourceVersion, generation, ...kept } = metadata;
  return { ...rest, metadata: kept };
}
