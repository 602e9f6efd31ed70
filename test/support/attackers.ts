import { createServer } from "node:http";
import { apiVersion } from "../../src/api/names.ts";
import { toFailure } from "../../src/model/failure.ts";
import type { JsonObject } from "../../src/model/json/json.ts";
import type { WorkTree } from "./git/work-tree.ts";
import { listenOnFreePort } from "./process/listen.ts";
import type { World } from "./world.ts";

/** Tenants that attack the agent by what they write, each in a namespace of its own. */
export interface Attackers {
  /** `namespace/name` of their Environments. */
  readonly environments: readonly string[];
  /** Makes every repository of theirs move on, so that nothing that is remembered of the last attack helps. */
  readonly attack: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

/** Every object is looked at for every patch: time. */
function timeBomb(): Readonly<Record<string, string>> {
  const objects = Array.from({ length: 20_000 }, (_, n) => map(`a${n}`)).join("---\n");
  const patches = Array.from(
    { length: 20_000 },
    (_, n) => `- {target: {name: "(a+)+${n}b"}, patch: '[{"op": "add", "path": "/data", "value": {}}]'}\n`,
  );
  return { "kustomization.yaml": `resources: [a.yaml]\npatches:\n${patches.join("")}`, "a.yaml": objects };
}

/** Copies of copies, and as many values as a file holds: memory. */
function memoryBomb(): Readonly<Record<string, string>> {
  const operations = Array.from({ length: 17 }, (_, n) => ({ op: "copy", from: "/data", path: `/data/c${n}` }));
  const keys = Array.from({ length: 600_000 }, (_, n) => `  k${n}: v\n`).join("");
  return {
    "kustomization.yaml": `resources: [a.yaml, b.yaml]\npatches:\n- target: {name: b}\n  patch: '${JSON.stringify(operations)}'\n`,
    "a.yaml": `${map("a")}data:\n${keys}`,
    "b.yaml": `${map("b")}data: {x: y}\n`,
  };
}

/** Bases that use bases twice: objects. */
function diamond(): Readonly<Record<string, string>> {
  const files: Record<string, string> = { "l0/kustomization.yaml": "resources: [a.yaml]\n", "l0/a.yaml": map("a") };
  for (let level = 1; level <= 13; level++) {
    for (const side of ["a", "b"]) {
      files[`l${level}${side}/kustomization.yaml`] = `namePrefix: ${side}-\nresources: [../l${level - 1}]\n`;
    }
    files[`l${level}/kustomization.yaml`] = `resources: [../l${level}a, ../l${level}b]\n`;
  }
  return { ...files, "kustomization.yaml": "resources: [l13]\n" };
}

/** Answers every request with an answer that never ends. */
async function endlessServer() {
  const piece = Buffer.alloc(64 * 1024, 0x20);
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const pour = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", pour);
    pour();
  });
  const url = `http://127.0.0.1:${await listenOnFreePort(server)}`;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, stop };
}

/** Starts three tenants with bombs in their repositories and one whose cluster never stops talking. */
export async function startAttackers(world: World): Promise<Attackers> {
  const never = new AbortController().signal;
  const apply = (object: { apiVersion: string; kind: string; metadata: { name: string } & JsonObject } & JsonObject) =>
    world.admin.apply(object, { dryRun: false, force: true, fieldManager: "test" }, never);
  const server = await endlessServer();
  const trees: WorkTree[] = [];
  const environments: string[] = [];

  const attacker = async (name: string, files: Readonly<Record<string, string>>, more: JsonObject = {}) => {
    await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    const { url, tree } = await world.repository(name);
    await tree.commit(files, "a bomb");
    trees.push(tree);
    if (more.kubeConfig !== undefined) {
      const kubeconfig = kubeconfigOf(server.url);
      const metadata = { name: "elsewhere", namespace: name };
      await apply({ apiVersion: "v1", kind: "Secret", metadata, stringData: { value: kubeconfig } });
    }
    const spec = { source: { url }, path: ".", interval: "5s", retryInterval: "1s", targetNamespace: name, ...more };
    await apply({ apiVersion, kind: "Environment", metadata: { name, namespace: name }, spec });
    environments.push(`${name}/${name}`);
  };

  await attacker("takes-time", timeBomb());
  await attacker("takes-memory", memoryBomb());
  await attacker("multiplies", diamond());
  const kubeConfig = { secretRef: { name: "elsewhere" } };
  await attacker("never-ends", { "a.yaml": map("a") }, { kubeConfig });

  return {
    environments,
    async attack() {
      const moves = trees.map((tree, n) => tree.commit({ moved: `${performance.now()} ${n}\n` }, "again"));
      const outcomes = await Promise.allSettled(moves);
      for (const outcome of outcomes) if (outcome.status === "rejected") throw toFailure(outcome.reason);
    },
    stop: () => server.stop(),
  };
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "there",
    clusters: [{ name: "there", cluster: { server } }],
    users: [{ name: "me", user: { token: "mine" } }],
    contexts: [{ name: "there", context: { cluster: "there", user: "me" } }],
  });
}
