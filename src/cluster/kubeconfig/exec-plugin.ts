import { dirname, resolve } from "node:path";
import { Failure } from "../../model/failure.ts";
import { isObject, type Json, type JsonObject, listAt, stringAt, valueAt } from "../../model/json/json.ts";
import { endOfOutput } from "./plugin-output.ts";
import { runProgram } from "./program.ts";

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

/** What is wrong with the `exec` of a user. */
export interface ExecProblem {
  /** `args[1]`; absent where it is the whole. */
  readonly field?: string;
  readonly problem: string;
  readonly hint?: string;
}

/**
 * Reads the `exec` of a user; a relative path is one from the kubeconfig's folder. What kubectl refuses is a problem: no
 * command, another version, arguments and variables that are not strings, a variable without a name.
 */
export function execPluginOf(exec: JsonObject, kubeconfig: string | undefined): ExecPlugin | ExecProblem {
  const command = stringAt(exec, "command");
  const apiVersion = stringAt(exec, "apiVersion") ?? "";
  const installHint = stringAt(exec, "installHint")?.trim();
  if (command === undefined || command === "" || !versions.includes(apiVersion)) {
    const hint = "client.authentication.k8s.io/v1 and v1beta1 are known; update the plugin";
    return { problem: "has no command, or an apiVersion that is not known", hint };
  }
  const wrong = wrongFieldOf(exec);
  if (wrong !== undefined) return wrong;
  const isRelative = /[/\\]/.test(command);
  return {
    apiVersion,
    command: isRelative ? resolve(dirname(kubeconfig ?? "."), command) : command,
    args: listAt(exec, "args").map(textOf),
    env: Object.fromEntries(
      listAt(exec, "env").map((each) => [textOf(valueAt(each, "name")), textOf(valueAt(each, "value"))]),
    ),
    ...(installHint === undefined ? {} : { installHint }),
  };
}

function wrongFieldOf(exec: JsonObject): ExecProblem | undefined {
  for (const list of ["args", "env"]) {
    if (!Array.isArray(exec[list] ?? [])) return { field: list, problem: `has ${list} that are not a list` };
  }
  const shapeless = listAt(exec, "env").findIndex((each) => !isObject(each));
  if (shapeless >= 0) return { field: `env[${shapeless}]`, problem: "has a variable that is not a name and a value" };
  const texts = [
    ...listAt(exec, "args").map((arg, index) => [`args[${index}]`, arg] as const),
    ...listAt(exec, "env").flatMap((each, index) =>
      ["name", "value"].map((key) => [`env[${index}].${key}`, valueAt(each, key)] as const),
    ),
  ];
  const wrong = texts.find(([, text]) => typeof (text ?? "") !== "string");
  if (wrong !== undefined) return { field: wrong[0], problem: "has a value that is not a string", hint: "quote it" };
  const nameless = listAt(exec, "env").findIndex((each) => textOf(valueAt(each, "name")) === "");
  return nameless < 0 ? undefined : { field: `env[${nameless}].name`, problem: "has a variable without a name" };
}

/** As Go reads it: nothing is an empty text. */
function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** What is waited for: a credential has some thousand bytes, and a person may have to log in with a browser for it. */
const standardLimits = { mostBytes: 1024 * 1024, mostMs: 240_000 };

/**
 * Runs a plugin by the contract of https://kubernetes.io/docs/reference/config-api/client-authentication.v1/, without a
 * terminal. Throws `Unauthorized` where it gives no credential within the limits, with what the program wrote to stderr, and the
 * signal's reason, which ends the program.
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  signal: AbortSignal,
  limits = standardLimits,
): Promise<Credential> {
  const { apiVersion, command, args } = plugin;
  const info = { apiVersion, kind: "ExecCredential", spec: { interactive: false } };
  const env = { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const outcome = await runProgram({ command, args, env, ...limits }, signal);
  switch (outcome.type) {
    case "notStarted":
      throw notStarted(plugin, outcome.cause);
    case "tooLong":
      throw noCredential(plugin, `did not end within ${limits.mostMs / 1000} s`);
    case "tooMuch":
      throw noCredential(plugin, `printed more than ${limits.mostBytes} bytes`);
    case "ended": {
      if (outcome.status === 0) return credentialOf(outcome.stdout, plugin);
      const said = endOfOutput(outcome.stderr, plugin.env);
      throw noCredential(plugin, `failed${said === "" ? "" : `; it says: ${said}`}`);
    }
  }
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
