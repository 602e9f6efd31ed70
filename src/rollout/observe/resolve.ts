import type { Cluster, ResourceType } from "../../cluster/index.ts";
import { needsWatch } from "../../health/index.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure, type Problem } from "../../model/failure.ts";
import { stringAt } from "../../model/json/json.ts";
import { type KubeObject, type Manifest, placeOf } from "../../model/manifest.ts";
import { describeId, groupOf, versionOf } from "../../model/object-id.ts";
import type { DesiredStage } from "../../sandbox/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";

/** Desired objects whose kinds are known. */
export interface Resolved {
  /** The same stages; cluster-scoped objects have lost a namespace they had by mistake. */
  readonly stages: readonly DesiredStage[];
  /**
   * The kinds served now. Where a version is one that the revision itself still has to define, the kind stands in one that is
   * served; where there is none, so that there are no objects of it either, it is not among them.
   */
  readonly types: ReadonlyMap<string, ResourceType>;
}

/** The key of `Resolved.types`. */
export function typeKey(apiVersion: string, kind: string): string {
  return `${apiVersion} ${kind}`;
}

/** Whether a kind is served in the version that an object is written in, so that it can be read as it is. */
export function isServedAs({ apiVersion }: Pick<KubeObject, "apiVersion">, { version }: ResourceType): boolean {
  return versionOf(apiVersion) === version;
}

/** Whether the health of a kind lies in more than its metadata, by the rules of the environment. */
export function isWhole(
  { healthRules }: Pick<ApplyTarget, "healthRules">,
  { group, kind }: Pick<ResourceType, "group" | "kind">,
): boolean {
  return needsWatch(group, kind, healthRules);
}

/**
 * The kind of an object that was written in this version, in whatever version it is served now; undefined where it is not
 * served at all, and so has no objects. Throws as `Cluster.resource` does.
 */
export async function servedKind(
  cluster: Cluster,
  { group, kind }: Pick<ResourceType, "group" | "kind">,
  version: string,
  signal: AbortSignal,
): Promise<ResourceType | undefined> {
  const exact = await cluster.resource(group === "" ? version : `${group}/${version}`, kind, signal);
  if (exact !== undefined) return exact;
  // As new as the answer above, in the API server's order of preference.
  return (await cluster.kinds(signal)).find((type) => type.group === group && type.kind === kind);
}

/**
 * Finds the kind of every desired object. A kind may be missing when a CustomResourceDefinition of the same environment
 * defines it. Throws `Failure`: KindUnknown for every other one, ObjectInvalid for a namespaced object without namespace.
 */
export async function resolve(
  cluster: Cluster,
  stages: readonly DesiredStage[],
  signal: AbortSignal,
): Promise<Resolved> {
  const manifests = stages.flatMap((stage) => stage.manifests);
  const kinds = new Map(manifests.map(({ object }) => [typeKey(object.apiVersion, object.kind), object]));
  const found = await inParallel(
    [...kinds],
    8,
    async ([key, { apiVersion, kind }]) => {
      const group = groupOf(apiVersion);
      return [key, await servedKind(cluster, { group, kind }, versionOf(apiVersion), signal)] as const;
    },
    signal,
  );
  const types = new Map(found.flatMap(([key, type]) => (type === undefined ? [] : [[key, type] as const])));
  const defined = definedScopes(manifests);
  const unknown: Problem[] = [];
  const homeless: Problem[] = [];
  const fit = (manifest: Manifest): Manifest => {
    const { object, id } = manifest;
    const type = types.get(typeKey(object.apiVersion, object.kind));
    const namespaced =
      type !== undefined && isServedAs(object, type)
        ? type.namespaced
        : defined.get(`${groupOf(object.apiVersion)}/${object.kind}`);
    if (namespaced === undefined) unknown.push(unknownKind(manifest));
    else if (namespaced && id.namespace === "") homeless.push(noNamespace(manifest));
    return namespaced === false && id.namespace !== "" ? withoutNamespace(manifest) : manifest;
  };
  const fitted = stages.map((stage) => ({ ...stage, manifests: stage.manifests.map(fit) }));
  if (unknown.length > 0) throw new Failure("KindUnknown", [...unknown, ...homeless]);
  if (homeless.length > 0) throw new Failure("ObjectInvalid", homeless);
  return { stages: fitted, types };
}

/** Whether the kinds that the revision's own CRDs define are namespaced, by `group/kind`. */
function definedScopes(manifests: readonly Manifest[]): ReadonlyMap<string, boolean> {
  return new Map(
    manifests
      .filter(({ id }) => id.kind === "CustomResourceDefinition")
      .map(({ object }) => [
        `${stringAt(object, "spec", "group")}/${stringAt(object, "spec", "names", "kind")}`,
        stringAt(object, "spec", "scope") === "Namespaced",
      ]),
  );
}

function unknownKind({ object, origin, id }: Manifest): Problem {
  return {
    ...placeOf(origin),
    object: describeId(id),
    message: `the cluster serves no kind ${object.kind} in ${object.apiVersion}`,
    hint: "check the spelling, or install its CustomResourceDefinition first",
  };
}

function noNamespace({ origin, id }: Manifest): Problem {
  return {
    ...placeOf(origin),
    object: describeId(id),
    field: "metadata.namespace",
    message: "has no namespace",
    hint: "set namespace in the kustomization, or targetNamespace in the Environment",
  };
}

function withoutNamespace(manifest: Manifest): Manifest {
  const { namespace: _namespace, ...metadata } = manifest.object.metadata;
  return { ...manifest, id: { ...manifest.id, namespace: "" }, object: { ...manifest.object, metadata } };
}
