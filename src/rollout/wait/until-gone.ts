import type { Cluster, ObjectRef } from "../../cluster/index.ts";
import type { Problem } from "../../model/failure.ts";
import { listAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { poll } from "./poll.ts";

/**
 * Waits until an object is gone, or another one has taken its name. Throws `Failure` (HealthTimeout), with what still keeps
 * it, where the signal is a time limit that ends first.
 */
export async function waitUntilGone(
  cluster: Pick<Cluster, "get">,
  ref: ObjectRef,
  uid: string,
  signal: AbortSignal,
): Promise<void> {
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
  return { object, message, hint: "find out why the controller behind the finalizer does not remove it" };
}

/** `is being deleted; blocked by the finalizer example.com/a`: why an object is not gone yet. */
export function describeDeletion({ metadata }: KubeObject): string {
  const keepers = listAt(metadata, "finalizers").filter((each) => typeof each === "string");
  if (keepers.length === 0) return "is being deleted";
  return `is being deleted; blocked by the finalizer${keepers.length > 1 ? "s" : ""} ${keepers.join(", ")}`;
}
