import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { Cause } from "../../model/verdict.ts";
import type { LineMask } from "../../plan/index.ts";
import { logTail, requestedLines } from "./log-tail.ts";

/** What containers logged last, by the cause that names them; without those of which there is nothing to show. */
export type LastLines = ReadonlyMap<Cause, readonly string[]>;

/** Reads logs. */
export type LogSource = Pick<Cluster, "podLogs">;

/** The logs of more containers seldom say more. */
const mostContainers = 3;

/** The run that failed is over, and the next one may have begun. */
const crashes: readonly string[] = ["CrashLoopBackOff", "OOMKilled", "Error"];

/**
 * Reads the last lines of the containers that are named as causes, of three at most and all at once, each as the mask
 * lets it be shown. Never throws: who may not read logs has none, and those of a kubelet that does not answer before the
 * signal are done without.
 */
export async function readLastLines(
  cluster: LogSource,
  causes: readonly Cause[],
  mask: LineMask,
  signal: AbortSignal,
): Promise<LastLines> {
  const containers = causes.filter(({ pod, container }) => pod !== undefined && container !== undefined);
  const read = containers.slice(0, mostContainers).map(async (cause) => {
    const text = await readLog(cluster, cause, signal).catch(noLog);
    return [cause, logTail(text, mask)] as const;
  });
  return new Map((await Promise.all(read)).filter(([, lines]) => lines.length > 0));
}

async function readLog(cluster: LogSource, cause: Cause, signal: AbortSignal): Promise<string> {
  const { object, pod: name = "", container = "", reason } = cause;
  const read = (previous: boolean) =>
    cluster.podLogs({ namespace: object.namespace, name }, { container, previous, tailLines: requestedLines }, signal);
  if (!crashes.includes(reason)) return read(false);
  return read(true).catch((thrown: unknown) => {
    signal.throwIfAborted();
    noLog(thrown);
    return read(false);
  });
}

/** Whatever the API says of a log, it is done without; anything but a `Failure` is a bug. */
function noLog(thrown: unknown): string {
  if (thrown instanceof Failure || isAbort(thrown)) return "";
  throw thrown;
}

const isAbort = (thrown: unknown): boolean => thrown instanceof DOMException;
