import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiVersion } from "../../../src/api/names.ts";
import { inParallel } from "../../../src/model/async/in-parallel.ts";
import type { JsonObject } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { agentAddress } from "../../support/agent/agent-address.ts";
import { type AgentProcess, startAgentAfter } from "../../support/agent/agent-process.ts";
import { scrape } from "../../support/agent/scrape.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { listenOnFreePort } from "../../support/process/listen.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { configMap } from "../shop.ts";

/** The full size is `npm run conformance -- soak`. */
const full = process.env.MOORING_FULL_SIZE === "1";
const [environmentCount, rounds] = full ? [500, 10] : [30, 4];
const repositoryCount = 5;
const { signal } = new AbortController();
const system = "mooring-system";
const options = { dryRun: false, force: true, fieldManager: "test" };

/** One more object of a kind that few have. */
const rare = ["Service", "ServiceAccount", "LimitRange", "Endpoints", "PodTemplate"] as const;
const rareObject = (index: number): string => {
  const kind = rare[index % rare.length] ?? "Service";
  const bodies = {
    Service: "spec: {ports: [{port: 80}]}",
    ServiceAccount: "automountServiceAccountToken: false",
    LimitRange: "spec: {limits: []}",
    Endpoints: "subsets: []",
    PodTemplate: "template: {spec: {containers: [{name: a, image: a}]}}",
  };
  return `apiVersion: v1\nkind: ${kind}\nmetadata: {name: rare-${index}, namespace: default}\n${bodies[kind]}\n`;
};

