import type { Environment } from "../../api/environment/environment.ts";
import type { StatusProblem } from "../../api/environment/environment-status.ts";
import type { Cluster } from "../../cluster/index.ts";
import { clusterVariables, createSnapshotStore, desiredStages, readSopsItems } from "../../environment/index.ts";
import { Failure } from "../../model/failure.ts";
import { type Manifest, placeOf } from "../../model/manifest.ts";
import { describeId, type ObjectId } from "../../model/object-id.ts";
import { parseRevision } from "../../model/revision.ts";
import { createStageRenderer, type DesiredStage } from "../../rollout/index.ts";
import { isSealedSecret } from "../../seal/index.ts";
import { ignoredTree } from "../../source/index.ts";
import { openCheckout } from "../repository/checkout.ts";
import { localRevision } from "../repository/revision-tree.ts";

/** Where in the repository an object comes from. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  /** The kustomizations that led to the file, outermost first. */
  readonly chain?: readonly string[];
  /** The revision that this is said of; absent where an error kept it from being rolled out. */
  readonly revision?: string;
}

/** Where to look. */
export interface Lookup {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/**
 * Where an object of an Environment comes from, by the first that knows it: what the status tells of a failure; the
 * snapshot of the last healthy revision, for who may read that Secret; the working directory, where it is a checkout that
 * has the applied commit. Undefined where none does.
 */
export async function findPlace(lookup: Lookup, id: ObjectId): Promise<Place | undefined> {
  const told = placeInStatus(lookup.environment, id);
  if (told !== undefined) return told;
  for (const source of [snapshotStages, checkoutStages]) {
    const content = await source(lookup).catch((thrown: unknown) => {
      lookup.signal.throwIfAborted();
      // Who may not read it, or has no checkout, or no usable one, is told no place.
      if (thrown instanceof Failure && thrown.code !== "Bug") return undefined;
      throw thrown;
    });
    const manifest = content?.stages.flatMap(({ manifests }) => manifests).find((each) => becomes(each, id));
    if (content !== undefined && manifest !== undefined) {
      return { ...placeOf(manifest.origin), revision: content.revision };
    }
  }
  return undefined;
}

function placeInStatus({ status }: Environment, id: ObjectId): Place | undefined {
  const isIt = ({ object, file }: StatusProblem) => object === describeId(id) && file !== undefined;
  const failed = status.failedProblems?.find(isIt);
  const { failedRevision } = status;
  if (failed !== undefined) return placeIn(failed, failedRevision);
  const problem = status.problems?.find(isIt);
  return problem === undefined ? undefined : placeIn(problem, undefined);
}

function placeIn({ file = "", line, chain }: StatusProblem, revision: string | undefined): Place {
  return {
    file,
    ...(line === undefined ? {} : { line }),
    ...(chain === undefined ? {} : { chain }),
    ...(revision === undefined ? {} : { revision }),
  };
}

interface Content {
  readonly revision: string;
  readonly stages: readonly DesiredStage[];
}

async function snapshotStages({ cluster, environment, signal }: Lookup): Promise<Content | undefined> {
  const { name, namespace, uid = "" } = environment.metadata;
  return createSnapshotStore(cluster, { name, namespace, uid }).read(signal);
}

async function checkoutStages({ cluster, environment, cwd, signal }: Lookup): Promise<Content | undefined> {
  const { spec, status } = environment;
  const revision = status.lastAppliedRevision ?? "";
  const commit = parseRevision(revision)?.commit;
  if (commit === undefined) return undefined;
  const { root } = await openCheckout(".", cwd);
  const { tree } = await localRevision(root, commit);
  const files = await ignoredTree(tree, spec.source.ignore ?? "");
  const sops = await readSopsItems(cluster, environment, signal);
  const tools = { render: createStageRenderer(), variables: clusterVariables(cluster), sops };
  return { revision, stages: await desiredStages(environment, { tree: files, remotes: new Map() }, tools, signal) };
}

/** A SealedSecret is a Secret in the cluster, and what belongs to no namespace may have been given one. */
function becomes({ id, object }: Manifest, wanted: ObjectId): boolean {
  const kind = isSealedSecret(object) ? "Secret" : id.kind;
  const group = isSealedSecret(object) ? "" : id.group;
  const there = wanted.namespace === "" || id.namespace === wanted.namespace;
  return there && kind === wanted.kind && group === wanted.group && id.name === wanted.name;
}
