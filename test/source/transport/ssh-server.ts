import { spawn } from "node:child_process";
import type { AddressInfo } from "node:net";
import ssh2, { type AuthContext, type Connection, type ServerChannel } from "ssh2";

/** An SSH server that runs the real `git upload-pack`. */
export interface SshServer {
  readonly port: number;
  /** The commands it was asked to run. */
  readonly commands: readonly string[];
  /** How many connections were made. */
  readonly connections: () => number;
  /** How many commands run now. */
  readonly running: () => number;
  /** Ends every connection, and goes on listening. */
  readonly disconnect: () => void;
  readonly stop: () => Promise<void>;
}

/** Whom the server is and whom it lets in. */
export interface SshServerOptions {
  /** Private keys of the host, OpenSSH format. */
  readonly hostKeys: readonly string[];
  /** The public key that may come in, as in authorized_keys, or those that may at the moment. */
  readonly authorized: string | (() => readonly string[]);
  /** Whether `GIT_PROTOCOL` is taken from the client, as `AcceptEnv` of sshd(8) lets it. */
  readonly acceptEnv: boolean;
}

/** Starts a server on a free port of 127.0.0.1. The command goes to a shell, as sshd(8) does it. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const { authorized } = options;
  const allowedKeys = typeof authorized === "string" ? () => [authorized] : authorized;
  const commands: string[] = [];
  const open = new Set<Connection>();
  let connections = 0;
  let running = 0;
  const server = new ssh2.Server({ hostKeys: [...options.hostKeys] }, (client) => {
    connections++;
    open.add(client);
    client.once("close", () => open.delete(client));
    client.on("error", () => undefined);
    client.on("authentication", (context: AuthContext) => {
      const fits = allowedKeys().some((key) => isKeyOf(context, key));
      if (fits && context.username === "git") context.accept();
      else context.reject(["publickey"]);
    });
    client.on("session", (accept) => {
      const session = accept();
      const env: Record<string, string> = {};
      session.on("env", (_, __, { key, val }) => {
        if (options.acceptEnv) env[key] = val;
      });
      session.on("exec", (acceptExec, _, { command }) => {
        commands.push(command);
        running++;
        void run(command, env, acceptExec()).then(() => {
          running--;
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const disconnect = (): void => {
    for (const client of open) client.end();
  };
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    connections: () => connections,
    running: () => running,
    disconnect,
    async stop() {
      disconnect();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Whether a key is the one that is offered, and has signed where it was asked to. */
function isKeyOf(context: AuthContext, authorized: string): boolean {
  const key = ssh2.utils.parseKey(authorized);
  if (key instanceof Error) throw key;
  if (context.method !== "publickey" || !context.key.data.equals(key.getPublicSSH())) return false;
  const { signature, blob, hashAlgo } = context;
  return signature === undefined || blob === undefined || key.verify(blob, signature, hashAlgo) === true;
}

/** Resolves when the command has ended. */
function run(command: string, env: Readonly<Record<string, string>>, channel: ServerChannel): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const child = spawn("sh", ["-c", command], { env: { PATH: process.env.PATH, ...env } });
  channel.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  channel.on("close", () => child.kill());
  child.once("close", (code) => {
    channel.exit(code ?? 1);
    channel.end();
    ended.resolve();
  });
  return ended.promise;
}
