import { type Applied, refOf } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { describeOwner, type Owner, ownerOf, sameOwner } from "../../plan/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";

/** An object to be applied, and the Environment that owned it until now. */
export interface Moved {
  readonly object: KubeObject;
  readonly from: Owner;
}

const attempts = 5;

/**
 * Applies an object that moves here from another Environment, as long as it still carries that one's labels: the version
 * that was read is the precondition of the write. Throws `Failure` (Conflict) where a third Environment has it by now.
 */
export async function applyMoved(target: ApplyTarget, { object, from }: Moved, signal: AbortSignal): Promise<Applied> {
  for (let attempt = 1; ; attempt += 1) {
    const live = await target.cluster.get(refOf(object), signal);
    const owner = live === undefined ? undefined : ownerOf(live);
    if (owner !== undefined && !sameOwner(owner, from) && !sameOwner(owner, target.owner)) {
      throw new Failure("Conflict", { message: `has moved to ${describeOwner(owner)} meanwhile` });
    }
    try {
      return await target.cluster.apply(atVersion(object, live), { dryRun: false, force: true }, signal);
    } catch (thrown) {
      const moved = thrown instanceof Failure && thrown.code === "Conflict";
      if (!moved || attempt === attempts) throw thrown;
    }
  }
}

function atVersion(object: KubeObject, live: KubeObject | undefined): KubeObject {
  const resourceVersion = live?.metadata.resourceVersion;
  return resourceVersion === undefined ? object : { ...object, metadata: { ...object.metadata, resourceVersion } };
}
