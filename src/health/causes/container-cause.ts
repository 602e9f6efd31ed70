import { type Json, numberAt, objectAt, stringAt, valueAt } from "../../model/json/json.ts";
import { count, lastLine } from "../wording.ts";
import { isUnanswered } from "./image-pull.ts";
import { isMissingReference } from "./missing-reference.ts";
import { gracePeriods, type SuspectedCause } from "./suspected-cause.ts";

/**
 * Restarts after which a crash loop is certain. With the kubelet's pauses of 10, 20 and 40 seconds, five starts have
 * failed over more than a minute: time enough for a database that came with the same revision to be up.
 */
const CRASH_RESTARTS = 4;
/** Memory does not come by waiting; the second start only tells a peak from a limit that is too low. */
const OOM_RESTARTS = 2;
/** A program that is not there, or cannot be executed (126 and 127 are the shells' codes for it). */
const UNSTARTABLE_CODES: readonly (number | undefined)[] = [126, 127];
const UNSTARTABLE =
  /executable file not found|no such file or directory|permission denied|exec format error|is a directory|not a directory/i;

type PartialCause = Pick<SuspectedCause, "message" | "gracePeriod"> & { readonly reason?: string };

function crashPatience(restarts: number, code: number | undefined, reason: string | undefined, words: string): number {
  const unstartable = UNSTARTABLE_CODES.includes(code) || (reason !== "Error" && UNSTARTABLE.test(words));
  if (unstartable) return gracePeriods.none;
  const enough = reason === "OOMKilled" ? OOM_RESTARTS : CRASH_RESTARTS;
  return restarts >= enough ? gracePeriods.none : gracePeriods.deadline;
}

/** `exited with code 1 (4 restarts): cannot reach the database`. */
function describeExit(terminated: Json | undefined, restarts: number): string {
  const reason = stringAt(terminated, "reason");
  const code = numberAt(terminated, "exitCode");
  const how = reason === "OOMKilled" ? "killed for using more memory than its limit, exit code" : "exited with code";
  const words = lastLine(stringAt(terminated, "message") ?? "");
  const end = `${how} ${code ?? "unknown"}${restarts > 0 ? ` (${count(restarts, "restart")})` : ""}`;
  return words === "" ? end : `${end}: ${words}`;
}

function crashLoop(status: Json, message: string): PartialCause {
  const last = objectAt(status, "lastState", "terminated");
  const restarts = numberAt(status, "restartCount") ?? 0;
  if (last === undefined) return { message, gracePeriod: crashPatience(restarts, undefined, "Error", "") };
  const reason = stringAt(last, "reason");
  return {
    message: describeExit(last, restarts),
    gracePeriod: crashPatience(restarts, numberAt(last, "exitCode"), reason, stringAt(last, "message") ?? ""),
    ...(reason === "OOMKilled" && { reason }),
  };
}

function configError(message: string): PartialCause {
  if (/has runAsNonRoot and|breaks? non-root policy/.test(message)) return { message, gracePeriod: gracePeriods.none };
  return { message, gracePeriod: isMissingReference(message) ? gracePeriods.reference : gracePeriods.deadline };
}

/**
 * What a waiting container says about itself. Reasons and messages as the kubelet writes them
 * (kubernetes pkg/kubelet/images/types.go, kuberuntime/kuberuntime_container.go and kubelet_pods.go).
 */
function waitingCause(status: Json, reason: string, pullError: string | undefined): PartialCause | undefined {
  const message = stringAt(status, "state", "waiting", "message") || reason;
  switch (reason) {
    case "":
    case "ContainerCreating":
    case "PodInitializing":
      return undefined;
    case "InvalidImageName":
    case "ErrImageNeverPull":
      return { message, gracePeriod: gracePeriods.none };
    case "ImagePullBackOff": {
      const words = pullError === undefined || message.includes(pullError) ? message : `${message}: ${pullError}`;
      return { message: words, gracePeriod: isUnanswered(words) ? gracePeriods.deadline : gracePeriods.none };
    }
    case "CreateContainerConfigError":
      return configError(message);
    case "CreateContainerError":
    case "RunContainerError":
      return { message, gracePeriod: UNSTARTABLE.test(message) ? gracePeriods.none : gracePeriods.deadline };
    case "CrashLoopBackOff":
      return crashLoop(status, message);
    default:
      return { message, gracePeriod: gracePeriods.deadline };
  }
}

/** A container that died and has not been found in back-off yet, or runs again without being ready. */
function exitCause(status: Json): SuspectedCause | undefined {
  if (valueAt(status, "ready") === true) return undefined;
  const terminated = objectAt(status, "state", "terminated") ?? objectAt(status, "lastState", "terminated");
  const code = numberAt(terminated, "exitCode") ?? 0;
  if (terminated === undefined || code === 0) return undefined;
  const message = describeExit(terminated, numberAt(status, "restartCount") ?? 0);
  return { reason: stringAt(terminated, "reason") ?? "Error", message, gracePeriod: gracePeriods.deadline };
}

/**
 * What is wrong with one container, from an entry of `status.containerStatuses`. `pullError` is what the pod's last
 * event about a failed pull said: kubelets before 1.31 leave it out of the status.
 */
export function containerCause(status: Json, pullError: string | undefined): SuspectedCause | undefined {
  const container = stringAt(status, "name") ?? "";
  const reason = stringAt(status, "state", "waiting", "reason");
  const found = reason === undefined ? exitCause(status) : waitingCause(status, reason, pullError);
  return found === undefined ? undefined : { reason: reason ?? "Error", ...found, container };
}
