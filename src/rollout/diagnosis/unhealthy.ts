import { createPace, inSlices } from "../../clock/index.ts";
import { describeCause } from "../../health/index.ts";
import { Failure, type Problem } from "../../model/failure.ts";
import { placeOf } from "../../model/manifest.ts";
import { describeId } from "../../model/object-id.ts";
import type { Cause, Verdict } from "../../model/verdict.ts";
import { type LineMask, lineMaskSteps, secretValues } from "../../plan/index.ts";
import type { Observation } from "../observe/observe.ts";
import type { ApplyTarget, KubeObjectRef } from "../target/apply-target.ts";
import { type LastLines, type LogSource, readLastLines } from "./last-lines.ts";

/** How a wait for health ended badly, and what it ended by. */
export interface Unhealthy {
  readonly code: "HealthFailed" | "HealthTimeout";
  readonly objects: readonly { readonly object: KubeObjectRef; readonly verdict: Verdict }[];
}

/** What of a target is needed to read logs. */
export type LogTarget = Pick<ApplyTarget, "hiddenValues"> & { readonly cluster: LogSource };

/** Logs only make a failure easier to understand: it is not delayed longer for them. */
const limitMs = 2_000;

/**
 * The failure that names each object with file, pod, container and cause, and with the last lines that the container logged.
 * Without `secrets`, the values that must not be quoted, no log is read: they are known of the Environment's own objects
 * only. Takes two seconds at most, and never throws.
 */
export async function unhealthyFailure(
  target: LogTarget,
  { code, objects }: Unhealthy,
  secrets: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Failure> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const causes = objects.flatMap(({ verdict }) => causeOf(verdict) ?? []);
  const hidden = secrets && (await withHiddenValues(target, secrets, limit));
  const mask = await inSlices(lineMaskSteps(hidden ?? secrets ?? []));
  const lines: LastLines = hidden ? await readLastLines(target.cluster, causes, mask, limit) : new Map();
  const problems: Problem[] = [];
  const pace = createPace();
  for (const { object, verdict } of objects) {
    const logs = lines.get(causeOf(verdict) ?? none);
    problems.push({
      ...(object.origin === undefined ? {} : placeOf(object.origin)),
      object: describeId(object.id),
      message: verdictMessage(verdict, mask),
      ...(logs === undefined ? {} : { logs }),
    });
    await pace();
  }
  return new Failure(code, problems);
}

/** The cause of a verdict where it is known, else its message; what a program itself said is masked. */
export function verdictMessage(verdict: Verdict, mask: LineMask): string {
  const cause = causeOf(verdict);
  if (cause === undefined) return verdict.message;
  const message = cause.message.replace(programsWords, (_, ours: string, words: string) => ours + (mask(words) ?? ""));
  return describeCause({ ...cause, message });
}

/** What a program said when it exited or to a probe, after what the kubelet and Mooring say about that. */
const programsWords = /^(.*?(?:exit(?:ed with)? code \w+(?: \(\d+ restarts?\))?|probe (?:failed|errored)))(: .*)$/s;

/** Every value of a Secret that a program of this Environment may know, desired or live, so that it is not quoted. */
export async function knownSecrets({ stages, observed }: Observation): Promise<readonly string[]> {
  const known = new Set<string>();
  const pace = createPace();
  const add = (of: Parameters<typeof secretValues>[0]) => {
    for (const value of secretValues(of)) known.add(value);
    return pace();
  };
  for (const manifest of stages.flatMap((stage) => stage.manifests)) await add(manifest);
  for (const { live } of observed.values()) if (live !== undefined) await add({ object: live, sensitive: false });
  return [...known];
}

const none: Cause = { object: { group: "", kind: "", namespace: "", name: "" }, reason: "", message: "" };

function causeOf(verdict: Verdict): Cause | undefined {
  return "cause" in verdict ? verdict.cause : undefined;
}

async function withHiddenValues(
  target: LogTarget,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  try {
    return [...secrets, ...((await target.hiddenValues?.(signal)) ?? [])];
  } catch (thrown) {
    // A value that may not be read cannot be masked, so no log is quoted.
    if (thrown instanceof Failure || thrown instanceof DOMException) return undefined;
    throw thrown;
  }
}
