/** Who a task is done for. */
export interface Owner {
  readonly namespace: string;
  readonly name: string;
}

/** What is known of a task when it is its turn that is asked about. */
export interface Waiting {
  readonly owner: Owner;
}

/** What the turn of a task depends on. */
export interface Turns<Job extends Waiting = Waiting> {
  /** How many tasks of a namespace are at work. */
  readonly working: (namespace: string) => number;
  /** When a namespace, or an owner, last had its turn: a number that grows. */
  readonly lastTurn: (key: string) => number;
  /** How often the owner of a task took more than one may, as far as that still counts for it. */
  readonly offences: (job: Job) => number;
}

/** Names an owner, in one text. */
export function ownerKey({ namespace, name }: Owner): string {
  return `${namespace}/${name}`;
}

/**
 * Whose turn it is of those who wait, oldest first: who took too much comes last; then a namespace of which least is at work,
 * then the namespace, and in it the owner, that has waited longest for its turn. Undefined where nobody waits.
 */
export function nextTurn<Job extends Waiting>(waiting: readonly Job[], turns: Turns<Job>): Job | undefined {
  const rank = (job: Job) => [
    turns.offences(job),
    turns.working(job.owner.namespace),
    turns.lastTurn(job.owner.namespace),
    turns.lastTurn(ownerKey(job.owner)),
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
