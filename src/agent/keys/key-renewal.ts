import type { Cluster } from "../../cluster/index.ts";
import { newSealingKey, nextKeyDue, type RenewalPolicy, sealingKeySecret } from "../../seal/index.ts";
import type { Decision, Ended, NotableEvent } from "../kernel/decision.ts";
import { startReconciler } from "../kernel/reconciler.ts";
import { createPassRecorder } from "../kernel/recorder.ts";
import type { AnyStatus } from "../kernel/status-writer.ts";
import type { Log } from "../log.ts";
import type { SealingKeys } from "./sealing-keys.ts";

/** After a key was made or could not be made, the next pass is made after this long, unless the keys change before. */
const retryMs = 5_000;

/** Where new keys go, and when they are due. */
export interface Renewal {
  readonly namespace: string;
  readonly policy: RenewalPolicy;
  readonly log: Log;
}

/** What came of a pass: the Secret of a new key, or when the next key is due. */
export type RenewalOutcome =
  | { readonly type: "made"; readonly secret: string }
  | { readonly type: "waiting"; readonly due: Date | undefined };

/**
 * Makes a sealing key whenever one is due: at once where there is none, then by the policy. Old keys stay. Only the leader
 * does this.
 */
export function startKeyRenewal(
  cluster: Pick<Cluster, "create">,
  keys: Pick<SealingKeys, "ring" | "onChange">,
  { namespace, policy, log }: Renewal,
): { close(): Promise<void> } {
  const loop = startReconciler<Date | undefined, RenewalOutcome>({
    begin: () => nextKeyDue(keys.ring, new Date(), policy),
    async pass(due, signal) {
      if (due === undefined || due.getTime() > Date.now()) return { type: "waiting", due };
      const key = await newSealingKey(new Date());
      const { metadata } = await cluster.create(sealingKeySecret(key, namespace), signal);
      return { type: "made", secret: metadata.name };
    },
    recorder: createPassRecorder({
      decide: (ended: Ended<RenewalOutcome>, _due: Date | undefined, { now }) => decideRenewal(ended, now),
      subject: (due) => due,
      emit: (_due, { secret, message }) => log.info({ secret }, message),
    }),
    failed: ({ code, message }) => log.warn({ code, message }, "a sealing key could not be made"),
  });
  const unsubscribe = keys.onChange(loop.wake);
  return {
    async close() {
      unsubscribe();
      await loop.close();
    },
  };
}

/** A key was made. It is only logged. */
export interface RenewalEvent extends NotableEvent<"SealingKeyMade"> {
  readonly secret: string;
}

/** The decider of key renewal: when the next pass is made, and what is logged. */
export function decideRenewal(ended: Ended<RenewalOutcome>, now: Date): Decision<AnyStatus, RenewalEvent> {
  const again = { status: undefined, event: undefined, requeueMs: retryMs };
  if (ended.type === "failure") return again;
  const { outcome } = ended;
  if (outcome.type === "waiting")
    return { ...again, requeueMs: outcome.due === undefined ? undefined : outcome.due.getTime() - now.getTime() };
  const message = "made a sealing key; back it up with: mooring secrets backup";
  const made = { type: "Normal", reason: "SealingKeyMade", message, recurring: true } as const;
  return { ...again, event: { ...made, secret: outcome.secret } };
}
