/** The process a Gitea lives in. Its one argument is a `GiteaTask`; what it announces is a `GiteaReady`. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import ssh2 from "ssh2";
import { freePort } from "../process/free-port.ts";
import { liveAsHost } from "../process/host.ts";
import type { ProcessGroup } from "../process/process-group.ts";
import { administrator, type GiteaSettings, giteaConfig } from "./config.ts";

/** What to run, and where. */
export interface GiteaTask {
  readonly dir: string;
  /** The program. What it reads at run time is beside it. */
  readonly program: string;
}

/** What came of it. */
export interface GiteaReady {
  readonly port: number;
  readonly sshPort: number;
  /** A token of the administrator, allowed everything. */
  readonly token: string;
  /** The SSH server's key, as in known_hosts. */
  readonly hostKey: string;
  readonly pids: readonly number[];
}

const portAttempts = 10;
const startTimeoutMs = 120_000;

async function start(
  task: GiteaTask,
  group: ProcessGroup,
  announce: (ready: GiteaReady) => void,
  signal: AbortSignal,
): Promise<void> {
  const hostKey = writeHostKey(task.dir);
  const ports = await startServer(task, group, signal);
  const token = await createAdministrator(task, signal);
  announce({ ...ports, token, hostKey, pids: [process.pid, ...group.pids()] });
}

/** Gitea would make itself an RSA key, which takes seconds. */
function writeHostKey(dir: string): string {
  const pair = ssh2.utils.generateKeyPairSync("ed25519");
  writeFileSync(join(dir, "host.key"), pair.private, { mode: 0o600 });
  return pair.public.split(" ").slice(0, 2).join(" ");
}

/** A port that was free may be taken the moment after, so a server that ends because of it is started on others. */
async function startServer(
  task: GiteaTask,
  group: ProcessGroup,
  signal: AbortSignal,
): Promise<Pick<GiteaReady, "port" | "sshPort">> {
  for (let attempt = 1; ; attempt += 1) {
    const [port, sshPort] = [await freePort(), await freePort()];
    writeConfig({ dir: task.dir, assets: dirname(task.program), port, sshPort });
    const args = ["web", "--config", "app.ini", "--work-path", task.dir];
    const program = group.start("gitea", task.program, { cwd: task.dir, args, mayExit: true });
    const ended = new AbortController();
    void program.ended.then(() => ended.abort());
    if (await answersBefore(port, sshPort, AbortSignal.any([signal, ended.signal]))) {
      group.expectRunning("gitea");
      return { port, sshPort };
    }
    signal.throwIfAborted();
    const log = group.tail("gitea");
    if (!log.includes("address already in use") || attempt === portAttempts) throw new Error(`gitea ended: ${log}`);
  }
}

function writeConfig(settings: GiteaSettings): void {
  mkdirSync(join(settings.dir, "home"), { recursive: true });
  writeFileSync(join(settings.dir, "app.ini"), giteaConfig(settings), { mode: 0o600 });
}

/** True as soon as both servers answer, false when the signal comes first. */
async function answersBefore(port: number, sshPort: number, signal: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + startTimeoutMs;
  while (!signal.aborted) {
    if ((await isHealthy(port)) && (await isOpen(sshPort))) return true;
    if (Date.now() > deadline) throw new Error("gitea did not answer within two minutes");
    await pause(50);
  }
  return false;
}

async function isHealthy(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/api/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function createAdministrator({ dir, program }: GiteaTask, signal: AbortSignal): Promise<string> {
  const config = ["--config", "app.ini", "--work-path", dir];
  const user = ["--admin", "--username", administrator, "--email", "admin@example.com", "--random-password"];
  const args = [...config, "admin", "user", "create", ...user, "--access-token", "--must-change-password=false"];
  const { stdout } = await promisify(execFile)(program, args, { cwd: dir, signal });
  const token = /^Access token was successfully created\.\.\. (\w+)$/m.exec(stdout)?.[1];
  if (token === undefined) throw new Error("gitea admin user create said no token");
  return token;
}

const task = JSON.parse(process.argv[2] ?? "{}") as GiteaTask;
await liveAsHost<GiteaReady>(task, (group, announce, signal) => start(task, group, announce, signal));
