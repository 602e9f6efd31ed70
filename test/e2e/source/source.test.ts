import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiVersion } from "../../../src/api/names.ts";
import { listAt, stringAt } from "../../../src/model/json/json.ts";
import { shortRevision } from "../../../src/model/revision.ts";
import { runMooring } from "../../cli/run-mooring.ts";
import { type Front, startFront } from "../../source/transport/front.ts";
import { agentAddress } from "../../support/agent/agent-address.ts";
import type { AgentProcess } from "../../support/agent/agent-process.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { configMap, deployment, namespace } from "../shop.ts";

const never = new AbortController().signal;
const followers = 24;

describe("where Environments come from", { timeout: 300_000 }, () => {
  let world: World;
  let agent: AgentProcess;
  let front: Front;
  let away = false;
  let library: { readonly url: string; readonly tree: WorkTree };

  const environment = (name: string, repository: string, spec = {}) =>
    world.environment(name, {
      source: { url: `${front.url}/${repository}.git`, ref: { branch: "main" } },
      path: "./app",
      interval: "500ms",
      retryInterval: "500ms",
      ...spec,
    });
  const value = async (name: string, where = "shop") =>
    stringAt(await world.get("ConfigMap", where, name), "data", "value");
  const live = (name: string, wanted: string, where = "shop") =>
    eventually(async () => (await value(name, where)) === wanted, { what: `${name}: ${wanted}`, timeout: 60_000 });
  const requestsTo = (repository: string) =>
    front.requests.filter(({ url = "" }) => url.startsWith(`/${repository}.git/`)).length;
  const polled = async (repository: string, times: number) => {
    const before = requestsTo(repository);
    await eventually(() => requestsTo(repository) >= before + times, { what: `${times} more polls`, timeout: 60_000 });
  };
  const version = async (name: string) =>
    (await world.get("Environment", "mooring-system", name))?.metadata.resourceVersion;
  const sourceIs = (name: string, status: "True" | "False") => world.condition(name, "SourceReady", { status });
  const tamper = async (name: string, where: string) => {
    const body = { data: { value: "tampered" } };
    const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: where, name };
    await world.admin.patch(ref, { type: "merge", body }, { fieldManager: "somebody" }, never);
  };

  beforeAll(async () => {
    world = await startWorld();
    front = await startFront(world.git.url, (_, response) => {
      if (away) response.writeHead(503).end();
      return away;
    });
    agent = world.startAgent("--no-leader-election", "--watch-namespace", "mooring-system");
    library = await world.repository("library");
    await library.tree.commit(
      { "base/kustomization.yaml": "resources: [settings.yaml]\n", "base/settings.yaml": configMap("settings", "one") },
      "One",
    );
  });
  afterAll(async () => {
    await world?.stop();
    await front?.stop();
  });

  it("follow a remote base at a branch, without a commit of their own", async () => {
    const { tree } = await world.repository("floating");
    const sha = await tree.commit(
      {
        "app/kustomization.yaml": `resources: [ns.yaml, "${front.url}/library.git//base?ref=main"]\n`,
        "app/ns.yaml": namespace("shop"),
      },
      "Floating",
    );
    await environment("floating", "floating");
    const first = await world.condition("floating", "Ready", { status: "True" });
    expect(first.lastHealthyRevision).toMatch(new RegExp(`^main@sha1:${sha}\\+bases:[0-9a-f]{12}$`));
    await library.tree.commit({ "base/settings.yaml": configMap("settings", "two") }, "Two");
    await live("settings", "two");
    const second = await eventually(
      async () => {
        const status = await world.status("floating");
        return status.lastHealthyRevision !== first.lastHealthyRevision && status;
      },
      { what: "the revision to say that the base moved", timeout: 60_000 },
    );
    expect(second.lastHealthyRevision).toContain(`main@sha1:${sha}+bases:`);
  });

  it("are planned by people with the same remote bases", async () => {
    const { lastHealthyRevision = "" } = await world.condition("floating", "Ready", { status: "True" });
    const { stdout, stderr, code } = await runMooring(["plan", "floating", "--namespace", "mooring-system"], {
      env: { KUBECONFIG: world.controlPlane.kubeconfig },
    });
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(stdout).toContain(` at ${shortRevision(lastHealthyRevision)}\n`);
  });

  it("go back from a remote base that fails, and ahead when it is mended", async () => {
    const before = await world.condition("floating", "Ready", { status: "True" });
    const files = "resources: [settings.yaml, web.yaml]\n";
    await library.tree.commit(
      {
        "base/kustomization.yaml": files,
        "base/web.yaml": deployment("web", "web:crash"),
        "base/settings.yaml": configMap("settings", "bad"),
      },
      "Bad",
    );
    await world.condition("floating", "Ready", { status: "False", reason: "RolledBack" });
    await live("settings", "two");
    await library.tree.commit(
      { "base/web.yaml": deployment("web", "web:1"), "base/settings.yaml": configMap("settings", "mended") },
      "Mended",
    );
    await live("settings", "mended");
    const after = await world.condition("floating", "Ready", { status: "True" });
    expect(after.lastHealthyRevision).not.toBe(before.lastHealthyRevision);
  });

  it("ask nothing for a remote base at a commit, once it is there", async () => {
    const pinned = await world.repository("pinned-base");
    const sha = await pinned.tree.commit(
      { "base/kustomization.yaml": "resources: [c.yaml]\n", "base/c.yaml": configMap("pinned", "one") },
      "Pinned",
    );
    const { tree } = await world.repository("pinning");
    const base = `${front.url}/pinned-base.git//base?ref=${sha}`;
    const own = await tree.commit({ "app/kustomization.yaml": `resources: ["${base}"]\n` }, "Pinning");
    await environment("pinning", "pinning");
    const status = await world.condition("pinning", "Ready", { status: "True" });
    expect(status.lastHealthyRevision).toBe(`main@sha1:${own}`);
    const [asked, written] = [requestsTo("pinned-base"), await version("pinning")];
    await polled("pinning", 5);
    expect(requestsTo("pinned-base")).toBe(asked);
    expect(await version("pinning")).toBe(written);
  });

  it("name remote bases where they are not allowed", async () => {
    const strict = "strict";
    await world.admin.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: strict } }, never);
    const refusing = world.startAgent("--no-leader-election", "--watch-namespace", strict, "--no-remote-bases");
    await agentAddress(refusing);
    const { tree } = await world.repository("refused");
    const remote = `${front.url.replace("//", "//user@")}/library.git//base?ref=main`;
    await tree.commit({ "app/kustomization.yaml": `resources:\n- "${remote}"\n` }, "Refused");
    const metadata = { name: "refused", namespace: strict };
    const source = { url: world.git.repoUrl("refused"), ref: { branch: "main" } };
    await world.admin.create({ apiVersion, kind: "Environment", metadata, spec: { source, path: "./app" } }, never);
    const message = await eventually(
      async () => {
        const found = await world.get("Environment", strict, "refused");
        const ready = listAt(found, "status", "conditions").find((each) => stringAt(each, "type") === "Ready");
        return stringAt(ready, "message");
      },
      { what: "the refusal", timeout: 60_000 },
    );
    expect(message).toContain(
      `app/kustomization.yaml:2:1: resources[0]: ${front.url}/library.git//base?ref=main is not in the repository`,
    );
    await refusing.stop();
  });

  it("bring nothing from where nobody said they may: not from the agent, not from the repository's host but by Git", async () => {
    const asked: string[] = [];
    const inside = await startFront(world.git.url, ({ url = "" }, response) => {
      asked.push(url);
      response.end("internal");
      return true;
    });
    const { port } = new URL(inside.url);
    const own = `${await agentAddress(agent)}/metrics`;
    const before = front.requests.length;
    const files = [
      own,
      inside.url,
      `http://localhost:${port}`,
      `http://[::ffff:127.0.0.1]:${port}/a`,
      `${front.url}/b`,
    ];
    const { tree } = await world.repository("curious");
    const lines = files.map((url, index) => `  - f${index}=${url}`).join("\n");
    await tree.commit(
      { "app/kustomization.yaml": `configMapGenerator:\n- name: stolen\n  files:\n${lines}\n` },
      "Curious",
    );
    await world.environment("curious", {
      source: { url: world.git.repoUrl("curious"), ref: { branch: "main" } },
      path: "./app",
    });
    const { conditions } = await world.condition("curious", "Ready", {
      status: "False",
      reason: "RenderFailed",
    });
    const message = conditions?.find(({ type }) => type === "Ready")?.message ?? "";
    for (const line of [4, 5, 6, 7, 8]) expect(message).toContain(`app/kustomization.yaml:${line}`);
    expect(message).toContain("is not among the hosts that something may be taken from");
    expect(asked).toEqual([]);
    expect(front.requests.slice(before).filter(({ url = "" }) => url === "/b")).toEqual([]);
    await inside.stop();
  });

  it("say once that a branch was rewritten", async () => {
    const { tree } = await world.repository("rewritten");
    const files = (text: string) => ({ "app/c.yaml": configMap("rewritten", text) });
    await tree.commit(files("one"), "One");
    const old = await tree.commit(files("two"), "Two");
    await environment("rewritten", "rewritten");
    await world.condition("rewritten", "Ready", { status: "True", revision: old });
    await tree.git("reset", "-q", "--hard", "HEAD~1");
    const sha = await tree.commit(files("three"), "Other two");
    await live("rewritten", "three");
    await world.condition("rewritten", "Ready", { status: "True", revision: sha });
    const said = `the branch main was rewritten: ${old.slice(0, 7)} is no longer part of it, and ${sha.slice(0, 7)} is followed`;
    const { conditions } = await sourceIs("rewritten", "True");
    expect(conditions?.find(({ type }) => type === "SourceReady")?.message).toContain(said);
    const events = async () => {
      const type = await world.admin.resource("v1", "Event", never);
      if (type === undefined) throw new Error("there are no Events");
      const { items } = await world.admin.list(type, { metadataOnly: false }, never);
      return items
        .filter((event) => stringAt(event, "reason") === "BranchRewritten")
        .map((e) => stringAt(e, "message"));
    };
    await eventually(async () => (await events()).length > 0, { what: "the Event" });
    await polled("rewritten", 3);
    expect(await events()).toEqual([said]);
  });

  it(`wait for a server that is away, ${followers} of them, and keep the cluster as it is`, async () => {
    const names = Array.from({ length: followers }, (_, index) => `many-${index}`);
    const { tree } = await world.repository("many");
    const entries = names.map((name) => [`${name}/c.yaml`, configMap(name, "one")] as const);
    await tree.commit(Object.fromEntries(entries), "Many");
    await Promise.all(names.map((name) => environment(name, "many", { path: `./${name}` })));
    for (const name of names) await world.condition(name, "Ready", { status: "True" });

    away = true;
    for (const name of names) await sourceIs(name, "False");
    const status = await sourceIs("many-0", "False");
    expect(status.lastFetched).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const message = status.conditions?.find(({ type }) => type === "SourceReady")?.message;
    expect(message).toContain("many.git answers with status 503; fetched last at ");
    expect(message).toContain("; what is in the cluster is kept");
    expect(status.conditions?.find(({ type }) => type === "Ready")?.status).toBe("True");
    const metrics = await (await fetch(`${await agentAddress(agent)}/metrics`)).text();
    expect(metrics).toContain('mooring_source_ready{namespace="mooring-system",name="many-0"} 0');
    expect(metrics).toMatch(
      /mooring_source_last_fetch_timestamp_seconds\{namespace="mooring-system",name="many-0"\} 1\d{9}/,
    );

    const written = await version("many-1");
    await polled("many", 3);
    expect(await version("many-1")).toBe(written);
    await tamper("many-2", "shop");
    await live("many-2", "one");

    await agent.stop("SIGKILL");
    agent = world.startAgent("--no-leader-election", "--watch-namespace", "mooring-system");
    await world.condition("many-3", "Ready", { status: "False", reason: "SourceFailed" });
    await tamper("many-3", "shop");
    await live("many-3", "one");
    const remembered = await sourceIs("many-3", "False");
    expect(remembered.conditions?.find(({ type }) => type === "SourceReady")?.message).toContain("fetched last at ");

    away = false;
    for (const name of names) await sourceIs(name, "True");
    for (const name of names) await world.condition(name, "Ready", { status: "True" });
    // One asks for all: beside an Environment that is alone, not so many times as often.
    const before = requestsTo("many");
    await polled("pinning", 5);
    expect(requestsTo("many") - before).toBeLessThan((5 * followers) / 2);
  });
});
