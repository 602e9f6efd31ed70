import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { apiVersion } from "../../src/api/names.ts";
import { agentComponents } from "../../src/cli/install/components.ts";
import { type Cluster, connect } from "../../src/cluster/index.ts";
import { type JsonObject, listAt, objectAt, stringAt } from "../../src/model/json/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { readCertificate, type SealingCertificate, sealSecret } from "../../src/seal/index.ts";
import { type AgentProcess, startAgent } from "../support/agent/agent-process.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { writeKubeconfig } from "../support/control-plane/kubeconfig.ts";
import { type GitServer, startGitServer } from "../support/git/git-server.ts";
import { createWorkTree, type WorkTree } from "../support/git/work-tree.ts";
import { listenOnFreePort } from "../support/process/listen.ts";
import { eventually } from "../support/wait.ts";
import { goMissing } from "../toolchain/tools.ts";

const signal = AbortSignal.timeout(600_000);
const rbac = "rbac.authorization.k8s.io/v1";
/** What must reach nobody but its own tenant. */
const canary = "canary-of-team-b-6d1f";

/** A namespace of a team with its service account, which may do everything there with the kinds that teams deploy. */
function team(namespace: string): readonly KubeObject[] {
  const metadata = { name: "deployer", namespace };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: rbac,
      kind: "Role",
      metadata,
      rules: [{ apiGroups: [""], resources: ["configmaps", "secrets"], verbs: ["*"] }],
    },
    {
      apiVersion: rbac,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "deployer" },
      subjects: [{ kind: "ServiceAccount", ...metadata }],
    },
  ];
}

/** A server that a tenant runs: it answers like an API server that takes everything, and keeps all that it was told. */
async function startHostileServer() {
  const told: string[] = [];
  const server: Server = createServer((request, response) => {
    const { method, url = "" } = request;
    const body: Buffer[] = [];
    request.on("data", (chunk: Buffer) => body.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(body).toString();
      told.push(`${method} ${url} ${text}`);
      response.setHeader("content-type", "application/json");
      response.end(method === "PATCH" ? text : JSON.stringify(answerOf(url)));
    });
  });
  const url = `http://127.0.0.1:${await listenOnFreePort(server)}`;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url, told: () => told.join("\n"), stop };
}

function answerOf(url: string): object {
  if (url !== "/api" && url !== "/apis") return { kind: "List", metadata: { resourceVersion: "1" }, items: [] };
  const kinds = { Secret: "secrets", ConfigMap: "configmaps" };
  const resources = Object.entries(kinds).map(([kind, resource]) => ({
    resource,
    responseKind: { kind },
    scope: "Namespaced",
    verbs: ["get", "list", "watch", "patch"],
  }));
  const items = url === "/api" ? [{ metadata: { name: "" }, versions: [{ version: "v1", resources }] }] : [];
  return { kind: "APIGroupDiscoveryList", items };
}

