import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tool } from "../../toolchain/tools.ts";
import { startHost } from "../process/host.ts";
import { createGiteaApi, type GiteaApi } from "./api.ts";
import { administrator } from "./config.ts";
import type { GiteaReady, GiteaTask } from "./host.ts";

/** A real Gitea of its own, on loopback: a Git server over HTTP and SSH, and a forge. */
export interface Gitea extends GiteaApi {
  /** `http://127.0.0.1:<port>`, no slash at the end. */
  readonly url: string;
  /** `ssh://git@127.0.0.1:<port>`, no slash at the end. */
  readonly sshUrl: string;
  /** The SSH server's line for known_hosts. */
  readonly knownHosts: string;
  /** The first user, an administrator. */
  readonly admin: string;
  /** The administrator's token, allowed everything; also the password for Git over HTTP. */
  readonly token: string;
  /** The HTTP URL of `owner/name`, as a person or an Environment writes it. */
  readonly repoUrl: (repository: string) => string;
  /** The same with the administrator's credentials in it, for a work tree. */
  readonly pushUrl: (repository: string) => string;
  /** The SSH URL of `owner/name`. */
  readonly repoSshUrl: (repository: string) => string;
  readonly pids: readonly number[];
  /** Everything it writes. Gone after `stop`. */
  readonly dir: string;
  /** Ends every process and removes every file. Safe to call twice. */
  readonly stop: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const script = join(import.meta.dirname, "host.ts");

/**
 * Starts a Gitea with one administrator and no repositories, ready for HTTP, SSH and its API. It lives in a process of
 * its own that ends it when this process does, however that happens. Throws `ToolMissing` when it cannot be built and
 * `SourceUnreachable` when it does not start.
 */
export async function startGitea(): Promise<Gitea> {
  const program = await tool("gitea");
  const task: GiteaTask = { dir: await mkdtemp(join(tmpdir(), "mooring-gitea-")), program };
  const { ready, stop } = await startHost<GiteaReady>({ script, what: "gitea", code: "SourceUnreachable" }, task);
  const { port, sshPort, token } = ready;
  const url = `http://127.0.0.1:${port}`;
  const sshUrl = `ssh://git@127.0.0.1:${sshPort}`;
  return {
    ...createGiteaApi(url, token),
    url,
    sshUrl,
    knownHosts: `[127.0.0.1]:${sshPort} ${ready.hostKey}`,
    admin: administrator,
    token,
    repoUrl: (repository) => `${url}/${repository}.git`,
    pushUrl: (repository) => `http://${administrator}:${token}@127.0.0.1:${port}/${repository}.git`,
    repoSshUrl: (repository) => `${sshUrl}/${repository}.git`,
    pids: ready.pids,
    dir: task.dir,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
