import { refOf } from "../../cluster/index.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import { stringAt } from "../../model/json/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { groupOf } from "../../model/object-id.ts";
import { isTerminating } from "../../plan/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";

const concurrency = 16;

/** The group and kind of an object, whatever its version. */
export const kindName = (apiVersion: string, kind: string): string => `${kind}.${groupOf(apiVersion)}`;

/**
 * The kinds whose definitions are in the revision and are being deleted in the cluster: their objects cannot be asked about
 * before the definition is made anew. As `kindName` names them.
 */
export function terminatingKinds(
  { view }: Pick<ApplyTarget, "view">,
  manifests: readonly Manifest[],
): ReadonlySet<string> {
  const definitions = manifests.filter(({ id }) => id.kind === "CustomResourceDefinition");
  const going = definitions.filter(({ id }) => {
    const live = view.get(id);
    return live !== undefined && isTerminating(live);
  });
  return new Set(
    going.map(({ object }) =>
      kindName(`${stringAt(object, "spec", "group")}/`, stringAt(object, "spec", "names", "kind") ?? ""),
    ),
  );
}

/**
 * The Namespaces that the revision creates and the cluster does not have, or is deleting: nothing in them can be asked about
 * yet. Throws as `Cluster.get` does.
 */
export async function pendingNamespaces(
  target: Pick<ApplyTarget, "view" | "cluster">,
  manifests: readonly Manifest[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const unseen = manifests.filter(
    ({ id }) => id.kind === "Namespace" && id.group === "" && isMissing(target.view.get(id)),
  );
  const read = ({ object }: Manifest) => target.cluster.get(refOf(object), signal);
  const found = await inParallel(unseen, concurrency, read, signal);
  return new Set(unseen.filter((_, index) => isMissing(found[index])).map(({ id }) => id.name));
}

const isMissing = (live: KubeObject | undefined): boolean => live === undefined || isTerminating(live);
