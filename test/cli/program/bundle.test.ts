import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { runMooring } from "../run-mooring.ts";

const root = resolve(import.meta.dirname, "../../..");

describe("the bundle", () => {
  let dir: string;
  let program: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "mooring-bundle-"));
    await promisify(execFile)(process.execPath, [join(root, "scripts/build.ts"), join(dir, "dist")], { cwd: root });
    await mkdir(join(dir, "alone"));
    program = join(dir, "alone/mooring.js");
    await cp(join(dir, "dist/mooring.js"), program);
    await writeFile(join(dir, "kustomization.yaml"), "configMapGenerator:\n- name: web\n  literals: [colour=blue]\n");
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  test("is one file that runs by itself", async () => {
    expect(await readdir(join(dir, "alone"))).toEqual(["mooring.js"]);
    const run = await runMooring(["--version"], { program, cwd: dir });
    expect(run).toEqual({ code: 0, stdout: `mooring ${manifest.version}\n`, stderr: "" });
  });

  test("renders", async () => {
    const run = await runMooring(["build", "."], { program, cwd: dir });
    // The name is what kustomize 5.8.2 gives it.
    expect(run).toEqual({
      code: 0,
      stdout: "apiVersion: v1\ndata:\n  colour: blue\nkind: ConfigMap\nmetadata:\n  name: web-6g6gd9868f\n",
      stderr: "",
    });
  });

  test("holds the manifests that it installs", async () => {
    const { code, stdout } = await runMooring(["install", "--export"], { program, cwd: dir });
    expect(code).toBe(0);
    expect(stdout).toContain("\n  name: environments.mooring.dev\n");
    expect(stdout).toContain(`        image: mooring:${manifest.version}\n`);
  });

  test("reaches out to a cluster", async () => {
    const kubeconfig = join(dir, "kubeconfig");
    await writeFile(kubeconfig, JSON.stringify(nobodyThere));
    const run = await runMooring(["get", "environments", "--kubeconfig", kubeconfig], { program, cwd: dir });
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/^error: .*https:\/\/127\.0\.0\.1:1\b/);
    expect(run.stderr).not.toContain("internal error");
  });

  test("comes with the licences of what is in it", async () => {
    const licences = await readFile(join(dir, "dist/LICENSES.txt"), "utf8");
    for (const name of ["yaml", "undici", "openpgp"]) expect(licences).toMatch(new RegExp(`^${name} \\d`, "m"));
  });
});

/** A kubeconfig for a port that nothing listens on. */
const nobodyThere = {
  apiVersion: "v1",
  kind: "Config",
  "current-context": "nobody",
  clusters: [{ name: "nobody", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "nobody", user: { token: "secret" } }],
  contexts: [{ name: "nobody", context: { cluster: "nobody", user: "nobody" } }],
};
