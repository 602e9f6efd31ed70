import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";

/** Checked before every write: whether this agent still leads. `lost` cuts off the writes under way. */
export interface Fence {
  holds(): boolean;
  readonly lost: AbortSignal;
}

/**
 * A cluster in which only the leader writes. Each write is refused with `Failure` (Interrupted) once the lease may not be
 * acted on any more, and those under way are cut off when it is lost: a process that was stopped for a minute and goes on
 * in the middle of a pass writes nothing into what another agent does by then. Reads and dry runs go on.
 */
export function fenced(cluster: Cluster, fence: Fence): Cluster {
  const write = async <T>(signal: AbortSignal, work: (ends: AbortSignal) => Promise<T>): Promise<T> => {
    if (!fence.holds())
      throw new Failure("Interrupted", { message: "another agent may be the leader by now: nothing is written" });
    return work(AbortSignal.any([signal, fence.lost]));
  };
  return {
    ...cluster,
    apply: (object, options, signal) =>
      options.dryRun
        ? cluster.apply(object, options, signal)
        : write(signal, (ends) => cluster.apply(object, options, ends)),
    patch: (ref, patch, options, signal) =>
      options.dryRun === true
        ? cluster.patch(ref, patch, options, signal)
        : write(signal, (ends) => cluster.patch(ref, patch, options, ends)),
    create: (object, signal, options) =>
      options?.dryRun === true
        ? cluster.create(object, signal, options)
        : write(signal, (ends) => cluster.create(object, ends, options)),
    update: (object, options, signal) =>
      options.dryRun === true
        ? cluster.update(object, options, signal)
        : write(signal, (ends) => cluster.update(object, options, ends)),
    delete: (ref, options, signal) => write(signal, (ends) => cluster.delete(ref, options, ends)),
    impersonate: (who) => fenced(cluster.impersonate(who), fence),
  };
}
