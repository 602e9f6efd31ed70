import { describeCause } from "../health/index.ts";
import { Failure, type Problem } from "../model/failure.ts";
import { type KubeObject, placeOf } from "../model/manifest.ts";
import { describeId } from "../model/object-id.ts";
import type { Cause, Verdict } from "../model/verdict.ts";
import { type LineMask, lineMask, secretValues } from "../plan/index.ts";
import { type LastLines, type LogSource, readLastLines } from "./last-lines.ts";
import type { Observation } from "./observe.ts";
import type { KubeObjectRef, Target } from "./target.ts";

/** How a wait for health ended badly, and what it ended by. */
export interface Unhealthy {
  readonly code: "HealthFailed" | "HealthTimeout";
  readonly objects: readonly { readonly object: KubeObjectRef; readonly verdict: Verdict }[];
}

/** What of a target is asked for logs. */
export type LogTarget = Pick<Target, "hiddenValues"> & { readonly cluster: LogSource };

/** A failure is not kept waiting longer for what only makes it easier to understand. */
const limitMs = 2_000;

/**
 * The failure that names each object with file, pod, container and cause, and with what the container logged last. That is
 * read of the environment's own objects only, since `secrets`, the values not to be quoted, are known of no others: they
 * come as undefined. Takes two seconds at most, and never throws.
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
  const lines: LastLines = hidden ? await readLastLines(target.cluster, causes, hidden, limit) : new Map();
  const mask = lineMask(hidden ?? secrets ?? []);
  const problems = objects.map(({ object, verdict }): Problem => {
    const logs = lines.get(causeOf(verdict) ?? none);
    return {
      ...(object.origin === undefined ? {} : placeOf(object.origin)),
      object: describeId(object.id),
      message: verdictMessage(verdict, mask),
      ...(logs === undefined ? {} : { logs }),
    };
  });
  return new Failure(code, problems);
}

/** The cause of a verdict where it is known, else what it says; with the words of a program masked. */
export function verdictMessage(verdict: Verdict, mask: LineMask): string {
  const cause = causeOf(verdict);
  if (cause === undefined) return verdict.message;
  const message = cause.message.replace(programsWords, (_, ours: string, words: string) => ours + (mask(words) ?? ""));
  return describeCause({ ...cause, message });
}

/** What a program said, as it died or to a probe, behind what the kubelet and Mooring say of that. */
const programsWords = /^(.*?(?:exit(?:ed with)? code \w+(?: \(\d+ restarts?\))?|probe (?:failed|errored)))(: .*)$/s;

/** Every value that a program of this environment may know and must not be quoted with: as it is to be, and as it was. */
export function knownSecrets({ stages, observed }: Observation): readonly string[] {
  const wanted = stages.flatMap((stage) => stage.manifests).flatMap(secretValues);
  const live = [...observed.values()].map((each) => each.live).filter((each): each is KubeObject => each !== undefined);
  return [...new Set([...wanted, ...live.flatMap((object) => secretValues({ object, sensitive: false }))])];
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
    // What may not be read cannot be masked, so that no log is quoted.
    if (thrown instanceof Failure || thrown instanceof DOMException) return undefined;
    throw thrown;
  }
}
