import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../model/json/json.ts";
import { execPluginOf, runExecPlugin } from "./exec-plugin.ts";
import { endOfOutput } from "./plugin-output.ts";

const apiVersion = "client.authentication.k8s.io/v1";

// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
describe("a plugin as a kubeconfig describes it", () => {
  test.each<readonly [string, JsonObject, string | undefined]>([
    ["a name is one of PATH", { command: "aws", apiVersion }, "aws"],
    [
      "a relative path is one from the kubeconfig's folder",
      { command: "./bin/login", apiVersion },
      "/home/a/bin/login",
    ],
    ["an absolute path is itself", { command: "/opt/login", apiVersion }, "/opt/login"],
    ["v1beta1 is known", { command: "aws", apiVersion: "client.authentication.k8s.io/v1beta1" }, "aws"],
    ["v1alpha1 is not, nor by kubectl since 1.24", { command: "aws", apiVersion: `${apiVersion}alpha1` }, undefined],
    ["no version", { command: "aws" }, undefined],
    ["no command", { apiVersion }, undefined],
  ])("%s", (_, exec, command) => {
    const plugin = execPluginOf(exec, "/home/a/config");
    expect("command" in plugin ? plugin.command : undefined).toBe(command);
  });

  test("keeps arguments, variables and the hint; a missing text is empty, as to Go", () => {
    const env = [{ name: "AWS_PROFILE", value: "dev" }, { name: "EMPTY", value: null }, { name: "NONE" }];
    const exec = {
      ...{ command: "aws", apiVersion, args: ["eks", null, "get-token"], env },
      installHint: " see example.com\n",
    };
    expect(execPluginOf(exec, undefined)).toEqual({
      ...{ apiVersion, command: "aws", args: ["eks", "", "get-token"], installHint: "see example.com" },
      env: { AWS_PROFILE: "dev", EMPTY: "", NONE: "" },
    });
  });

  test.each<readonly [string, JsonObject, string]>([
    ["an argument that is a number", { args: ["eks", 7] }, "args[1]"],
    ["arguments in one text", { args: "eks get-token" }, "args"],
    [
      "a value that is a number",
      {
        env: [
          { name: "A", value: "a" },
          { name: "AWS_PAGE", value: 10 },
        ],
      },
      "env[1].value",
    ],
    ["a name that is none", { env: [{ name: true, value: "a" }] }, "env[0].name"],
    ["a variable without a name", { env: [{ value: "a" }] }, "env[0].name"],
    ["a variable that is a text", { env: ["A=a"] }, "env[0]"],
    ["variables as a map", { env: { A: "a" } }, "env"],
  ])("%s is refused by its field, not dropped", (_, fields, field) => {
    expect(execPluginOf({ command: "aws", apiVersion, ...fields }, undefined)).toMatchObject({ field });
  });
});

const never = new AbortController().signal;

/** Runs a program that prints what a piece of JavaScript says. */
const run = (script: string, env: Readonly<Record<string, string>> = {}) =>
  runExecPlugin({ apiVersion, command: process.execPath, args: ["-e", script], env }, never);
const printing = (credential: object) => run(`console.log(${JSON.stringify(JSON.stringify(credential))})`);

describe("a credential", () => {
  test.each([
    ["a token", { token: "t" }, { token: "t" }],
    ["a certificate", { clientCertificateData: "CERT", clientKeyData: "KEY" }, { cert: "CERT", key: "KEY" }],
    [
      "both, for a time",
      { token: "t", clientCertificateData: "C", clientKeyData: "K", expirationTimestamp: "2026-01-02T03:04:05Z" },
      { token: "t", cert: "C", key: "K", expires: new Date("2026-01-02T03:04:05Z") },
    ],
    ["a time that is none", { token: "t", expirationTimestamp: "soon" }, { token: "t" }],
  ])("%s", async (_, status, expected) => {
    expect(await printing({ apiVersion, kind: "ExecCredential", status })).toEqual(expected);
  });

  test.each([
    ["of another version", { apiVersion: "client.authentication.k8s.io/v1beta1", kind: "ExecCredential" }],
    ["of another kind", { apiVersion, kind: "Secret", status: { token: "hunter2" } }],
    ["with nothing in it", { apiVersion, kind: "ExecCredential", status: {} }],
    ["with half a certificate", { apiVersion, kind: "ExecCredential", status: { clientKeyData: "hunter2" } }],
  ])("%s is none, and is not quoted", async (_, credential) => {
    const thrown = await printing(credential).catch((reason: unknown) => reason);
    expect(thrown).toMatchObject({ code: "Unauthorized" });
    expect(String(thrown)).not.toContain("hunter2");
  });
});

