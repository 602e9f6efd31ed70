import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kubebuilderAssets, tool } from "./tools.ts";

const run = promisify(execFile);

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "mooring-tools-test-"));
});

afterEach(() => rm(dir, { recursive: true }));

async function addPrograms(...names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => writeFile(join(dir, name), "", { mode: 0o755 })));
}

test("KUBEBUILDER_ASSETS is used where every part is in it, and only there", async () => {
  const env = { KUBEBUILDER_ASSETS: dir };
  expect(kubebuilderAssets({})).toBeUndefined();
  await addPrograms("etcd", "kube-apiserver", "kubectl");
  expect(kubebuilderAssets(env)).toBeUndefined();
  await addPrograms("kube-controller-manager", "kube-scheduler");
  expect(kubebuilderAssets(env)).toBe(dir);
});

test("the oracle for kustomize is the version we follow", async () => {
  const { stdout } = await run(await tool("kustomize"), ["version"]);
  expect(stdout.trim()).toBe("v5.8.2");
});

test("a machine without Go and git is told in one paragraph, and nothing is left", async () => {
  const build = run(process.execPath, [join(import.meta.dirname, "build.ts")], {
    env: { PATH: dir, XDG_CACHE_HOME: dir },
  });
  const failed = await build.then(
    () => undefined,
    (thrown: { readonly code: number; readonly stdout: string; readonly stderr: string }) => thrown,
  );
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed?.stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(failed?.stderr).toMatch(/Install git\. .*Install Go 1\.26 or later/);
});