describe("Environments that come, change and go", { timeout: full ? 3_600_000 : 400_000 }, () => {
  let world: World;
  let agent: AgentProcess;
  let address: string;
  let forge: Server;
  let forgeUrl: string;
  const repositories: { readonly url: string; readonly tree: WorkTree }[] = [];
  const names = Array.from({ length: environmentCount }, (_, index) => `e${index}`);
  const ref = (name: string) => ({ apiVersion, kind: "Environment", namespace: system, name });
  const each = (work: (name: string, index: number) => Promise<unknown>) => inParallel(names, 8, work, signal);
  /** Its URL holds a password, which is refused. */
  const isRefused = (index: number) => index % 10 === 9;

  const specOf = (index: number, round: number): JsonObject => {
    const { url = "" } = repositories[index % repositoryCount] ?? {};
    const ofForge = { type: "gitea", url: forgeUrl, repository: "acme/x", secretRef: { name: "forge" } };
    return {
      source: { url: isRefused(index) ? url.replace("://", "://user:secret@") : url, ref: { branch: "main" } },
      path: `./e${index}`,
      ...{ interval: "1h", retryInterval: "1s", timeout: `${60 + round}s` },
      ...(index % 3 === 0 ? { deletionPolicy: "Orphan", forge: ofForge } : {}),
      ...(index % 5 === 0 ? { serviceAccountName: `tenant-${index % 3}` } : {}),
    };
  };
  const commitAll = async (value: string) => {
    for (const [repository, { tree }] of repositories.entries()) {
      const mine = names.map((_, index) => index).filter((index) => index % repositoryCount === repository);
      const files = mine.flatMap((index) => [
        [`e${index}/map.yaml`, configMap(`map-${index}`, value, { namespace: "default" })],
        [`e${index}/rare.yaml`, rareObject(index)],
      ]);
      await tree.commit(Object.fromEntries(files), value);
    }
  };
  /** Ready at a generation, or refused. */
  const settled = async (generation: (object: KubeObject) => number) => {
    const type = await world.admin.resource(apiVersion, "Environment", signal);
    if (type === undefined) throw new Error("there are no Environments");
    await eventually(
      async () => {
        const { items } = await world.admin.list(type, { namespace: system }, signal);
        return items.every((object) => {
          const ready = conditionsOf(object).find((condition) => condition.type === "Ready");
          const wanted = isRefused(Number(object.metadata.name.slice(1))) ? "False" : "True";
          return ready?.status === wanted && ready.observedGeneration === generation(object);
        });
      },
      { what: "every Environment to be ready, or refused", timeout: 600_000 },
    );
  };

  async function round(number: number): Promise<void> {
    await commitAll(`made-${number}`);
    await each((name, index) => world.environment(name, specOf(index, number)));
    await settled(({ metadata }) => metadata.generation ?? 0);
    await commitAll(`changed-${number}`);
    await each((name, index) => world.environment(name, specOf(index, number + 100)));
    await settled(({ metadata }) => metadata.generation ?? 0);
    await each((name) => world.admin.delete(ref(name), { propagation: "Background" }, signal));
    await each((name) =>
      eventually(async () => (await world.admin.get(ref(name), signal)) === undefined, { what: `${name} to go` }),
    );
    await eventually(async () => sumOf(await scrape(address), "mooring_open") === 0, {
      what: "everything to be closed",
      timeout: 60_000,
    });
  }

  /** What there is after garbage was collected. */
  async function measured() {
    const collections = () => agent.log().split("garbage was collected").length;
    const before = collections();
    process.kill(agent.pid, "SIGUSR2");
    await eventually(() => collections() > before, { what: "the agent to collect its garbage" });
    const metrics = await scrape(address);
    return {
      timers: metrics.get('mooring_process_resources{type="Timeout"}') ?? 0,
      sockets: metrics.get('mooring_process_resources{type="TCPSocketWrap"}') ?? 0,
      heap: metrics.get("mooring_heap_used_bytes") ?? 0,
      series: metrics.size,
    };
  }

  beforeAll(async () => {
    world = await startWorld({ schedulerAndControllers: false });
    forge = createServer((_, response) => response.writeHead(503).end());
    forgeUrl = `http://127.0.0.1:${await listenOnFreePort(forge)}`;
    for (let index = 0; index < repositoryCount; index += 1) repositories.push(await world.repository(`r${index}`));
    const token = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "forge", namespace: system },
      stringData: { token: "x" },
    };
    await world.admin.apply(token, options, signal);
    for (const name of ["tenant-0", "tenant-1", "tenant-2"]) {
      const subjects = [{ kind: "ServiceAccount", name, namespace: system }];
      const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" };
      const rbac = "rbac.authorization.k8s.io/v1";
      await world.admin.apply(
        { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: system } },
        options,
        signal,
      );
      await world.admin.apply(
        { apiVersion: rbac, kind: "ClusterRoleBinding", metadata: { name }, subjects, roleRef },
        options,
        signal,
      );
    }
    agent = startAgentAfter(["collect-garbage.ts"], world.agentKubeconfig, "--no-leader-election");
    address = (await agentAddress(agent)).replace("http://", "");
  });
  afterAll(async () => {
    await agent?.stop();
    await world?.stop();
    await new Promise<void>((resolve) => (forge === undefined ? resolve() : forge.close(() => resolve())));
  });

  it(`${environmentCount} of them, ${rounds} rounds: nothing is left open, and nothing grows`, async () => {
    await round(1);
    const first = await measured();
    for (let number = 2; number <= rounds; number += 1) await round(number);
    const fits = async () => {
      const { timers, sockets, heap, series } = await measured();
      const grown = { timers: timers - first.timers, sockets: sockets - first.sockets, series: series - first.series };
      return grown.timers <= 2 && grown.sockets <= 2 && grown.series <= 0 && heap <= first.heap * 1.1 + 4e6;
    };
    await eventually(fits, { what: `no more than ${JSON.stringify(first)}`, timeout: 120_000 }).catch(
      async (thrown) => {
        throw new Error(`${thrown}, but ${JSON.stringify(await measured())}`);
      },
    );
    expect(agent.log()).not.toContain("this is a bug");
  });
});

function conditionsOf({ status }: KubeObject): readonly JsonObject[] {
  const conditions = status !== null && typeof status === "object" && "conditions" in status ? status.conditions : [];
  return Array.isArray(conditions) ? (conditions as readonly JsonObject[]) : [];
}

function sumOf(metrics: ReadonlyMap<string, number>, name: string): number {
  return [...metrics].filter(([key]) => key.startsWith(`${name}{`)).reduce((sum, [, value]) => sum + value, 0);
}