describe("the program", () => {
  test("is told the version and that there is no terminal, in its environment", async () => {
    const script = `console.log(JSON.stringify({ apiVersion: "${apiVersion}", kind: "ExecCredential",
      status: { token: process.env.KUBERNETES_EXEC_INFO + process.env.PROFILE + Boolean(process.env.PATH) } }))`;
    const { token } = await run(script, { PROFILE: "dev" });
    const info = { apiVersion, kind: "ExecCredential", spec: { interactive: false } };
    expect(token).toBe(`${JSON.stringify(info)}devtrue`);
  });

  test.each([
    ["that fails in silence", "process.exit(3)", "failed ("],
    ["that says why", "console.error('log in first'); process.exit(1)", "failed; it says: log in first ("],
    ["that is killed", "process.kill(process.pid, 'SIGKILL')", "failed ("],
    ["that prints no JSON", "console.log('{')", "printed no ExecCredential"],
  ])("%s", async (_, script, words) => {
    await expect(run(script)).rejects.toMatchObject({ code: "Unauthorized", message: expect.stringContaining(words) });
  });

  test.each([
    ["below a file", { command: "/dev/null/login" }],
    ["with an argument that no program can get", { args: ["hunter2\0"] }],
  ])("%s cannot be started", async (_, fields) => {
    const plugin = { apiVersion, command: process.execPath, args: [], env: {}, ...fields };
    const thrown = await runExecPlugin(plugin, never).catch((reason: unknown) => reason);
    expect(thrown).toMatchObject({ code: "Unauthorized", message: expect.stringContaining("cannot be started") });
    expect(String(thrown)).not.toContain("hunter2");
  });

  test("that is not there comes with the hint of how to get it", async () => {
    const plugin = { apiVersion, command: "/nowhere/login", args: [], env: {}, installHint: "see example.com" };
    await expect(runExecPlugin(plugin, never)).rejects.toMatchObject({
      problems: [{ message: expect.stringContaining("is not installed"), hint: "see example.com" }],
    });
  });
});

describe("a program is waited for", () => {
  const shell = (script: string) => ({ apiVersion, command: "/bin/sh", args: ["-c", script], env: {} });
  const credential = JSON.stringify({ apiVersion, kind: "ExecCredential", status: { token: "t" } });
  /** A process of this number, or undefined where it has ended. */
  const isAlive = (pid: number) =>
    existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

  test.each([
    ["stdout", "exec yes", { mostBytes: 100_000, mostMs: 60_000 }, "printed more than 100000 bytes"],
    ["stderr", "exec yes >&2", { mostBytes: 100_000, mostMs: 60_000 }, "printed more than 100000 bytes"],
    ["its time", "exec sleep 600", { mostBytes: 100_000, mostMs: 50 }, "did not end within 0.05 s"],
  ])("up to a limit: %s", async (_, script, limits, words) => {
    const thrown = await runExecPlugin(shell(script), never, limits).catch((reason: unknown) => reason);
    expect(thrown).toMatchObject({ code: "Unauthorized", message: expect.stringContaining(words) });
  });

  test("until the signal aborts, which ends it", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "mooring-plugin-")), "pid");
    const given = new AbortController();
    const running = runExecPlugin(shell(`echo $$ > ${file}.new; mv ${file}.new ${file}; exec sleep 600`), given.signal);
    await expect.poll(() => existsSync(file)).toBe(true);
    const pid = Number(readFileSync(file, "utf8"));
    expect(isAlive(pid)).toBe(true);
    const reason = new Error("given up");
    given.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect.poll(() => isAlive(pid)).toBe(false);
    await rm(dirname(file), { recursive: true });
  });

  test("to its own end, whatever a child that it leaves behind keeps open", async () => {
    const { token } = await runExecPlugin(shell(`sleep 20 & echo '${credential}'`), never, {
      mostBytes: 9_999,
      mostMs: 10_000,
    });
    expect(token).toBe("t");
  });
});

describe("what a program wrote is shown", () => {
  test.each([
    ["on one line, without control characters", "a\r\n\n  b\u001b[31m\n", {}, "a; b [31m"],
    ["without secrets of its environment", "token s3cret", { API_TOKEN: "s3cret" }, "token ***"],
    ["with what is no secret", "profile dev", { PROFILE: "dev" }, "profile dev"],
    ["by its end where it is long", `${"x".repeat(600)}end`, {}, `${"x".repeat(497)}end`],
    ["not at all where there is nothing", "\n", { API_KEY: "" }, ""],
  ])("%s", (_, stderr, env, expected) => {
    expect(endOfOutput(stderr, env)).toBe(expected);
  });
});
