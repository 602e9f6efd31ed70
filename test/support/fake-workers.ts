import { ChildProcess } from "node:child_process";
import type { StartWorker } from "../../src/sandbox/worker-process.ts";

interface Told {
  readonly task?: { readonly content: Uint8Array };
}

const wrong = { code: "KustomizationInvalid", problems: [{ message: "is wrong" }] };

/**
 * Workers that take as long for a task `isResources` as is said of its content, and what was begun, in order, by which of
 * them. What begins with `wrong` fails. What they take of the machine is what the process `pid` takes.
 */
export function fakeWorkers(takesMs: Readonly<Record<string, number>>, pid?: number) {
  const begun: { readonly what: string; readonly heapMiB: number; readonly worker: number }[] = [];
  let started = 0;
  let alive = 0;
  const start: StartWorker = ({ heapMiB }) => {
    started += 1;
    alive += 1;
    const worker = started;
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
      alive -= 1;
      queueMicrotask(() => child.emit("exit", null, "SIGKILL"));
      return true;
    };
    setTimeout(() => tell("ready"), 1);
    return Object.assign(child, { connected: true, send, kill, ...(pid === undefined ? {} : { pid }) });
  };
  return { start, begun, alive: () => alive };
}
