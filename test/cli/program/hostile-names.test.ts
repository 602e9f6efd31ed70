import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runInProcess } from "../../seal/run-in-process.ts";
import { git } from "../../support/git/git-command.ts";

/** What a name begins lines with: commands of those who run us in CI, and lines that look like ours. */
const attack = "a\n::error::pwned\n  ::add-mask::x\nPlan: nothing to do\nb##[error]pwned##vso[task.complete]";

/** No line of the output is a command to those who run us in CI, or one of ours that we did not say. */
function refuseAttack(output: string): void {
  expect(output).not.toMatch(/^\s*::/m);
  expect(output).not.toMatch(/##\w*\[/);
  expect(output).not.toMatch(/^Plan: nothing to do$/m);
}

const configMap = (name: string, data: object = {}) =>
  `${JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop" }, data })}\n`;
const sealedSecret = (name: string) =>
  `${JSON.stringify({ apiVersion: "bitnami.com/v1alpha1", kind: "SealedSecret", metadata: { name, namespace: "shop" }, spec: { encryptedData: { [attack]: "AgA" } } })}\n`;
const resources = (...names: readonly string[]) => JSON.stringify({ resources: names });

describe("names of strangers begin no line of their own", () => {
  let dir: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "mooring-hostile-"));
    await git(dir, "init", "-q", "-b", "main");
    await write("names/kustomization.yaml", resources("text.yaml"));
    await write("names/text.yaml", configMap("text", { there: "one\ntwo\n", gone: attack, same: `${attack}\nend\n` }));
    await git(dir, "add", "-A");
    await git(dir, "commit", "-q", "-m", "one");
    await write("names/kustomization.yaml", resources("text.yaml", `${attack}.yaml`));
    await write("names/text.yaml", configMap("text", { there: attack, new: attack, same: `${attack}\nEND\n` }));
    await write(`names/${attack}.yaml`, configMap(attack, { [attack]: attack }));
    await write("broken/kustomization.yaml", resources(`${attack}.yaml`));
    await write(`broken/${attack}.yaml`, "a: [\n");
    await write("missing/kustomization.yaml", resources(attack));
    await write("fields/kustomization.yaml", JSON.stringify({ [attack]: attack }));
    await write("twice/kustomization.yaml", resources("a.yaml", "b.yaml"));
    await write("twice/a.yaml", configMap(attack));
    await write("twice/b.yaml", configMap(attack));
    await write("patched/kustomization.yaml", JSON.stringify({ patches: [{ patch: configMap(attack) }] }));
    await write(`sealed/${attack}.yaml`, sealedSecret(attack));
    await write(
      `flux/${attack}.yaml`,
      `${JSON.stringify({
        apiVersion: "kustomize.toolkit.fluxcd.io/v1",
        kind: "Kustomization",
        metadata: { name: attack, namespace: "shop" },
        spec: { [attack]: 1, sourceRef: { kind: "GitRepository", name: attack } },
      })}\n`,
    );
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  const run = (line: string) => runInProcess(line, { cwd: dir });

  test.each(["text", "markdown"])("in a plan as %s", async (format) => {
    const { code, stdout, stderr } = await run(`plan --offline --base main --format ${format} ./names`);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    refuseAttack(stdout);
    if (format !== "text") return;
    expect(stdout).toMatch(
      /^\+ ConfigMap\/shop\/a\\u000a::error::pwned\\u000a.* {2}# names\/a\\u000a::error.*\.yaml:1$/m,
    );
    expect(stdout).toMatch(/^ {4}\+ data\.new:\n {8}\+a\n {8}\+::error::pwned\n/m);
    expect(stdout).toMatch(/^ {4}- data\.gone:\n {8}-a\n {8}-::error::pwned\n/m);
    expect(stdout.match(/^Plan: .*$/gm)).toEqual(["Plan: 1 to create, 1 to change"]);
  });

  test.each([
    "build broken",
    "build missing",
    "build fields",
    "build twice",
    "build patched",
    "plan --offline --base main ./broken",
    "plan --offline --base main ./twice",
    "secrets verify sealed",
    "secrets list sealed",
    "secrets unset sealed PASSWORD",
    "unseal -f sealed",
    "migrate flux flux",
  ])("in what %s says", async (line) => {
    const { code, stdout, stderr } = await run(line);
    expect(code).toBeLessThanOrEqual(2);
    expect(`${stdout}${stderr}`).not.toBe("");
    refuseAttack(`${stdout}${stderr}`);
  });
});
