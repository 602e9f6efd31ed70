import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goMissing, tool } from "../../toolchain/tools.ts";
import { runMooring } from "../run-mooring.ts";

const run = promisify(execFile);

const files: Readonly<Record<string, string>> = {
  "repo/.git/HEAD": "ref: refs/heads/main\n",
  "repo/base/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator:\n- name: settings\n  literals: [a=1]\n",
  "repo/base/web.yaml": `apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - name: web
        image: web:1
        envFrom: [{configMapRef: {name: settings}}]
`,
  "repo/overlays/one/kustomization.yaml":
    "namespace: one\nresources: [../../base]\ncommonLabels: {team: blue}\nimages:\n- {name: web, newTag: '2'}\n",
  "repo/overlays/broken/kustomization.yaml": "resources: [bad.yaml]\n",
  "repo/overlays/broken/bad.yaml": "kind: ConfigMap\nmetadata: [\n",
  "repo/overlays/outside/kustomization.yaml": "resources: [../../../secret]\n",
  "secret/kustomization.yaml": "configMapGenerator:\n- name: secret\n",
};

describe.skipIf(goMissing() !== undefined)("mooring build (skipped without Go)", () => {
  let dir: string;
  let kustomize: string;

  beforeAll(async () => {
    kustomize = await tool("kustomize");
    dir = await mkdtemp(join(tmpdir(), "mooring-build-"));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), text);
    }
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const build = (...args: readonly string[]) => runMooring(["build", ...args], { cwd: join(dir, "repo") });
  const real = (...args: readonly string[]) => run(kustomize, ["build", ...args], { cwd: join(dir, "repo") });

  test.each(["overlays/one", "./overlays/one/", "base --reorder none"])(
    "prints what kustomize does: %s",
    async (line) => {
      const [ours, theirs] = await Promise.all([build(...line.split(" ")), real(...line.split(" "))]);
      expect(ours.code).toBe(0);
      expect(ours.stdout).toBe(theirs.stdout);
    },
  );

  test("says what is deprecated, on stderr", async () => {
    const { stderr } = await build("overlays/one");
    expect(stderr).toMatch(/^warning: 'commonLabels' is deprecated\./);
  });

  test("writes a file, or a file for each object", async () => {
    const { stdout } = await build("overlays/one");
    await build("overlays/one", "-o", "../one.yaml");
    expect(await readFile(join(dir, "one.yaml"), "utf8")).toBe(stdout);
    for (const folder of ["ours", "theirs"]) await mkdir(join(dir, folder));
    await Promise.all([build("overlays/one", "-o", "../ours"), real("overlays/one", "-o", "../theirs")]);
    const names = await readdir(join(dir, "theirs"));
    expect(await readdir(join(dir, "ours"))).toEqual(names);
    for (const name of names)
      expect(await readFile(join(dir, "ours", name), "utf8")).toBe(await readFile(join(dir, "theirs", name), "utf8"));
  });

  test("names the file and the line of what is wrong, as seen from here", async () => {
    const run = await runMooring(["build", "../broken"], { cwd: join(dir, "repo/overlays/one") });
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toMatch(/^\.\.\/broken\/bad\.yaml:\d+(?::\d+)?: error: /);
  });

  test("reads nothing outside the repository", async () => {
    const { code, stdout } = await build("overlays/outside");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  test("says that there is no such folder", async () => {
    expect(await build("nowhere")).toEqual({ code: 2, stdout: "", stderr: "error: there is no folder nowhere\n" });
  });
});
