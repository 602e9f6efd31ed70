import { inParallel } from "../../model/async/in-parallel.ts";
import type { Failure } from "../../model/failure.ts";
import { versionOf } from "../../model/object-id.ts";
import { isWhole, servedKind, typeKey } from "../observe/resolve.ts";
import type { ApplyTarget, KubeObjectRef } from "../target/apply-target.ts";
import type { Tracked } from "../watch/kind-use.ts";

/**
 * Tracks the kinds of what is waited for until the deadline, in milliseconds of the monotonic clock: what cannot be listed by
 * then says nothing against the revision. Throws as `LiveView.track` does.
 */
export async function trackInTime(
  target: ApplyTarget,
  { objects, deadline }: { readonly objects: readonly KubeObjectRef[]; readonly deadline: number },
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.timeout(Math.max(1, Math.ceil(deadline - performance.now())));
  try {
    await trackKinds(target, objects, AbortSignal.any([signal, limit]));
  } catch (thrown) {
    signal.throwIfAborted();
    if (!limit.aborted) throw thrown;
    throw blindness(target, objects) ?? thrown;
  }
}

/** Why the health of these objects is not known, or undefined where it is. */
export function blindness(target: ApplyTarget, objects: Iterable<KubeObjectRef>): Failure | undefined {
  return [...objects].map(({ id }) => target.view.failure(id)).find((each) => each !== undefined);
}

/** Watches the kinds of these objects, as far as they are served. Throws as `LiveView.track` does. */
export async function trackKinds(
  target: ApplyTarget,
  objects: readonly KubeObjectRef[],
  signal: AbortSignal,
): Promise<void> {
  const kinds = Map.groupBy(objects, ({ apiVersion, id }) => typeKey(apiVersion, id.kind));
  const tracked = await inParallel(
    [...kinds.values()],
    8,
    async (members): Promise<readonly Tracked[]> => {
      const [first] = members;
      if (first === undefined) return [];
      const type = await servedKind(target.cluster, first.id, versionOf(first.apiVersion), signal);
      const namespaces = [...new Set(members.map((member) => member.id.namespace))];
      return type === undefined ? [] : [{ type, namespaces, whole: isWhole(target, type) }];
    },
    signal,
  );
  await target.view.track(tracked.flat(), signal);
}
