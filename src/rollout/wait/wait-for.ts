import { pause } from "../../clock/index.ts";
import { type Cluster, type ObjectRef, refOf } from "../../cluster/index.ts";
import { assess } from "../../health/index.ts";
import { Failure, type Problem } from "../../model/failure.ts";
import { isObject, listAt, stringAt } from "../../model/json/json.ts";
import { type KubeObject, type Manifest, placeOf } from "../../model/manifest.ts";
import { describeId } from "../../model/object-id.ts";

/** Short waits of the apply itself, a second or two at most: looked at again this often. */
const pollMs = 100;

/**
 * Waits until every kind that these CRDs define is served. Throws `Failure`: HealthFailed as soon as the API server has not
 * accepted one of them, HealthTimeout where the signal is a time limit that ends first; ClusterUnreachable where the API
 * server does not answer.
 */
export async function waitUntilServed(
  cluster: Cluster,
  definitions: readonly Manifest[],
  signal: AbortSignal,
): Promise<void> {
  for (const definition of definitions) {
    const { object } = definition;
    const group = stringAt(object, "spec", "group") ?? "";
    const kind = stringAt(object, "spec", "names", "kind") ?? "";
    for (const version of servedVersions(object)) {
      let times = 0;
      const isServed = async () => {
        if ((await cluster.resource(`${group}/${version}`, kind, signal)) !== undefined) return true;
        if (times++ % askedWhyNot === askedWhyNot - 1) await refuseFailed(cluster, definition, signal);
        return false;
      };
      const message = `${kind} is not served in ${group}/${version} yet`;
      await poll(isServed, () => problemOf(definition, message), signal);
    }
  }
}

async function refuseFailed(cluster: Cluster, definition: Manifest, signal: AbortSignal): Promise<void> {
  const object = await cluster.get(refOf(definition.object), signal);
  const verdict = object && assess({ object, pods: [], events: [] }, new Date());
  if (verdict?.state === "failed") throw new Failure("HealthFailed", problemOf(definition, verdict.message));
}

function problemOf({ id, origin }: Manifest, message: string): Problem {
  return { ...placeOf(origin), object: describeId(id), message };
}

/** A question that was last answered longer ago than this was in the end not answered at all. */
const freshMs = 5_000;

/** Asks until the answer is yes. What is still open when a time limit ends is a HealthTimeout. */
async function poll(ask: () => Promise<boolean>, open: () => Problem, signal: AbortSignal): Promise<void> {
  let answered = Number.NEGATIVE_INFINITY;
  try {
    while (!(await ask())) {
      answered = performance.now();
      await pause(pollMs, signal);
    }
  } catch (thrown) {
    const outOfTime = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
    if (outOfTime && performance.now() - answered < freshMs) throw new Failure("HealthTimeout", open());
    throw thrown;
  }
}

/** Why a kind is not served is asked about once a second: mostly it is about to be. */
const askedWhyNot = 10;

/**
 * Waits until an object is gone, or another one has taken its name. Throws `Failure` (HealthTimeout), with what still keeps
 * it, where the signal is a time limit that ends first.
 */
export async function waitUntilGone(cluster: Cluster, ref: ObjectRef, uid: string, signal: AbortSignal): Promise<void> {
  let last: KubeObject | undefined;
  const isGone = async () => {
    last = await cluster.get(ref, signal);
    return last?.metadata.uid !== uid;
  };
  await poll(isGone, () => stillThere(ref, last), signal);
}

function stillThere({ kind, namespace = "", name }: ObjectRef, last: KubeObject | undefined): Problem {
  const object = namespace === "" ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
  const message = last === undefined ? "is being deleted" : describeDeletion(last);
  return { object, message, hint: "find out why the controller behind the finalizer does not let it go" };
}

/** `is being deleted, and kept by the finalizer example.com/a`: why an object is not gone yet. */
export function describeDeletion({ metadata }: KubeObject): string {
  const keepers = listAt(metadata, "finalizers").filter((each) => typeof each === "string");
  if (keepers.length === 0) return "is being deleted";
  return `is being deleted, and kept by the finalizer${keepers.length > 1 ? "s" : ""} ${keepers.join(", ")}`;
}

function servedVersions(definition: KubeObject): readonly string[] {
  return listAt(definition, "spec", "versions")
    .filter((version) => isObject(version) && version.served === true)
    .flatMap((version) => stringAt(version, "name") ?? []);
}
