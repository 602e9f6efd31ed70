import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import { Failure } from "../../model/failure.ts";
import { type JsonObject, listAt, objectAt, stringAt } from "../../model/json/json.ts";
import type { Login } from "./kubeconfig.ts";

/** Gives the `authorization` header of the next request; `fresh` after the last one was refused. */
export type Credentials = (fresh: boolean) => Promise<string | undefined>;

/** How long a token read from a file is used: the kubelet rotates it well before it expires, as client-go assumes. */
const tokenFileAgeMs = 60_000;

/** What a login gives: a source of headers and, where a program logs in by certificate, that certificate. */
export interface LoggedIn {
  readonly credentials: Credentials;
  readonly cert?: string;
  readonly key?: string;
}

/** Logs in. Throws `Unauthorized` where a plugin fails; `credentials` do where a token file cannot be read. */
export async function logIn(login: Login): Promise<LoggedIn> {
  switch (login.type) {
    case "anonymous":
      return { credentials: async () => undefined };
    case "token":
      return { credentials: always(`Bearer ${login.token}`) };
    case "basic":
      return { credentials: always(`Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`) };
    case "tokenFile":
      return { credentials: fromFile(login.file) };
    case "plugin":
      return fromPlugin(login.user);
  }
}

function always(header: string): Credentials {
  return async () => header;
}

function fromFile(file: string): Credentials {
  let held: { header: string; until: number } | undefined;
  return async (fresh) => {
    if (held === undefined || fresh || performance.now() > held.until) {
      held = { header: `Bearer ${await readToken(file)}`, until: performance.now() + tokenFileAgeMs };
    }
    return held.header;
  };
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw new Failure("Unauthorized", { message: `cannot read the token file ${file}` }, { cause });
  }
}

/**
 * Logs in by a kubeconfig's `exec` or `auth-provider` (OIDC and others) with the official client's authenticators, which
 * keep a token until it expires. They are loaded only here, since that library costs 90 MB and 300 ms.
 */
async function fromPlugin(user: JsonObject): Promise<LoggedIn> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const name = stringAt(user, "name") ?? "user";
  const text = JSON.stringify({
    clusters: [{ name: "cluster", cluster: { server: "https://unused.invalid" } }],
    users: [user],
    contexts: [{ name: "context", context: { cluster: "cluster", user: name } }],
    "current-context": "context",
  });
  const load = () => {
    const config = new KubeConfig();
    config.loadFromString(text);
    return config;
  };
  let config = load();
  const ask = async () => {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options).catch((cause: unknown) => {
      throw refused(cause, user);
    });
    return options;
  };
  const { cert, key } = await ask();
  return {
    credentials: async (fresh) => {
      // It keeps a token until its own time is over, refused or not: only a new one asks anew.
      if (fresh) config = load();
      return stringAt((await ask()).headers, "Authorization");
    },
    ...(typeof cert === "string" && typeof key === "string" ? { cert, key } : {}),
  };
}

/** So much of what a program says is shown. */
const saidLength = 500;

/** Why a login gave nothing. What a program of the kubeconfig's owner says is for him, as kubectl shows it. */
function refused(cause: unknown, user: JsonObject): Failure {
  const exec = objectAt(user, "user", "exec");
  const program = stringAt(exec, "command");
  const begin = "the kubeconfig's login plugin gave no credentials";
  if (stringAt(cause, "code") === "ENOENT") {
    const hint = stringAt(exec, "installHint")?.trim();
    const message = `${begin}: its program ${program ?? ""} is not installed`;
    return new Failure("Unauthorized", { message, ...(hint === undefined ? {} : { hint }) }, { cause });
  }
  const said = program === undefined ? "" : wordsOf(cause, exec);
  const message = `${begin}: ${program ?? "it"} failed${said === "" ? "" : `; it says: ${said}`}`;
  const hint = "run the same command with kubectl, or the program by itself";
  return new Failure("Unauthorized", { message, hint }, { cause });
}

/** The end of what the program wrote to stderr, on one line, without what its environment was given as a secret. */
function wordsOf(cause: unknown, exec: JsonObject | undefined): string {
  if (cause instanceof SyntaxError) return "";
  const text = cause instanceof Error ? cause.message : "";
  const secrets = listAt(exec, "env")
    .filter((each) => /token|secret|passw|key/i.test(stringAt(each, "name") ?? ""))
    .map((each) => stringAt(each, "value") ?? "")
    .filter((value) => value !== "");
  const masked = secrets.reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
  const lines = masked.split("\n").map((line) => line.replace(/[^\P{C}\t]/gu, " ").trim());
  return lines
    .filter((line) => line !== "")
    .join("; ")
    .slice(-saidLength);
}
