import type { Cluster } from "../cluster/index.ts";
import { untilAborted } from "../model/async/until-aborted.ts";

/** Something that verbs are asked of, in the words of RBAC. */
export interface Subject {
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  /** Empty for kinds without namespaces. */
  readonly namespace: string;
  readonly name: string;
}

/** What one identity may do in one cluster, as its API server says. */
export interface Rights {
  /** Whose they are, as people are told: `system:serviceaccount:shop:deployer`. */
  readonly who: string;
  /** Whether it may do all of this to an object, there or not. Throws `Failure` where the API server does not say. */
  allow(verbs: readonly string[], subject: Subject, signal: AbortSignal): Promise<boolean>;
}

/** How long an answer counts. A right that was given is to be noticed soon. */
const lifetimeMs = { yes: 30_000, no: 1_000 } as const;
const patienceMs = 20_000;

interface Answer {
  readonly yes: Promise<boolean>;
  until: number;
}

/**
 * The rights of the one whom a connection acts as, asked as that one: it takes no right of the agent's own but to act so.
 * Asked first is whether it may do so to every object of that kind there, so that one answer serves all of a namespace.
 */
export function createRights(cluster: Cluster, who: string): Rights {
  const answers = new Map<string, Answer>();

  function forgetOld(now: number): void {
    for (const [key, { until }] of answers) if (until < now) answers.delete(key);
  }

  function ask(verb: string, subject: Omit<Subject, "name"> & { readonly name?: string }): Promise<boolean> {
    const deed = { verb, ...subject };
    const key = JSON.stringify(deed);
    const now = performance.now();
    const known = answers.get(key);
    if (known !== undefined && known.until >= now) return known.yes;
    forgetOld(now);
    // Shared by all who ask at the same time, so nobody's own signal ends it.
    const yes = cluster.allowed(deed, AbortSignal.timeout(patienceMs));
    const answer: Answer = { yes, until: now + patienceMs };
    answers.set(key, answer);
    yes.then(
      (granted) => {
        answer.until = performance.now() + (granted ? lifetimeMs.yes : lifetimeMs.no);
      },
      () => answers.delete(key),
    );
    return yes;
  }

  async function may(verb: string, { name, ...kind }: Subject, signal: AbortSignal): Promise<boolean> {
    if (await untilAborted(ask(verb, kind), signal)) return true;
    return untilAborted(ask(verb, { ...kind, name }), signal);
  }

  return {
    who,
    async allow(verbs, subject, signal) {
      for (const verb of verbs) if (!(await may(verb, subject, signal))) return false;
      return true;
    },
  };
}
