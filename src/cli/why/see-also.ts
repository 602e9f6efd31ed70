import type { ObjectId } from "../../model/object-id.ts";
import type { Verdict } from "../../model/verdict.ts";

/** The container's present run says nothing of why the last one ended. */
const crashes: readonly string[] = ["CrashLoopBackOff", "OOMKilled"];

/** The kubectl command that shows more of what keeps an object from being healthy. */
export function seeAlso(id: ObjectId, verdict: Verdict): string | undefined {
  if (verdict.state === "current" || verdict.state === "notFound") return undefined;
  const where = id.namespace === "" ? "" : ` -n ${id.namespace}`;
  const cause = "cause" in verdict ? verdict.cause : undefined;
  if (cause?.pod === undefined) return `kubectl describe ${id.kind.toLowerCase()}/${id.name}${where}`;
  if (cause.container === undefined || /Image|Config/.test(cause.reason))
    return `kubectl describe pod/${cause.pod}${where}`;
  const previous = crashes.includes(cause.reason) ? " --previous" : "";
  return `kubectl logs ${cause.pod} -c ${cause.container}${where}${previous}`;
}
