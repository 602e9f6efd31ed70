import type { Cluster } from "../cluster/index.ts";
import { inParallel } from "../model/async/in-parallel.ts";
import { untilAborted } from "../model/async/until-aborted.ts";
import { Failure, failureClasses } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import {
  isSnapshotOf,
  readSnapshot,
  type Snapshot,
  snapshotNames,
  snapshotParts,
  snapshotSecrets,
} from "../rollout/index.ts";

import { findSecret } from "./secrets.ts";

/** All parts of a snapshot together; the largest has some dozens. */
const patienceMs = 120_000;

/** Keeps the last healthy content of one environment in Secrets beside it. */
export interface SnapshotStore {
  /**
   * The snapshot, or undefined where the environment never was healthy. Read once, then remembered. Throws `Failure`
   * (SnapshotInvalid) where there is one that cannot be used.
   */
  read(signal: AbortSignal): Promise<Snapshot | undefined>;
  /** Throws `Failure`, an error whatever the cause: that it cannot be kept says nothing against the revision. */
  write(snapshot: Snapshot, signal: AbortSignal): Promise<void>;
  /** It is read again the next time. */
  forget(): void;
}

/** A store over the agent's own connection: never impersonated, so that tenants cannot write what is rolled back to. */
export function createSnapshotStore(
  cluster: Cluster,
  { name, namespace, uid }: { readonly name: string; readonly namespace: string; readonly uid: string },
): SnapshotStore {
  let known: Promise<Snapshot | undefined> | undefined;

  async function part(number: number, signal: AbortSignal): Promise<KubeObject | undefined> {
    for (const each of snapshotNames(name, number)) {
      const secret = await findSecret(cluster, { namespace, name: each }, signal);
      if (secret !== undefined && isSnapshotOf(secret, name)) return secret;
    }
    return undefined;
  }

  async function load(signal: AbortSignal): Promise<Snapshot | undefined> {
    const first = await part(0, signal);
    if (first === undefined) return undefined;
    const numbers = Array.from({ length: snapshotParts(first) - 1 }, (_, index) => index + 1);
    const rest = await inParallel(numbers, 4, (number) => part(number, signal), signal);
    return readSnapshot([first, ...rest]);
  }

  /** Whoever asks meanwhile shares it, so nobody's own signal ends it. What cannot be read is read again by the next one. */
  function loadForAll(): Promise<Snapshot | undefined> {
    const loading = load(AbortSignal.timeout(patienceMs)).catch((thrown: unknown) => {
      if (known === loading) known = undefined;
      throw thrown;
    });
    return loading;
  }

  return {
    async read(signal) {
      signal.throwIfAborted();
      known ??= loadForAll();
      return untilAborted(known, signal);
    },
    async write(snapshot, signal) {
      const secrets = await snapshotSecrets(snapshot, { name, namespace, uid });
      const keep = (secret: KubeObject) => cluster.apply(secret, { dryRun: false, force: true }, signal);
      await inParallel(secrets, 4, keep, signal).catch((thrown: unknown) => {
        throw thrown instanceof Failure && failureClasses[thrown.code].nature === "failure" ? notKept(thrown) : thrown;
      });
      known = Promise.resolve(snapshot);
    },
    forget() {
      known = undefined;
    },
  };
}

/** A quota or an admission webhook refuses the Secret. */
function notKept(cause: Failure): Failure {
  const hint = "without it there is nothing to roll back to, so the revision does not count as healthy yet";
  const problems = cause.problems.map(({ message, object }) => ({
    ...(object === undefined ? {} : { object }),
    message: `the snapshot of the healthy revision could not be saved: ${message}`,
    hint,
  }));
  return new Failure("SnapshotInvalid", problems, { cause });
}
