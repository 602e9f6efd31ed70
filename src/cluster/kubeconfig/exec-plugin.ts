import { spawn } from "node:child_process";
import { dirname, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { Failure } from "../../model/failure.ts";
import { isObject, type JsonObject, listAt, stringAt } from "../../model/json/json.ts";
import { endOfOutput } from "./plugin-output.ts";

/** A credential plugin of a kubeconfig's user: the fields of `exec`. */
export interface ExecPlugin {
  readonly apiVersion: string;
  /** A name to look up in `PATH`, or a path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** How to get the program, for who has not got it. */
  readonly installHint?: string;
}

/** What a plugin or an identity provider gave: a token, a client certificate or both. */
export interface Credential {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Good until the server refuses it, where there is none. */
  readonly expires?: Date;
}

const versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/**
 * Reads the `exec` of a user; a relative path is one from the kubeconfig's folder. Undefined where it is not one that can be
 * run: without a command, or of a version that kubectl does not know either.
 */
export function execPluginOf(exec: JsonObject, kubeconfig: string | undefined): ExecPlugin | undefined {
  const command = stringAt(exec, "command");
  const apiVersion = stringAt(exec, "apiVersion") ?? "";
  const installHint = stringAt(exec, "installHint")?.trim();
  if (command === undefined || command === "" || !versions.includes(apiVersion)) return undefined;
  const isRelative = /[/\\]/.test(command);
  return {
    apiVersion,
    command: isRelative ? resolve(dirname(kubeconfig ?? "."), command) : command,
    args: listAt(exec, "args").filter((arg) => typeof arg === "string"),
    env: Object.fromEntries(
      listAt(exec, "env").flatMap((each) => {
        const [name, value] = [stringAt(each, "name"), stringAt(each, "value")];
        return name === undefined || value === undefined ? [] : [[name, value]];
      }),
    ),
    ...(installHint === undefined ? {} : { installHint }),
  };
}

/**
 * Runs a plugin by the contract of https://kubernetes.io/docs/reference/config-api/client-authentication.v1/, without a
 * terminal. Throws `Unauthorized` where it gives no credential, with what the program wrote to stderr.
 */
export async function runExecPlugin(plugin: ExecPlugin): Promise<Credential> {
  const [status, stdout, stderr] = await outputOf(plugin).catch((cause: unknown) => {
    throw notStarted(plugin, cause);
  });
  if (status !== 0) {
    const said = endOfOutput(stderr, plugin.env);
    throw noCredential(plugin, `failed${said === "" ? "" : `; it says: ${said}`}`);
  }
  return credentialOf(stdout, plugin);
}

/** The status and the output of the program. Rejects where it cannot be started, for which `spawn` may throw as well. */
async function outputOf({ apiVersion, command, args, env }: ExecPlugin) {
  const info = { apiVersion, kind: "ExecCredential", spec: { interactive: false } };
  const child = spawn(command, args, {
    env: { ...process.env, ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  return Promise.all([ended, text(child.stdout), text(child.stderr)]);
}

/** Narrows what a plugin printed; never quotes it, as it holds the credential. */
function credentialOf(stdout: string, plugin: ExecPlugin): Credential {
  const printed = parsed(stdout);
  if (!isObject(printed) || printed.kind !== "ExecCredential" || printed.apiVersion !== plugin.apiVersion) {
    throw noCredential(plugin, `printed no ExecCredential of ${plugin.apiVersion}`);
  }
  const [token, cert, key, time] = (
    ["token", "clientCertificateData", "clientKeyData", "expirationTimestamp"] as const
  ).map((field) => stringAt(printed, "status", field) || undefined);
  if (token === undefined && (cert === undefined || key === undefined)) {
    throw noCredential(plugin, "printed an ExecCredential with neither a token nor a certificate and its key");
  }
  const expires = new Date(time ?? Number.NaN);
  return {
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(Number.isNaN(expires.getTime()) ? {} : { expires }),
  };
}

function parsed(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return undefined;
  }
}

const begin = "the kubeconfig's login plugin gave no credentials";

function notStarted({ command, installHint }: ExecPlugin, cause: unknown): Failure {
  const isMissing = stringAt(cause, "code") === "ENOENT";
  const message = `${begin}: its program ${command} ${isMissing ? "is not installed" : "cannot be started"}`;
  return new Failure(
    "Unauthorized",
    { message, ...(installHint === undefined ? {} : { hint: installHint }) },
    { cause },
  );
}

function noCredential({ command }: ExecPlugin, what: string): Failure {
  const message = `${begin}: ${command} ${what}`;
  const hint = "run the same command with kubectl, or the program by itself";
  return new Failure("Unauthorized", { message, hint });
}
