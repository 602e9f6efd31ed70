import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { listAt, stringAt } from "../../../src/model/json/json.ts";

/** The agent as a process of its own, from source. */
export interface AgentProcess {
  readonly pid: number;
  /** Everything it logged so far. */
  readonly log: () => string;
  readonly exited: () => boolean;
  /** Ends it, in order unless another signal is given, and waits for its end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

const main = join(import.meta.dirname, "../../../src/main.ts");
const endWithParent = join(import.meta.dirname, "../process/end-with-parent.ts");

/** The environment variables that the Deployment of this checkout sets to a fixed value. */
function deployedEnvironment(): Readonly<Record<string, string>> {
  const text = readFileSync(join(import.meta.dirname, "../../../manifests/deployment.yaml"), "utf8");
  const env = listAt(listAt(parse(text), "spec", "template", "spec", "containers")[0], "env");
  return Object.fromEntries(
    env.flatMap((each) => {
      const [name, value] = [stringAt(each, "name"), stringAt(each, "value")];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Starts `mooring agent` as the Deployment would, against a kubeconfig, with whatever rights that gives it. */
export function startAgent(kubeconfig: string, ...flags: readonly string[]): AgentProcess {
  return startAgentAfter([], kubeconfig, ...flags);
}

/** The same, with modules of `test/support` loaded before anything of the agent is. */
export function startAgentAfter(
  modules: readonly string[],
  kubeconfig: string,
  ...flags: readonly string[]
): AgentProcess {
  const args = [
    ...[endWithParent, ...modules.map((name) => join(import.meta.dirname, name))].flatMap((path) => ["--import", path]),
    main,
    "agent",
    "--kubeconfig",
    kubeconfig,
    "--listen",
    "127.0.0.1:0",
    ...flags,
  ];
  const env = { ...process.env, ...deployedEnvironment() };
  const child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  const chunks: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  return {
    pid: child.pid ?? 0,
    log: () => chunks.join(""),
    exited: () => hasExited(child),
    async stop(signal = "SIGTERM") {
      if (hasExited(child)) return;
      const exit = once(child, "exit");
      child.kill(signal);
      await exit;
    },
  };
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
