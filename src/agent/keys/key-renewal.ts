import type { Cluster } from "../../cluster/index.ts";
import { toFailure } from "../../model/failure.ts";
import { newSealingKey, nextKeyDue, type RenewalPolicy, sealingKeySecret } from "../../seal/index.ts";
import { createWakeup } from "../kernel/wakeup.ts";
import type { Log } from "../log.ts";
import type { SealingKeys } from "../sealing-keys.ts";

/** A key that could not be made is tried again after this long. */
const retryMs = 5_000;

/** Where new keys go, and when they are due. */
export interface Renewal {
  readonly namespace: string;
  readonly policy: RenewalPolicy;
}

/**
 * Makes a sealing key whenever one is due: at once where there is none, then by the policy. Old keys stay. Only the leader
 * does this. Returns when the signal aborts.
 */
export async function renewKeys(
  cluster: Cluster,
  keys: SealingKeys,
  { namespace, policy, log }: Renewal & { readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const wakeup = createWakeup();
  const stopListening = keys.onChange(() => wakeup.now());
  signal.addEventListener("abort", () => wakeup.now(), { once: true });
  try {
    while (!signal.aborted) {
      const due = nextKeyDue(keys.ring, new Date(), policy);
      if (due !== undefined && due.getTime() <= Date.now()) {
        wakeup.in(retryMs);
        await makeKey(cluster, namespace, log, signal);
      } else if (due !== undefined) wakeup.in(due.getTime() - Date.now());
      await wakeup.wait();
    }
  } finally {
    stopListening();
  }
}

async function makeKey(cluster: Cluster, namespace: string, log: Log, signal: AbortSignal): Promise<void> {
  try {
    const secret = await cluster.create(sealingKeySecret(await newSealingKey(new Date()), namespace), signal);
    log.info({ secret: secret.metadata.name }, "made a sealing key; back it up with: mooring secrets backup");
  } catch (thrown) {
    const { code, message } = toFailure(thrown);
    if (!signal.aborted) log.warn({ code, message }, "a sealing key could not be made");
  }
}
