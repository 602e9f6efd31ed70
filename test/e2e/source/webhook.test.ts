import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { stringAt } from "../../../src/model/json/json.ts";
import { agentAddress } from "../../support/agent/agent-address.ts";
import type { AgentProcess } from "../../support/agent/agent-process.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { commitFolder, configMap, namespace } from "../shop.ts";

const token = "3f1c0a6d5b8e4f7295ab";
const body = JSON.stringify({ ref: "refs/heads/main", after: "0".repeat(40) });
const hex = (algorithm: string, text = body, key = token) => createHmac(algorithm, key).update(text).digest("hex");

describe("a webhook", { timeout: 300_000 }, () => {
  let world: World;
  let leader: AgentProcess;
  let leading: string;
  let waiting: string;
  let tree: WorkTree;
  let path: string;

  const push = (value: string) =>
    commitFolder(tree, "app", { "ns.yaml": namespace("shop"), "settings.yaml": configMap("settings", value) });
  const call = async (at: string, headers: Readonly<Record<string, string>>, sent = body) => {
    const { status } = await fetch(at, { method: "POST", headers, body: sent });
    return status;
  };
  /** The interval is an hour: what arrives, arrives because of the call. */
  const arrives = (name: string, value: string) =>
    eventually(async () => stringAt(await world.get("ConfigMap", "shop", name), "data", "value") === value, {
      what: `${value} to be live`,
      timeout: 60_000,
    });

  beforeAll(async () => {
    world = await startWorld();
    leader = world.startAgent();
    leading = await agentAddress(leader);
    await eventually(() => leader.log().includes('"leading"'), { what: "the first to lead", timeout: 60_000 });
    const repository = await world.repository("environment");
    tree = repository.tree;
    await push("one");
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "hook", namespace: "mooring-system" } };
    const data = { token: Buffer.from(`${token}\n`).toString("base64") };
    const options = { dryRun: false, force: true, fieldManager: "test" };
    await world.admin.apply({ ...secret, data }, options, new AbortController().signal);
    const source = { url: repository.url, ref: { branch: "main" } };
    await world.environment("shop", {
      source: { ...source, webhook: { secretRef: { name: "hook" } } },
      path: "./app",
      interval: "1h",
    });
    const { webhookPath } = await world.condition("shop", "Ready", { status: "True" });
    path = webhookPath ?? "";
    waiting = await agentAddress(world.startAgent());
  });
  afterAll(() => world?.stop());

  it("has a path that says nothing", () => {
    expect(path).toMatch(/^\/hook\/[0-9a-f]{64}$/);
  });

  it.each([
    ["GitHub", { "x-hub-signature-256": `sha256=${hex("sha256")}` }],
    ["Gitea", { "x-gitea-signature": hex("sha256") }],
    ["Forgejo", { "x-forgejo-signature": hex("sha256") }],
    ["GitLab", { "x-gitlab-token": token }],
    ["anyone, with SHA-256", { "x-signature": `sha256=${hex("sha256")}` }],
    ["anyone, with SHA-512", { "x-signature": `sha512=${hex("sha512")}` }],
  ])("of %s brings a push to the cluster, whoever leads", async (who, headers: Record<string, string>) => {
    for (const at of [leading, waiting]) {
      const value = `${who} at ${at === leading ? "the leader" : "another"}`;
      await push(value);
      // More calls in a row than are let through would have to wait a little.
      await eventually(async () => (await call(at + path, headers)) === 202, { what: "the call to be taken" });
      await arrives("settings", value);
    }
  });

  it("tells all Environments of the repository", async () => {
    await world.environment("other", {
      source: { url: `${world.git.url}/environment`, ref: { branch: "main" } },
      path: "./other",
      interval: "1h",
    });
    await tree.commit({ "other/settings.yaml": configMap("other", "first") }, "Other");
    await world.condition("shop", "Ready", { status: "True" });
    await eventually(async () => (await call(leading + path, { "x-gitlab-token": token })) === 202, {
      what: "the call to be taken",
    });
    await arrives("other", "first");
    await tree.commit({ "other/settings.yaml": configMap("other", "second") }, "Other");
    await eventually(async () => (await call(waiting + path, { "x-gitlab-token": token })) === 202, {
      what: "the call to be taken",
    });
    await arrives("other", "second");
  });

  it.each([
    ["without a signature", {}, 401],
    [
      "with a signature of another token",
      { "x-hub-signature-256": `sha256=${hex("sha256", body, "another token!!!")}` },
      401,
    ],
    ["with a signature over something else", { "x-gitea-signature": hex("sha256", "something else") }, 401],
    ["with SHA-1", { "x-hub-signature": `sha1=${hex("sha1")}` }, 401],
    ["with the token of another", { "x-gitlab-token": `${token}x` }, 401],
    ["with an empty token", { "x-gitlab-token": "" }, 401],
  ])("%s is refused without a word", async (_, headers: Record<string, string>, status) => {
    await eventually(
      async () => {
        const response = await fetch(leading + path, { method: "POST", headers, body });
        return response.status !== 429 && [response.status, await response.text()];
      },
      { what: "an answer" },
    ).then((answer) => expect(answer).toEqual([status, ""]));
  });

  it("is not there for another path or method", async () => {
    const headers = { "x-gitlab-token": token };
    expect(await call(`${leading}/hook/${"0".repeat(64)}`, headers)).toBe(404);
    expect(await call(`${waiting}/hook/`, headers)).toBe(404);
    expect((await fetch(leading + path)).status).toBe(405);
  });

  it("is let through although many are refused", async () => {
    const refused = await Promise.all(Array.from({ length: 40 }, () => call(waiting + path, {})));
    expect(refused).toContain(429);
    await eventually(async () => (await call(waiting + path, { "x-gitlab-token": token })) === 202, {
      what: "the call to be taken",
    });
  });

  it("is let in by manifests that the API server takes as the documentation has them", async () => {
    const text = await readFile(join(import.meta.dirname, "../../../docs/operations.md"), "utf8");
    const blocks = [...text.matchAll(/^```yaml\n(apiVersion: networking[\s\S]*?)^```/gm)].map(([, yaml = ""]) =>
      parse(yaml),
    );
    expect(blocks.map(({ kind }) => kind)).toEqual(["Ingress", "NetworkPolicy"]);
    for (const block of blocks)
      await world.admin.apply(block, { dryRun: true, force: true, fieldManager: "test" }, new AbortController().signal);
  });

  it("never shows the token", () => {
    expect(leader.log()).not.toContain(token);
  });
});