describe.skipIf(goMissing() !== undefined)("an agent that is locked down to tenants (skipped without Go)", () => {
  let plane: ControlPlane;
  let admin: Cluster;
  let git: GitServer;
  let agent: AgentProcess;
  /** The agent's own token, of TokenRequest. */
  let own: Cluster;
  let certificate: SealingCertificate;
  let hostile: Awaited<ReturnType<typeof startHostileServer>>;
  const trees = new Map<string, WorkTree>();
  const urls = new Map<string, string>();

  const apply = (object: KubeObject) =>
    eventually(
      async () => (await admin.apply(object, { dryRun: false, force: true, fieldManager: "test" }, signal)).object,
      {
        what: `${object.kind} ${object.metadata.name} to be applied`,
      },
    );
  const get = (kind: string, namespace: string, name: string) =>
    admin.get({ apiVersion: kind === "Environment" ? apiVersion : "v1", kind, namespace, name }, signal);
  const ready = (environment: KubeObject | undefined) =>
    listAt(environment, "status", "conditions").find((each) => stringAt(each, "type") === "Ready");

  /** Makes or changes an Environment of a team that follows its own repository. */
  const environment = (namespace: string, name: string, spec: JsonObject = {}) =>
    apply({
      apiVersion,
      kind: "Environment",
      metadata: { name, namespace },
      spec: {
        source: { url: urls.get(namespace) ?? "", ref: { branch: "main" } },
        path: `./${name}`,
        interval: "500ms",
        retryInterval: "500ms",
        timeout: "20s",
        ...spec,
      },
    });

  /** Waits until Ready says so; answers with its message. */
  async function until(namespace: string, name: string, status: string, words = ""): Promise<string> {
    const look = async () => {
      const condition = ready(await get("Environment", namespace, name));
      const message = stringAt(condition, "message") ?? "";
      return stringAt(condition, "status") === status && message.includes(words) ? message : undefined;
    };
    return eventually(look, { what: `${namespace}/${name} to be ${status}: ${words}`, timeout: 60_000 }).catch(
      async (thrown: unknown) => {
        const found = JSON.stringify((await get("Environment", namespace, name))?.status);
        throw new Error(`${thrown}\n${found}\n${agent.log().slice(-4000)}`);
      },
    );
  }

  async function commit(namespace: string, files: Readonly<Record<string, string | undefined>>): Promise<void> {
    await trees.get(namespace)?.commit(files, `change ${Object.keys(files).join(", ")}`);
  }

  async function sealed(namespace: string, password: string): Promise<KubeObject> {
    const metadata = { name: "db", namespace };
    return sealSecret({ apiVersion: "v1", kind: "Secret", metadata, stringData: { password } }, certificate);
  }

  const configMap = (name: string, namespace: string) =>
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { a: "b" } });

  beforeAll(async () => {
    plane = await startControlPlane({ schedulerAndControllers: false });
    admin = await connect({ from: "files", paths: [plane.kubeconfig] });
    git = await startGitServer();
    hostile = await startHostileServer();
    for (const name of ["team-a", "team-b", "team-c"]) {
      for (const object of team(name)) await apply(object);
      urls.set(name, await git.createRepo(name));
      trees.set(name, await createWorkTree(git.pushUrl(name)));
    }
    const tenants = { namespaces: ["team-a", "team-b"], defaultServiceAccount: "deployer" };
    const { objects } = await agentComponents("mooring-system", { tenants });
    for (const object of objects.filter(({ kind }) => kind !== "Deployment")) await apply(object);
    const deployment = objects.find(({ kind }) => kind === "Deployment");
    const container = listAt(deployment, "spec", "template", "spec", "containers")[0];
    const flags = listAt(container, "args")
      .map(String)
      .filter((each) => each.startsWith("--") && !each.startsWith("--listen"));
    expect(flags).toContain("--no-cross-namespace-refs");
    const kubeconfig = await plane.kubeconfigFor("mooring-system", "mooring-agent");
    own = await connect({ from: "files", paths: [kubeconfig] });
    agent = startAgent(kubeconfig, ...flags);
    const address = await eventually(async () => /"address":"([\d.:]+)"/.exec(agent.log())?.[1], {
      what: "the agent to listen",
      timeout: 60_000,
    });
    const pem = async () => {
      const answer = await fetch(`http://${address}/v1/cert.pem`);
      return answer.ok ? answer.text() : undefined;
    };
    certificate = readCertificate(await eventually(pem, { what: "a certificate", timeout: 60_000 }));
  }, 600_000);

  afterAll(async () => {
    await agent?.stop();
    await own?.close();
    await Promise.all([...trees.values()].map((tree) => tree.remove()));
    await hostile?.stop();
    await admin?.close();
    await git?.stop();
    await plane?.stop();
  });

  test("works for them, with sealed secrets of their own", { timeout: 120_000 }, async () => {
    await commit("team-b", {
      "app/c.yaml": configMap("settings", "team-b"),
      "app/db.yaml": stringify(await sealed("team-b", canary), { lineWidth: 0 }),
    });
    await environment("team-b", "app");
    await until("team-b", "app", "True");
    const secret = await get("Secret", "team-b", "db");
    expect(atob(stringAt(secret, "data", "password") ?? "")).toBe(canary);
    expect(await get("Secret", "team-b", "mooring-snapshot-app")).toBeDefined();
  });

  test("can with its own token neither read nor impersonate anything beyond them, nor list their Secrets", async () => {
    const secrets = await own.resource("v1", "Secret", signal);
    if (secrets === undefined) throw new Error("no Secrets are served");
    const forbidden = { code: "Forbidden" };
    for (const namespace of ["team-c", "kube-system", "default"]) {
      const ref = { apiVersion: "v1", kind: "Secret", namespace, name: "any" };
      await expect(own.get(ref, signal)).rejects.toMatchObject(forbidden);
      await expect(own.list(secrets, { namespace }, signal)).rejects.toMatchObject(forbidden);
      const other = own.impersonate({ user: `system:serviceaccount:${namespace}:deployer` });
      await expect(other.get(ref, signal)).rejects.toMatchObject(forbidden);
    }
    await expect(own.list(secrets, {}, signal)).rejects.toMatchObject(forbidden);
    await expect(own.list(secrets, { namespace: "team-a" }, signal)).rejects.toMatchObject(forbidden);
    for (const user of ["admin", "system:serviceaccount:kube-system:default"]) {
      const as = own.impersonate({ user, groups: ["system:masters"] });
      await expect(as.list(secrets, {}, signal)).rejects.toMatchObject(forbidden);
    }
  });

  test("leaves the Environments of other namespaces alone", async () => {
    await commit("team-c", { "app/c.yaml": configMap("settings", "team-c") });
    await environment("team-c", "app");
    await commit("team-a", { "own/c.yaml": configMap("own", "team-a") });
    await environment("team-a", "own");
    await until("team-a", "own", "True");
    expect((await get("Environment", "team-c", "app"))?.status).toBeUndefined();
    expect(agent.log()).not.toContain("team-c");
  });

  describe("opens nothing that another tenant sealed", { timeout: 120_000 }, () => {
    /** Files in which a copied SealedSecret stands in ways that might hide where it belongs. */
    async function disguises(): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
      const copied = await sealed("team-b", canary);
      const { metadata, spec } = copied;
      const guess = `{{ if hasPrefix "c" .password }}{{ fail "it begins with c" }}{{ end }}`;
      const template = { ...objectAt(spec, "template"), data: { x: guess } };
      const text = (object: object) => stringify(object, { lineWidth: 0 });
      return {
        plain: { "db.yaml": text(copied) },
        templated: { "db.yaml": text({ ...copied, spec: { ...objectAt(copied, "spec"), template } }) },
        list: { "db.yaml": text({ apiVersion: "v1", kind: "List", items: [copied] }) },
        moved: {
          "db.yaml": text({ ...copied, metadata: { ...metadata, name: "b", namespace: "team-a" } }),
          "kustomization.yaml": "resources: [db.yaml]\nnamespace: team-b\nnamePrefix: d\n",
        },
      };
    }

    test.each(["plain", "templated", "list", "moved"])("in its own cluster: %s", async (name) => {
      const files = (await disguises())[name] ?? {};
      await commit(
        "team-a",
        Object.fromEntries(Object.entries(files).map(([file, text]) => [`${name}/${file}`, text])),
      );
      await environment("team-a", name);
      const message = await until("team-a", name, "False", "is not opened");
      expect(message).toContain(`db.yaml`);
      expect(message).toMatch(/SealedSecret\/team-b\/db: is not opened: system:serviceaccount:team-a:deployer may not/);
      expect(message).not.toContain("begins with c");
    });

    test("for a cluster of its own, with and without a service account that answers here", async () => {
      const text = await writeKubeconfig(`${plane.dir}/hostile.kubeconfig`, {
        server: hostile.url,
        user: "x",
        token: "y",
      });
      const value = (await readFile(text)).toString("base64");
      await apply({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "hostile", namespace: "team-a" },
        data: { value },
      });
      const kubeConfig = { secretRef: { name: "hostile" } };
      for (const [name, more] of [
        ["plain", { kubeConfig }],
        ["templated", { kubeConfig, serviceAccountName: "deployer" }],
      ] as const) {
        await environment("team-a", name, more);
        const message = await until("team-a", name, "False", "in the agent's own cluster");
        expect(message).toContain("SealedSecret/team-b/db: is not opened");
      }
      // It was asked nothing about that Secret, and told nothing of it.
      expect(hostile.told()).not.toContain(canary);
      expect(hostile.told()).not.toContain(btoa(canary));
    });

    test("but what is sealed for its own namespace goes to its own cluster", async () => {
      await commit("team-a", { "plain/db.yaml": stringify(await sealed("team-a", "mine-2f7a"), { lineWidth: 0 }) });
      await eventually(async () => hostile.told().includes(btoa("mine-2f7a")), {
        what: "the own secret to be sent to the own server",
        timeout: 30_000,
      });
      expect(hostile.told()).not.toContain(btoa(canary));
    });
  });

  test("deletes for its owner what another tenant only names", { timeout: 120_000 }, async () => {
    await commit("team-a", { "thief/c.yaml": configMap("settings", "team-b") });
    await environment("team-a", "thief");
    await until("team-a", "thief", "False");
    await commit("team-b", { "app/c.yaml": undefined });
    await eventually(async () => (await get("ConfigMap", "team-b", "settings")) === undefined, {
      what: "the victim's object to be pruned",
      timeout: 60_000,
    });
    expect(await until("team-b", "app", "True")).not.toContain("not deleted");
  });

  test("says what it keeps for another Environment that may have it", { timeout: 120_000 }, async () => {
    await commit("team-b", { "app/c.yaml": configMap("shared", "team-b") });
    await eventually(async () => get("ConfigMap", "team-b", "shared"), { what: "the object", timeout: 60_000 });
    await until("team-b", "app", "True");
    // It wants it too, but cannot be rendered to the end: so it never takes it.
    await commit("team-b", {
      "heir/c.yaml": configMap("shared", "team-b"),
      "heir/d.yaml": configMap("elsewhere", "kube-system"),
    });
    await environment("team-b", "heir");
    await until("team-b", "heir", "False");
    await commit("team-b", { "app/c.yaml": undefined });
    const message = await until("team-b", "app", "True", "not deleted although no longer in the repository");
    expect(message).toContain("ConfigMap/team-b/shared (Environment team-b/heir wants it)");
    expect(await get("ConfigMap", "team-b", "shared")).toBeDefined();
  });
});
