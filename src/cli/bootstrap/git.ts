import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Failure } from "../../model/failure.ts";

const run = promisify(execFile);
const outputLimit = 16 * 1024 * 1024;

/** Runs git in one folder and answers with what it printed. Throws `Failure` (ToolMissing, SourceDenied) with git's words. */
export type Git = (...args: readonly string[]) => Promise<string>;

/** Where and how git runs. */
export interface GitOptions {
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Sent to this URL and what is below it, by the environment: nobody sees it in a list of processes. */
  readonly login: { readonly url: string; readonly username: string; readonly token: string } | undefined;
  /** Whether git may ask a person for a password. */
  readonly mayAsk: boolean;
}

interface ExecError {
  readonly code?: string | number;
  readonly stderr?: string;
}

/** The user's own git, with the user's own configuration, keys and credential helpers. */
export function localGit({ dir, env, login, mayAsk }: GitOptions, signal: AbortSignal): Git {
  const asking = mayAsk ? {} : { GIT_TERMINAL_PROMPT: "0" };
  const settings = { ...env, ...asking, ...(login === undefined ? {} : loginSettings(env, login)) };
  return async (...args) => {
    try {
      const options = { cwd: dir, env: settings, maxBuffer: outputLimit, signal };
      return (await run("git", [...args], options)).stdout.trimEnd();
    } catch (thrown) {
      signal.throwIfAborted();
      throw failureOf(args, thrown as ExecError, login?.token);
    }
  };
}

/** git-config(1), GIT_CONFIG_COUNT: settings by environment, after those that are there already. */
function loginSettings(env: GitOptions["env"], login: NonNullable<GitOptions["login"]>) {
  const index = Number(env.GIT_CONFIG_COUNT ?? "0");
  const basic = Buffer.from(`${login.username}:${login.token}`).toString("base64");
  return {
    GIT_CONFIG_COUNT: String(index + 1),
    [`GIT_CONFIG_KEY_${index}`]: `http.${login.url}.extraHeader`,
    [`GIT_CONFIG_VALUE_${index}`]: `Authorization: Basic ${basic}`,
  };
}

function failureOf(args: readonly string[], error: ExecError, token: string | undefined): Failure {
  if (error.code === "ENOENT") {
    return new Failure("ToolMissing", { message: "git is not installed", hint: "install Git" }, { cause: error });
  }
  const said = wordsOf(error.stderr ?? "");
  const shown = token === undefined ? said : said.replaceAll(token, "***");
  const hint =
    args[0] === "push"
      ? "may you push to this branch? Name another one with --branch, and merge it"
      : "bootstrap uses your own git: the repository has to answer it, for instance to git ls-remote URL";
  return new Failure("SourceDenied", { message: `git ${args[0]} failed: ${shown || "it gave no reason"}`, hint });
}

/** What git says of the cause: without its advice, and without user and password of an address that a setting put in. */
function wordsOf(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const causes = lines.filter((line) => line !== "" && !advice.test(line));
  return causes
    .slice(-3)
    .map((line) => line.replace(/^(?:fatal|error): /, "").replaceAll(/:\/\/[^/@\s]*@/g, "://"))
    .join("; ");
}

const advice = /^(?:hint:|Please make sure|and the repository exists|To \S+$)/;
