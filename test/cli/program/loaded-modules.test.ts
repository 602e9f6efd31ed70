import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { git } from "../../support/git/git-command.ts";
import { runMooring } from "../run-mooring.ts";

const recorder = pathToFileURL(resolve(import.meta.dirname, "../../support/process/loaded-modules.ts")).href;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mooring-loaded-"));
  await mkdir(join(folder, "overlay"));
  await writeFile(
    join(folder, "overlay/map.yaml"),
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n",
  );
  await writeFile(join(folder, "overlay/kustomization.yaml"), "resources: [map.yaml]\n");
  await git(folder, "init", "--quiet");
  await git(folder, "add", ".");
  await git(folder, "commit", "--quiet", "--message", "Begin");
});

afterAll(() => rm(folder, { recursive: true }));

/** The files that a run of the program loads, and how it ended. */
async function loadedBy(...args: readonly string[]) {
  const file = join(folder, `loaded-${args.join("-").replaceAll(/\W+/g, "-")}`);
  const env = { NODE_OPTIONS: `--import=${recorder}`, LOADED_MODULES: file };
  const { code, stderr } = await runMooring(args, { cwd: folder, env });
  const loaded = (await readFile(file, "utf8")).split("\n");
  expect(loaded).toContainEqual(expect.stringMatching(/\/src\/main\.ts$/));
  return { code, stderr, loaded };
}

/** What only the agent needs: its room, the logger and the metrics. */
const ofTheAgent = /\/src\/agent\/|\/node_modules\/(?:pino|prom-client)/;

describe("what the agent alone needs", () => {
  test.each([
    [0, ["plan", "--offline", "--base", "HEAD", "./overlay"]],
    // No cluster: all that a plan needs is loaded when the connection is refused.
    [2, ["plan", "./overlay", "--kubeconfig", "kubeconfig"]],
    [0, ["build", "overlay"]],
    [0, ["secrets", "list", "overlay"]],
    [0, ["completion", "bash"]],
    [0, ["--help"]],
    [0, ["agent", "--help"]],
  ] as const)("is not loaded (exit code %i) by mooring %j", async (expected, args) => {
    await writeFile(join(folder, "kubeconfig"), unreachable);
    const { code, stderr, loaded } = await loadedBy(...args);
    expect(code, stderr).toBe(expected);
    expect(loaded.filter((url) => ofTheAgent.test(url))).toEqual([]);
  });

  test("is loaded by mooring agent", async () => {
    await writeFile(join(folder, "kubeconfig"), unreachable);
    const { loaded } = await loadedBy("agent", "--kubeconfig", "kubeconfig", "--listen", "127.0.0.1:0");
    for (const part of ["/src/agent/agent.ts", "/node_modules/pino/", "/node_modules/prom-client/"]) {
      expect(loaded).toContainEqual(expect.stringContaining(part));
    }
  });
});

/** Nothing listens on port 1. */
const unreachable = `apiVersion: v1
kind: Config
current-context: none
clusters: [{name: none, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: none, user: {}}]
contexts: [{name: none, context: {cluster: none, user: none}}]
`;
