import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringAt } from "../../../src/model/json/json.ts";
import { type AgentProcess, startAgentAfter } from "../../support/agent/agent-process.ts";
import { type AuditedWrite, auditedWrites, byAgents } from "../../support/control-plane/audit.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { commitFolder, deployment, following, labelled, namespace, owned } from "../shop.ts";

/** The lease's duration and what an agent on a busy machine needs to take it. */
const takeOverMs = 40_000;

describe("two agents", { timeout: 120_000 }, () => {
  let world: World;
  let tree: WorkTree;
  let first: AgentProcess;
  let second: AgentProcess;
  const commit = (image: string) =>
    commitFolder(tree, "app", { "ns.yaml": namespace("shop"), "web.yaml": deployment("web", image) });
  const lease = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    namespace: "mooring-system",
    name: "mooring-agent",
  };
  const holder = async () =>
    stringAt(await world.admin.get(lease, new AbortController().signal), "spec", "holderIdentity") ?? "";

  /** How often the lease was written. */
  const renewals = async () =>
    (await auditedWrites(world.controlPlane)).filter(({ target }) => target === "leases/mooring-system/mooring-agent")
      .length;

  /** An agent with a service account of its own and the same rights, so that the audit log tells the two apart. */
  async function agentAs(name: string): Promise<AgentProcess> {
    const signal = new AbortController().signal;
    const options = { dryRun: false, force: true, fieldManager: "test" };
    const subjects = [{ kind: "ServiceAccount", name, namespace: "mooring-system" }];
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" };
    const apiVersion = "rbac.authorization.k8s.io/v1";
    await world.admin.apply(
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: "mooring-system" } },
      options,
      signal,
    );
    await world.admin.apply(
      { apiVersion, kind: "ClusterRoleBinding", metadata: { name }, roleRef, subjects },
      options,
      signal,
    );
    return startAgentAfter(["step-clock.ts"], await world.controlPlane.kubeconfigFor("mooring-system", name));
  }

  beforeAll(async () => {
    world = await startWorld({ auditLog: true });
    first = await agentAs("first-agent");
    await eventually(async () => (await holder()) !== "", { what: "the first to lead" });
    second = await agentAs("second-agent");
    const repository = await world.repository("environment");
    tree = repository.tree;
    await commit("web:1");
    await world.environment("shop", { ...following(repository.url, "app"), timeout: "5m" });
    await world.condition("shop", "Ready", { status: "True" });
  });
  afterAll(async () => {
    await Promise.all([first?.stop(), second?.stop()]);
    await world?.stop();
  });

  it("whatever the time of day is set to, the one that leads goes on leading", async () => {
    const led = await holder();
    // An hour ahead, and then an hour back: of the one that leads, of the other, and of both.
    for (const stepped of [[second], [second], [first], [first], [first, second]]) {
      for (const { pid } of stepped) process.kill(pid, "SIGUSR2");
      const before = await renewals();
      await eventually(async () => (await renewals()) >= before + 2, { what: "two renewals", timeout: takeOverMs });
      expect(await holder()).toBe(led);
    }
    expect(first.exited() || second.exited()).toBe(false);
  });

  it("when the leader is killed in the middle, the other takes over within the lease and finishes", async () => {
    const led = await holder();
    expect(led).toContain(`_${first.pid}_`);
    const sha = await commit("web:unready");
    await world.condition("shop", "Reconciling", { status: "True", revision: sha });
    await first.stop("SIGKILL");
    await eventually(async () => (await holder()).includes(`_${second.pid}_`), {
      what: "the other to lead",
      timeout: takeOverMs,
    });
    const next = await commit("web:2");
    await world.condition("shop", "Ready", { status: "True", revision: next });
    expect(await labelled(world, "shop")).toEqual(await owned(world, "shop"));
  });

  it("there never were two that wrote", async () => {
    const users = byAgents(await auditedWrites(world.controlPlane))
      .filter(isAboutShop)
      .map(({ user }) => user.split(":").at(-1));
    expect(users).toContain("first-agent");
    expect(users.indexOf("second-agent")).toBeGreaterThan(users.lastIndexOf("first-agent"));
  });

  it("a leader that stops in order gives the lease back at once", async () => {
    const third = await agentAs("third-agent");
    try {
      await second.stop();
      await eventually(async () => (await holder()).includes(`_${third.pid}_`), { what: "the third to lead" });
      const sha = await commit("web:3");
      await world.condition("shop", "Ready", { status: "True", revision: sha });
      const writes = byAgents(await auditedWrites(world.controlPlane));
      const users = writes.filter(isAboutShop).map(({ user }) => user.split(":").at(-1));
      expect(users.indexOf("third-agent")).toBeGreaterThan(users.lastIndexOf("second-agent"));
    } finally {
      await third.stop();
    }
  });
});

/** Whoever waits for the lease may try it, and both may keep sealing keys: what an environment consists of is the leader's. */
function isAboutShop({ target }: AuditedWrite): boolean {
  return /^(environments|namespaces|deployments)\//.test(target);
}
