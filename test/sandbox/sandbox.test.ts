import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { readEnvironment } from "../../src/api/environment/environment.ts";
import { Failure } from "../../src/model/failure.ts";
import type { FileTree } from "../../src/model/file-tree.ts";
import { memoryTree } from "../../src/render/index.ts";
import {
  createSandbox,
  decryptHere,
  renderingHere,
  type Sandbox,
  type SandboxLimits,
  sandboxedDecrypt,
  sandboxedRendering,
  sandboxedTemplates,
} from "../../src/sandbox/index.ts";
import { renderTemplatesHere } from "../../src/seal/index.ts";

/** Real processes, with limits that are soon reached. */
const limits: SandboxLimits = {
  quick: { heapMiB: 64, memoryMiB: 256, cpuMs: 1_500, deadlineMs: 1_500, nice: 0, workers: 3 },
  slow: { heapMiB: 64, memoryMiB: 256, cpuMs: 1_500, deadlineMs: 1_500, nice: 0, workers: 1 },
  long: { heapMiB: 64, memoryMiB: 256, cpuMs: 3_000, deadlineMs: 3_000, nice: 0, workers: 1 },
};

const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const small = memoryTree({ "kustomization.yaml": "namePrefix: p-\nresources: [sub/a.yaml]\n", "sub/a.yaml": map("a") });
const request = (path = "") => ({ path, post: {}, remotes: new Map(), sops: undefined });

/** A tree that never answers, so that whoever renders it works for ever. */
const endless: FileTree = { ...small, entry: () => new Promise(() => undefined) };

const failureOf = async (work: Promise<unknown>): Promise<Failure> => {
  const thrown = await work.catch((each: unknown) => each);
  if (thrown instanceof Failure) return thrown;
  throw new Error(`expected a Failure, got ${thrown}`);
};

