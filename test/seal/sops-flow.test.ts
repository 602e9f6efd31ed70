import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEnvironment } from "../../src/api/environment/environment.ts";
import type { Manifest } from "../../src/model/manifest.ts";
import { memoryTree } from "../../src/render/index.ts";
import { createStageRenderer } from "../../src/rollout/index.ts";
import { goMissing } from "../toolchain/tools.ts";
import { createRealSops, type RealSops } from "./real-sops.ts";

const secret = "hunter2-canary";
const open = "$".concat("{");
const target = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t}\ndata: {a: x/y, b: z}\n";
const plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\ndata: {a: b}\n";
const generated = (kind: string) =>
  `${kind}: [{name: s, files: [s.txt], options: {disableNameSuffixHash: true}}]\nresources: [t.yaml, plain.yaml]\n`;
const replacement = (source: string, how: string) =>
  `replacements: [{source: {name: s, fieldPath: data.s\\.txt${source}}, targets: [{select: {name: t}, ${how}}]}]\n`;

describe.skipIf(goMissing() !== undefined)("what the real sops encrypted flows into (skipped without Go)", () => {
  let directory: string;
  let real: RealSops;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "mooring-sops-"));
    real = await createRealSops(directory);
  }, 600_000);

  afterAll(() => rm(directory, { recursive: true }));

  async function build(
    kustomization: string,
    content: string | Uint8Array,
    file = "s.txt",
  ): Promise<readonly Manifest[]> {
    const encrypted = (await real.encrypt(file, content, [])).toString("latin1");
    const files = {
      "app/kustomization.yaml": kustomization,
      "app/t.yaml": target,
      "app/plain.yaml": plain,
      [`app/${file}`]: encrypted,
    };
    const spec = { source: { url: "https://git.example.com/a/b.git" }, path: "./app", postBuild: {} };
    const environment = readEnvironment({ metadata: { name: "e", namespace: "n" }, spec });
    const sops = { "a.agekey": Buffer.from(real.identity) };
    const [stage] = await createStageRenderer()(memoryTree(files), environment.spec, { HOST: "db" }, { sops });
    return stage?.manifests ?? [];
  }

  const marked = async (...args: Parameters<typeof build>) =>
    (await build(...args)).filter(({ sensitive }) => sensitive).map(({ id }) => id.name);

  test.each([
    ["a text with a variable in it", generated("configMapGenerator"), `postgres://u:${secret}@${open}HOST}/db`, ["s"]],
    ["a text with an escaped dollar", generated("configMapGenerator"), `pa$$word-${secret}`, ["s"]],
    ["a text of signs", generated("configMapGenerator"), "--==--", ["s"]],
    ["a text that is only a variable", generated("configMapGenerator"), `${open}HOST}`, ["s"]],
    ["bytes that are no text", generated("configMapGenerator"), Buffer.from([0xff, 0xfe, 1, 2, 0x80]), ["s"]],
    [
      "a part of a part",
      generated("secretGenerator") + replacement(", options: {delimiter: =, index: 0}", "fieldPaths: [data.b]"),
      secret,
      ["s", "t"],
    ],
    [
      "a part, put into another",
      generated("configMapGenerator") +
        replacement(", options: {delimiter: ':', index: 1}", "fieldPaths: [data.a], options: {delimiter: /, index: 1}"),
      `u:${secret}`,
      ["s", "t"],
    ],
    ["base64 of it", generated("secretGenerator") + replacement("", "fieldPaths: [data.a]"), secret, ["s", "t"]],
    [
      "a JSON patch on one line",
      "resources: [t.yaml, plain.yaml]\npatches: [{path: s.txt, target: {name: t}}]\n",
      `[{"op":"add","path":"/data/pw","value":"${secret}"}]`,
      ["t"],
    ],
    [
      "a patch in flow form",
      "resources: [t.yaml, plain.yaml]\npatches: [{path: s.txt}]\n",
      `{apiVersion: v1, kind: ConfigMap, metadata: {name: t, annotations: {a: ${secret}}}}`,
      ["t"],
    ],
  ])("%s", async (_what, kustomization, content, wanted) => {
    const names = await marked(kustomization, content);
    expect(names.toSorted()).toEqual(wanted);
  });

  test("a name with the hash of a content is nobody's secret", async () => {
    const user =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: user}\nspec: {volumes: [{name: v, secret: {secretName: s}}]}\n";
    const kustomization = `secretGenerator: [{name: s, files: [s.txt]}]\nresources: [t.yaml]\npatches: []\n`;
    const encrypted = (await real.encrypt("s.txt", secret, [])).toString("latin1");
    const files = { "app/kustomization.yaml": kustomization, "app/t.yaml": user, "app/s.txt": encrypted };
    const spec = { source: { url: "https://git.example.com/a/b.git" }, path: "./app" };
    const environment = readEnvironment({ metadata: { name: "e", namespace: "n" }, spec });
    const sops = { "a.agekey": Buffer.from(real.identity) };
    const [stage] = await createStageRenderer()(memoryTree(files), environment.spec, {}, { sops });
    const marks = new Map(stage?.manifests.map(({ id, sensitive }) => [id.kind, sensitive]));
    expect(marks.get("Pod")).toBe(false);
    expect(marks.get("Secret")).toBe(true);
    expect(JSON.stringify(stage?.manifests.find(({ id }) => id.kind === "Pod")?.object)).toMatch(/"s-[a-z0-9]{10}"/);
  });

  test("what would be shown as a name is refused", async () => {
    const kustomization = generated("configMapGenerator") + replacement("", "fieldPaths: [metadata.name]");
    await expect(build(kustomization, secret)).rejects.toThrow(
      "encrypted values decide which objects exist or what their names are",
    );
  });

  test("what decides how the build goes is refused", async () => {
    const kustomization = "resources: [t.yaml, s.yaml]\n";
    const text = `resources: ["${secret}.yaml"]\n`;
    await expect(build(kustomization, text, "s.yaml")).rejects.toThrow();
    const part = replacement(", options: {delimiter: e, index: 1}", "fieldPaths: [data.a]");
    await expect(build(generated("configMapGenerator") + part, secret)).rejects.toThrow(
      "encrypted values decide how the build proceeds",
    );
  });

  test("a build that fails over them says nothing of them, one that fails anyway says why", async () => {
    const guess = replacement(", options: {delimiter: q, index: 3}", "fieldPaths: [data.a]");
    const failure = await build(generated("configMapGenerator") + guess, secret).catch(String);
    expect(failure).toMatch(/^Failure: /);
    expect(failure).not.toContain("hunter2");
    const test = `[{"op": "test", "path": "/data/s.txt", "value": "${secret.replace("2", "3")}"}]`;
    const asks = `${generated("configMapGenerator")}patches: [{target: {name: s}, patch: '${test}'}]\n`;
    const told = await build(asks, secret).catch(String);
    expect(told).toMatch(/^Failure: /);
    expect(told).not.toContain("hunter");
    const broken = `${generated("configMapGenerator")}patches: [{target: {name: t}, patch: '[{"op": "remove", "path": "/data/no"}]'}]\n`;
    await expect(build(broken, secret)).rejects.toThrow("/data/no");
  });
});
