import { milliseconds } from "../api/duration.ts";
import type { Environment } from "../api/environment.ts";
import { apiVersion, finalizer } from "../api/names.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure, toFailure } from "../model/failure.ts";
import { inventoryIds } from "../model/inventory.ts";
import { describeId } from "../model/object-id.ts";
import { removeAll, type Target } from "../rollout/index.ts";

/** Puts the finalizer on an Environment whose deletion policy has something to do. One request, once. */
export async function ensureFinalizer(cluster: Cluster, environment: Environment, signal: AbortSignal): Promise<void> {
  const finalizers = finalizersOf(environment);
  if (environment.spec.deletionPolicy === "Orphan" || finalizers.includes(finalizer)) return;
  await patchFinalizers(cluster, environment, [...finalizers, finalizer], signal);
}

/**
 * Carries out the deletion policy and lets the Environment go. Tried until the environment's timeout has passed since
 * its deletion; then it goes all the same, and `abandoned` is told why and what stays. Throws `Failure` to be tried again.
 */
export async function finalize(
  cluster: Cluster,
  environment: Environment,
  { target, abandoned }: { readonly target: () => Promise<Target>; readonly abandoned: (failure: Failure) => void },
  signal: AbortSignal,
): Promise<void> {
  const finalizers = finalizersOf(environment);
  if (!finalizers.includes(finalizer)) return;
  try {
    await carryOut(environment, target, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    const failure = toFailure(thrown);
    if (!isOverdue(environment)) throw failure;
    abandoned(leftBehind(environment, failure));
  }
  await patchFinalizers(
    cluster,
    environment,
    finalizers.filter((each) => each !== finalizer),
    signal,
  );
}

async function carryOut(
  { spec, status }: Environment,
  target: () => Promise<Target>,
  signal: AbortSignal,
): Promise<void> {
  const deletes = spec.deletionPolicy === "MirrorPrune" ? spec.prune : spec.deletionPolicy !== "Orphan";
  if (!deletes || spec.suspend) return;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(milliseconds(spec.timeout))]);
  await removeAll(
    await target(),
    status.inventory ?? { entries: [] },
    spec.deletionPolicy === "WaitForTermination",
    limit,
  );
}

const mostNamed = 20;

/** What stays in the cluster, as far as it is known, and why. */
function leftBehind({ spec, status }: Environment, cause: Failure): Failure {
  const ids = inventoryIds(status.inventory ?? { entries: [] }).map(describeId);
  const more = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : "";
  const named =
    ids.length === 0 ? "" : `; of these some or all are still there: ${ids.slice(0, mostNamed).join(", ")}${more}`;
  const message = `let go after ${spec.timeout} although its objects could not all be deleted: ${cause.message}${named}`;
  return new Failure(cause.code, { message, hint: "delete what is left by hand" }, { cause });
}

function isOverdue({ metadata, spec }: Environment): boolean {
  return Date.parse(metadata.deletionTimestamp ?? "") + milliseconds(spec.timeout) < Date.now();
}

function finalizersOf({ metadata }: Environment): readonly string[] {
  const { finalizers } = metadata;
  return Array.isArray(finalizers) ? finalizers.filter((each) => typeof each === "string") : [];
}

async function patchFinalizers(
  cluster: Cluster,
  { metadata }: Environment,
  finalizers: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const ref = { apiVersion, kind: "Environment", namespace: metadata.namespace, name: metadata.name };
  const body = { metadata: { finalizers: [...finalizers], resourceVersion: metadata.resourceVersion } };
  await cluster.patch(ref, { type: "merge", body }, {}, signal);
}