describe("the sandbox", () => {
  let sandbox: Sandbox;
  const build = (name: string, tree: FileTree, signal?: AbortSignal, namespace = name) =>
    sandboxedRendering(sandbox, { namespace, name }).build(tree, request(), signal);
  afterEach(() => sandbox.close());

  test("renders as it is rendered here, and hands failures on as they are", async () => {
    sandbox = createSandbox(limits);
    const [there, here] = [await build("a", small), await renderingHere.build(small, request())];
    expect(there.manifests).toEqual(here.manifests);
    expect(there.trace.size).toBeGreaterThan(0);
    const wrong = memoryTree({ "kustomization.yaml": "resources: [missing.yaml]\nnamePrefix: [x]\n" });
    const [itsThere, itsHere] = [
      await failureOf(build("a", wrong)),
      await failureOf(renderingHere.build(wrong, request())),
    ];
    expect({ code: itsThere.code, problems: itsThere.problems }).toEqual({
      code: itsHere.code,
      problems: itsHere.problems,
    });
  });

  test("finds in workers what is named elsewhere", async () => {
    sandbox = createSandbox(limits);
    const tree = memoryTree({ "kustomization.yaml": 'resources: ["https://git.example.com/acme/base//x?ref=main"]\n' });
    const spec = { source: { url: "https://git.example.com/a" }, path: "." };
    const { spec: whole } = readEnvironment({ metadata: { name: "a", namespace: "b" }, spec });
    const { findRemotes } = sandboxedRendering(sandbox, { namespace: "b", name: "a" });
    const found = await findRemotes(tree, whole, new Map());
    expect(found).toEqual(await renderingHere.findRemotes(tree, whole, new Map()));
    expect(found).toHaveLength(1);
  });

  test("ends what takes too long, answers the same at once when it is asked again, and serves the others meanwhile", async () => {
    sandbox = createSandbox(limits);
    await build("victim", small);
    const attackers = ["x", "y", "z"].map((name) => failureOf(build(name, endless)));
    for (let round = 0; round < 5; round++) expect((await build("victim", small)).manifests).toHaveLength(1);
    for (const failure of await Promise.all(attackers)) {
      expect(failure.code).toBe("TooExpensive");
      expect(failure.message).toContain("longer than 3 s");
    }
    const [known] = await Promise.all(attackers);
    expect(await failureOf(build("x", endless))).toBe(known);
    expect((await build("x", small)).manifests).toHaveLength(1);
  });

  test.runIf(process.platform === "linux")(
    "goes by what a task takes of the processor, and not by the clock",
    async () => {
      const deadlineMs = 100_000;
      const quick = { heapMiB: 64, memoryMiB: 256, cpuMs: 1_000, deadlineMs, nice: 0, workers: 1 };
      sandbox = createSandbox({ quick, slow: quick, long: { ...quick, cpuMs: 1_500 } });
      const slow: FileTree = { ...small, entry: (path) => pause(2_000).then(() => small.entry(path)) };
      expect((await build("waits", slow)).manifests).toHaveLength(1);
      const objects = Array.from({ length: 2_000 }, (_, n) => map(`a${n}`)).join("---\n");
      const patch = `'[{"op": "add", "path": "/data", "value": {}}]'`;
      const patches = Array.from({ length: 5_000 }, (_, n) => `- {target: {name: "(a+)+${n}b"}, patch: ${patch}}\n`);
      const bomb = { "kustomization.yaml": `resources: [a.yaml]\npatches:\n${patches.join("")}`, "a.yaml": objects };
      expect((await failureOf(build("bomb", memoryTree(bomb)))).message).toContain("longer than 1.5 s of CPU time");
    },
  );

  test("ends what takes too much memory, in many small pieces or in one large one", async () => {
    sandbox = createSandbox({
      ...limits,
      quick: { ...limits.quick, heapMiB: 24 },
      slow: { ...limits.slow, heapMiB: 24 },
      long: { ...limits.long, heapMiB: 24, cpuMs: 60_000, deadlineMs: 60_000 },
    });
    const keys = Array.from({ length: 400_000 }, (_, n) => `  key${n}: value${n}\n`).join("");
    const pieces = memoryTree({ "kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": `${map("a")}data:\n${keys}` });
    const one = memoryTree({
      "kustomization.yaml": "configMapGenerator: [{name: a, files: [a.bin]}]\n",
      "a.bin": Uint8Array.from({ length: 30 * 2 ** 20 }, (_, n) => (n * 7919) % 256),
    });
    for (const [name, tree] of [
      ["pieces", pieces],
      ["one", one],
    ] as const) {
      const failure = await failureOf(build(name, tree));
      expect(failure).toMatchObject({
        code: "TooExpensive",
        message: expect.stringContaining("more memory than 24 MiB"),
      });
    }
    expect((await build("victim", small)).manifests).toHaveLength(1);
  });

  test("renders templates as they are rendered here, and never says why one goes wrong over the values", async () => {
    sandbox = createSandbox(limits);
    const there = sandboxedTemplates(sandbox, { namespace: "a", name: "a" });
    const values = new Map([["password", Buffer.from([0xff, 0x00, 0x41])]]);
    const good = { templates: new Map([["b", "<{{ .password }}>"]]), values };
    expect(await there(good)).toEqual(await renderTemplatesHere(good));
    const wrong = { templates: new Map([["b", "{{ fail .password }}"]]), values };
    const [[, rendered] = []] = await there(wrong);
    expect(rendered).toEqual({ problem: expect.any(String) });
    expect((await renderTemplatesHere(wrong)).get("b")).toHaveProperty("detail");
  });

  test("opens what SOPS encrypted as it is opened here, and says the same where it cannot", async () => {
    sandbox = createSandbox(limits);
    const decrypt = sandboxedDecrypt(sandbox, { namespace: "a", name: "a" });
    const { manifests } = await renderingHere.build(small, request());
    const plain = await decrypt(manifests, undefined);
    expect(plain).toEqual(manifests);
    const [first] = manifests;
    if (first === undefined) throw new Error("nothing was built");
    const stray = {
      ...first,
      object: { ...first.object, data: { x: "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]" } },
    };
    const [there, here] = [
      await failureOf(decrypt([stray], undefined)),
      await failureOf(decryptHere([stray], undefined)),
    ];
    expect({ code: there.code, problems: there.problems }).toEqual({ code: here.code, problems: here.problems });
  });

  test("gives up what is interrupted", async () => {
    sandbox = createSandbox(limits);
    const controller = new AbortController();
    const work = failureOf(build("a", endless, controller.signal));
    controller.abort(new Failure("Interrupted", { message: "the Environment was changed" }));
    expect((await work).message).toBe("the Environment was changed");
    expect((await build("a", small)).manifests).toHaveLength(1);
  });
});
