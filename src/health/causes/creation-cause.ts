import { holdsInOrder } from "../../model/text/in-order.ts";
import { patience, type Suspicion } from "./suspected-cause.ts";

/** What stands before the reason: who failed, and the name of a pod that never was, which is new in every attempt. */
const PREAMBLE =
  /^(\(combined from similar events\): )?(error creating: |create (pod|claim) \S+ .*?failed error: )?(pods "[^"]*" is forbidden: )?/i;

/**
 * Why a controller could not create a pod, from the API server's refusal as it stands in a `FailedCreate` event or a
 * `ReplicaFailure` condition. What no waiting mends is certain at once; the rest has its patience.
 */
export function createSuspicion(words: string, began: number | undefined): Suspicion {
  const message = words.replace(PREAMBLE, "");
  const found = (reason: string, patient: number): Suspicion => ({ reason, message, patience: patient, began });
  if (/exceeded quota/.test(message)) return found("QuotaExceeded", patience.room);
  if (/violates PodSecurity/.test(message)) return found("PodSecurityViolation", patience.atOnce);
  if (holdsInOrder(message, "serviceaccount ", "not found")) return found("ServiceAccountMissing", patience.reference);
  if (/no PriorityClass with name/.test(message)) return found("PriorityClassMissing", patience.reference);
  // "failed calling webhook" is a webhook that is down; "denied" is one that has answered.
  if (/denied (the )?request/.test(message)) return found("AdmissionDenied", patience.atOnce);
  if (/^(maximum|minimum) .* (is|per)|is invalid: /.test(message)) return found("AdmissionDenied", patience.atOnce);
  return found("FailedCreate", patience.deadline);
}
