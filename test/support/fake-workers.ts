import { ChildProcess } from "node:child_process";
import type { StartWorker } from "../../src/sandbox/worker/process.ts";

interface Told {
  readonly task?: { readonly content: Uint8Array };
}

/** How a worker starts: after how many milliseconds, or not at all, of which one may hear at once; or it ends when it is ready. */
export type FakeStart = number | "fails" | "throws" | "ends";

interface FakeOptions {
  /** What they take of the machine is what this process takes. */
  readonly pid?: number;
  /** How each of them starts, in order; the others do so at once. */
  readonly starts?: readonly FakeStart[];
  /** So long after it was killed it is gone. */
  readonly endsAfterMs?: number;
}

const wrong = { code: "KustomizationInvalid", problems: [{ message: "is wrong" }] };

/**
 * Workers that take as long for a task `isResources` as is said of its content, and what was begun, in order, by which of
 * them. What begins with `wrong` fails.
 */
export function fakeWorkers(
  takesMs: Readonly<Record<string, number>>,
  { pid, starts = [], endsAfterMs = 0 }: FakeOptions = {},
) {
  const begun: { readonly what: string; readonly heapMiB: number; readonly worker: number }[] = [];
  let started = 0;
  const living = new Set<number>();
  const start: StartWorker = ({ heapMiB }) => {
    started += 1;
    const worker = started;
    const how = starts[worker - 1] ?? 1;
    if (how === "throws") throw new Error("spawn ENOMEM");
    living.add(worker);
    const child = new ChildProcess();
    let timer: NodeJS.Timeout | undefined;
    const tell = (type: string) => child.emit("message", { type });
    const send = ({ task }: Told) => {
      const what = Buffer.from(task?.content ?? []).toString();
      begun.push({ what, heapMiB, worker });
      const end = () =>
        what.startsWith("wrong") ? child.emit("message", { type: "failed", failure: wrong }) : tell("done");
      timer = setTimeout(end, takesMs[what] ?? 0);
      return true;
    };
    const kill = () => {
      clearTimeout(timer);
      living.delete(worker);
      const gone = () => child.emit("exit", null, "SIGKILL");
      if (endsAfterMs === 0) queueMicrotask(gone);
      else setTimeout(gone, endsAfterMs);
      return true;
    };
    const fail = () => {
      living.delete(worker);
      child.emit("exit", 1, null);
    };
    const endAtOnce = () => {
      tell("ready");
      fail();
    };
    if (how === "fails") setTimeout(fail, 1);
    else if (how === "ends") setTimeout(endAtOnce, 1);
    else setTimeout(() => tell("ready"), how);
    return Object.assign(child, { connected: true, send, kill, ...(pid === undefined ? {} : { pid }) });
  };
  return { start, begun, alive: () => living.size, started: () => started };
}
