import { createServer, type Server, type Socket } from "node:net";
import pino from "pino";
import ssh2 from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runAgent } from "../../../src/agent/index.ts";
import { connect } from "../../../src/cluster/index.ts";
import type { JsonObject } from "../../../src/model/json/json.ts";
import { ownMachine } from "../../../src/source/index.ts";
import { type ProxiedRequest, startFaultProxy } from "../../support/faults/fault-proxy.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { listenOnFreePort } from "../../support/process/listen.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { applyAsTest, commitFolder, configMap, namespace } from "../shop.ts";

const log = pino({ level: "silent" });
const { signal } = new AbortController();
const system = "mooring-system";
const dryRun = ({ query }: ProxiedRequest) => query.has("dryRun");
const about = (path: string | RegExp, method: string) => (request: ProxiedRequest) =>
  request.method === method &&
  !request.isWatch &&
  (typeof path === "string" ? request.path === path : path.test(request.path));

/** Which request is never answered, in the order in which an agent comes to it. */
const requests: readonly (readonly [string, (request: ProxiedRequest) => boolean])[] = [
  ["discovery", about("/apis", "GET")],
  ["the first list", about(/\/environments$/, "GET")],
  ["the list of sealing keys", about(`/api/v1/namespaces/${system}/secrets`, "GET")],
  ["the list of Promotions", about(/\/promotions$/, "GET")],
  ["reading the lease", about(/\/leases\//, "GET")],
  ["making the lease", about(/\/leases$/, "POST")],
  ["every watch", ({ isWatch }) => isWatch],
  ["reading a Secret", about(`/api/v1/namespaces/${system}/secrets/variables`, "GET")],
  ["an access review", about(/\/selfsubjectaccessreviews$/, "POST")],
  ["the list of a kind of its own", about("/api/v1/configmaps", "GET")],
  ["the finalizer and the status", about(/\/environments\//, "PATCH")],
  ["a dry run", (request) => about(/\/configmaps\/a$/, "PATCH")(request) && dryRun(request)],
  ["an apply", (request) => about(/\/configmaps\/a$/, "PATCH")(request) && !dryRun(request)],
  ["the list of what it waits for", about("/api/v1/namespaces/default/configmaps", "GET")],
  ["a deletion", about(/\/configmaps\/pruned$/, "DELETE")],
  ["an event", about(/\/events$/, "POST")],
];

describe("an agent is stopped, whatever it waits for", { timeout: 60_000 }, () => {
  let world: World;
  let tree: WorkTree;
  let silent: Server;
  let silentPort: number;
  let url: string;
  const sockets = new Set<Socket>();
  let count = 0;

  const options = {
    ...{ namespace: system, watchNamespaces: [], listen: "127.0.0.1:0", leaderElection: true },
    ...{ defaultServiceAccount: undefined, crossNamespaceRefs: true, keyRenewal: { period: 0 } },
    ...{ clusterName: undefined, remoteBases: true, network: ownMachine, userAgent: "mooring/test" },
  };

  /** Runs an agent until it has come to what it never gets, and stops it. */
  async function stopsWhile(hangs: (request: ProxiedRequest) => boolean, cameThere: () => boolean): Promise<void> {
    const proxy = await startFaultProxy(world.controlPlane);
    let met = false;
    proxy.inject((request) => {
      if (!hangs(request)) return undefined;
      met = true;
      return { kind: "hang" };
    });
    const cluster = await connect({ from: "files", paths: [await proxy.kubeconfigFor(world.controlPlane.adminToken)] });
    const stopping = new AbortController();
    let ended = false;
    const run = runAgent(cluster, options, log, stopping.signal)
      .catch((thrown: unknown) => {
        if (!stopping.signal.aborted) throw thrown;
      })
      .finally(() => {
        ended = true;
      });
    try {
      await eventually(() => met || cameThere(), { what: "the request" });
      stopping.abort();
      await eventually(() => ended, { what: "the agent to end" });
      await run;
    } finally {
      stopping.abort();
      await cluster.close();
      await proxy.stop();
    }
  }

  /** A content that is new, and with it an Environment that has never been looked at. */
  async function freshEnvironment(name: string, source: JsonObject, more: JsonObject = {}): Promise<void> {
    await world.environment(name, {
      ...{ source, path: "./app", interval: "1s", retryInterval: "1s", timeout: "1h", deletionPolicy: "MirrorPrune" },
      postBuild: { substituteFrom: [{ kind: "Secret", name: "variables" }] },
      healthChecks: [{ apiVersion: "v1", kind: "ConfigMap", name: "theirs", namespace: "default" }],
      ...more,
    });
  }

  beforeAll(async () => {
    world = await startWorld({ schedulerAndControllers: false });
    silent = createServer((socket) => sockets.add(socket.on("error", () => undefined)));
    silentPort = await listenOnFreePort(silent);
    const repository = await world.repository("environment");
    ({ tree, url } = repository);
    const variables = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "variables", namespace: system },
      data: {},
    };
    await applyAsTest(world, variables);
    await applyAsTest(world, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "theirs", namespace: "default" },
    });
    await commitFolder(tree, "app", {
      ...{ "ns.yaml": namespace("shop"), "a.yaml": configMap("a", "0"), "pruned.yaml": configMap("pruned", "0") },
    });
    await freshEnvironment("shop", { url, ref: { branch: "main" } });
    const agent = world.startAgent("--no-leader-election");
    await world.condition("shop", "Ready", { status: "True" });
    await agent.stop();
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => silent?.close(() => resolve()) ?? resolve());
    await world?.stop();
  });

  it.each(requests)("%s", async (what, hangs) => {
    count += 1;
    const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace: system, name: "mooring-agent" };
    await world.admin.delete(lease, { propagation: "Background" }, signal);
    const pruned = what === "a deletion" ? {} : { "pruned.yaml": configMap("pruned", "0") };
    const sealed = { "sealed.yaml": sealedSecret };
    const files = { "ns.yaml": namespace("shop"), "a.yaml": configMap("a", String(count)), ...pruned };
    await commitFolder(tree, "app", { ...files, ...(what === "an access review" ? sealed : {}) });
    if (what === "an event") await commitFolder(tree, "app", { "broken.yaml": "kind: [" });
    await stopsWhile(hangs, () => false);
    expect(sockets.size).toBe(0);
  });

  it("a forge", async () => {
    const forge = {
      type: "gitea",
      url: `http://127.0.0.1:${silentPort}`,
      repository: "acme/shop",
      secretRef: { name: "forge" },
    };
    const token = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "forge", namespace: system },
      stringData: { token: "x" },
    };
    await applyAsTest(world, token);
    const before = sockets.size;
    await freshEnvironment("shop", { url, ref: { branch: "main" } }, { forge });
    await stopsWhile(
      () => false,
      () => sockets.size > before,
    );
  });

  it("a Git server over HTTP, and one over SSH", async () => {
    const { private: identity, public: known } = ssh2.utils.generateKeyPairSync("ed25519");
    const secret = {
      ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "ssh", namespace: system } },
      stringData: { identity, known_hosts: `[127.0.0.1]:${silentPort} ${known}` },
    };
    await applyAsTest(world, secret);
    for (const source of [
      { url: `http://127.0.0.1:${silentPort}/x.git` },
      { url: `ssh://git@127.0.0.1:${silentPort}/x.git`, secretRef: { name: "ssh" } },
    ]) {
      const before = sockets.size;
      await freshEnvironment("stuck", source);
      await stopsWhile(
        () => false,
        () => sockets.size > before,
      );
    }
  });
});

/** Nobody can open it: it is enough that somebody is asked whether it may be opened. */
const sealedSecret = `apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: sealed, namespace: shop}
spec: {encryptedData: {a: AgBy}, template: {}}
`;
