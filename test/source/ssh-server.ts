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
  /** Ends every connection, and goes on listening. */
  readonly disconnect: () => void;
  readonly stop: () => Promise<void>;
}

/** Whom the server is and whom it lets in. */
export interface SshServerOptions {
  /** Private keys of the host, OpenSSH format. */
  readonly hostKeys: readonly string[];
  /** The public key that may come in, as in authorized_keys. */
  readonly authorized: string;
  /** Whether `GIT_PROTOCOL` is taken from the client, as `AcceptEnv` of sshd(8) lets it. */
  readonly acceptEnv: boolean;
}

/** Starts a server on a free port of 127.0.0.1. The command goes to a shell, as sshd(8) does it. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const allowed = ssh2.utils.parseKey(options.authorized);
  if (allowed instanceof Error) throw allowed;
  const commands: string[] = [];
  const open = new Set<Connection>();
  let connections = 0;
  const server = new ssh2.Server({ hostKeys: [...options.hostKeys] }, (client) => {
    connections++;
    open.add(client);
    client.once("close", () => open.delete(client));
    client.on("error", () => undefined);
    client.on("authentication", (context: AuthContext) => {
      const fits = context.method === "publickey" && context.key.data.equals(allowed.getPublicSSH());
      const signed =
        !(context.method === "publickey" && context.signature !== undefined && context.blob !== undefined) ||
        allowed.verify(context.blob, context.signature, context.hashAlgo) === true;
      if (fits && signed && context.username === "git") context.accept();
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
        run(command, env, acceptExec());
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
    disconnect,
    async stop() {
      disconnect();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function run(command: string, env: Readonly<Record<string, string>>, channel: ServerChannel): void {
  const child = spawn("sh", ["-c", command], { env: { PATH: process.env.PATH, ...env } });
  channel.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  channel.on("close", () => child.kill());
  child.once("close", (code) => {
    channel.exit(code ?? 1);
    channel.end();
  });
}
