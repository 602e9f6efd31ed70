/** Who a task is done for. */
export interface Owner {
  readonly namespace: string;
  readonly name: string;
}

/** A task that waits. */
export interface Waiting {
  readonly owner: Owner;
}

/** What the order of the queue depends on. */
export interface QueueState<Job extends Waiting = Waiting> {
  /** How many tasks of a namespace are running. */
  readonly working: (namespace: string) => number;
  /** When a namespace, or an owner, was last served: a number that grows. */
  readonly lastServed: (key: string) => number;
  /** How many inputs of the owner of a task exceeded their limits, as far as that still counts for it. */
  readonly overruns: (job: Job) => number;
}

/** Names an owner, in one text. */
export function ownerKey({ namespace, name }: Owner): string {
  return `${namespace}/${name}`;
}

/**
 * The next of the jobs that wait, given oldest first. Fair queueing: owners with overruns come last; then the namespace with
 * the fewest running jobs comes first, then the namespace, and in it the owner, that was served longest ago. Undefined where
 * none waits.
 */
export function nextJob<Job extends Waiting>(waiting: readonly Job[], state: QueueState<Job>): Job | undefined {
  const rank = (job: Job) => [
    state.overruns(job),
    state.working(job.owner.namespace),
    state.lastServed(job.owner.namespace),
    state.lastServed(ownerKey(job.owner)),
  ];
  let best: { readonly job: Job; readonly rank: readonly number[] } | undefined;
  for (const job of waiting) {
    const its = rank(job);
    if (best === undefined || isLess(its, best.rank)) best = { job, rank: its };
  }
  return best?.job;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((each, index) => each !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}
