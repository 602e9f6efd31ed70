import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How to start one program. */
export interface ProgramOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  /** Its end is waited for by the caller and no failure of the whole. */
  readonly mayExit?: boolean;
}

/** Programs that live and die together. */
export interface ProcessGroup {
  /** Starts a program, its output in `<name>.log`. `ended` settles when it has. */
  readonly start: (name: string, path: string, options: ProgramOptions) => { readonly ended: Promise<void> };
  /** From now on the program's end is the end of all. */
  readonly expectRunning: (name: string) => void;
  /** Sends a signal to a program. */
  readonly signal: (name: string, signal: NodeJS.Signals) => void;
  /** Kills a program, and waits for its end: that is not the end of all. */
  readonly end: (name: string) => Promise<void>;
  /** The last lines it wrote. */
  readonly tail: (name: string) => string;
  readonly pids: () => readonly number[];
  /** Ends all of them at once, without giving them time to tidy up: what they wrote is thrown away. */
  readonly killAll: () => Promise<void>;
}

const tailLines = 8;

/** A group that logs into `logs`; `onCrash` is told once, when a program ends that should not. */
export function createProcessGroup(logs: string, onCrash: (message: string) => void): ProcessGroup {
  mkdirSync(logs, { recursive: true });
  const running = new Map<string, { readonly child: ChildProcess; readonly ended: Promise<void> }>();
  const mayExit = new Set<string>();
  let over = false;
  const tail = (name: string): string => {
    const lines = readFileSync(join(logs, `${name}.log`), "utf8")
      .trimEnd()
      .split("\n");
    return lines.slice(-tailLines).join("\n");
  };
  const noticeEnd = (name: string): void => {
    running.delete(name);
    if (over || mayExit.has(name)) return;
    over = true;
    onCrash(`${name} ended: ${tail(name)}`);
  };
  return {
    start: (name, path, options) => {
      if (over) throw new Error(`${name} was not started: everything is being ended`);
      if (options.mayExit === true) mayExit.add(name);
      else mayExit.delete(name);
      const log = openSync(join(logs, `${name}.log`), "w");
      const child = spawn(path, options.args, { cwd: options.cwd, stdio: ["ignore", log, log] });
      closeSync(log);
      const ended = new Promise<void>((resolve) => {
        child.once("error", () => resolve());
        child.once("exit", () => resolve());
      }).then(() => noticeEnd(name));
      running.set(name, { child, ended });
      return { ended };
    },
    expectRunning: (name) => {
      mayExit.delete(name);
      if (!running.has(name)) noticeEnd(name);
    },
    signal: (name, signal) => void running.get(name)?.child.kill(signal),
    end: async (name) => {
      mayExit.add(name);
      const program = running.get(name);
      program?.child.kill("SIGKILL");
      await program?.ended;
    },
    tail,
    pids: () => [...running.values()].flatMap(({ child }) => child.pid ?? []),
    killAll: async () => {
      over = true;
      const all = [...running.values()];
      for (const { child } of all) child.kill("SIGKILL");
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}
