import { holdsInOrder } from "../../model/text/in-order.ts";
import { gracePeriods, type SuspectedCause } from "./suspected-cause.ts";

/** What stands before the reason: who failed, and the name of a pod that never was, which is new in every attempt. */
const PREAMBLE =
  /^(\(combined from similar events\): )?(error creating: |create (pod|claim) \S+ .*?failed error: )?(pods "[^"]*" is forbidden: )?/i;

/**
 * Why a controller could not create a pod, from the API server's refusal as it stands in a `FailedCreate` event or a
 * `ReplicaFailure` condition. What waiting cannot fix is certain at once; the rest has its grace period.
 */
export function creationCause(words: string, began: number | undefined): SuspectedCause {
  const message = words.replace(PREAMBLE, "");
  const found = (reason: string, gracePeriod: number): SuspectedCause => ({ reason, message, gracePeriod, began });
  if (/exceeded quota/.test(message)) return found("QuotaExceeded", gracePeriods.quota);
  if (/violates PodSecurity/.test(message)) return found("PodSecurityViolation", gracePeriods.none);
  if (holdsInOrder(message, "serviceaccount ", "not found"))
    return found("ServiceAccountMissing", gracePeriods.reference);
  if (/no PriorityClass with name/.test(message)) return found("PriorityClassMissing", gracePeriods.reference);
  // "failed calling webhook" is a webhook that is down; "denied" is one that has answered.
  if (/denied (the )?request/.test(message)) return found("AdmissionDenied", gracePeriods.none);
  if (/^(maximum|minimum) .* (is|per)|is invalid: /.test(message)) return found("AdmissionDenied", gracePeriods.none);
  return found("FailedCreate", gracePeriods.deadline);
}
