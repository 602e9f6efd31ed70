import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { newSealingKey, readCertificate, sealSecret } from "../../../src/seal/index.ts";
import { type GitServer, startGitServer } from "../../support/git/git-server.ts";
import { type Changes, createWorkTree } from "../../support/git/work-tree.ts";
import { startWorld, type World } from "../../support/world.ts";
import { applyAsTest, messageOf } from "../shop.ts";

const configMap = (name: string, namespace = "wrong") =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}}\ndata: {a: b}\n`;

/** Sealed for a key that no agent has. */
async function foreignSecret(): Promise<string> {
  const { certificatePem } = await newSealingKey(new Date(), { bits: 2048 });
  const secret: KubeObject = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "db", namespace: "wrong" },
    stringData: { password: "canary-value" },
  };
  return JSON.stringify(await sealSecret(secret, readCertificate(certificatePem)));
}

/** A public key as it stands in id_ed25519.pub (RFC 8709: two strings, each with its length). */
function sshPublicKey(): string {
  const { publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const string = (bytes: Uint8Array) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const blob = Buffer.concat([string(Buffer.from("ssh-ed25519")), string(raw)]);
  return `ssh-ed25519 ${blob.toString("base64")} alice@example.com\n`;
}

interface Case {
  readonly what: string;
  readonly files: Changes;
  readonly reason: string;
  /** All of it must stand in the message. */
  readonly says: readonly string[];
  readonly mend: Changes;
}

const cases: readonly Case[] = [
  {
    what: "a missing path",
    files: { "other/a.yaml": configMap("a") },
    reason: "RenderFailed",
    says: ["app"],
    mend: { "app/a.yaml": configMap("a") },
  },
  {
    what: "a YAML syntax error",
    files: { "app/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [a\n" },
    reason: "RenderFailed",
    says: ["app/a.yaml:4:1", "brackets"],
    mend: { "app/a.yaml": configMap("a") },
  },
  {
    what: "an unknown kind",
    files: { "app/a.yaml": "apiVersion: example.org/v1\nkind: Nonesuch\nmetadata: {name: a, namespace: wrong}\n" },
    reason: "ValidationFailed",
    says: ["app/a.yaml", "Nonesuch/wrong/a", "example.org/v1"],
    mend: { "app/a.yaml": configMap("a") },
  },
  {
    what: "an invalid field",
    files: {
      "app/a.yaml":
        "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: wrong}\nspec: {ports: [{port: 80, protocol: TELEX}]}\n",
    },
    reason: "ValidationFailed",
    says: ["app/a.yaml", "Service/wrong/a", "spec.ports[0].protocol"],
    mend: { "app/a.yaml": configMap("a") },
  },
  {
    what: "an unknown field",
    files: { "app/a.yaml": `${configMap("a")}datum: {a: b}\n` },
    reason: "ValidationFailed",
    says: ["app/a.yaml", "ConfigMap/wrong/a", "datum"],
    mend: { "app/a.yaml": configMap("a") },
  },
  {
    what: "a duplicate object",
    files: { "app/a.yaml": configMap("a"), "app/b.yaml": configMap("a") },
    reason: "RenderFailed",
    says: ["app/b.yaml", "a"],
    mend: { "app/b.yaml": configMap("b") },
  },
  {
    what: "a namespaced object without a namespace",
    files: { "app/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" },
    reason: "ValidationFailed",
    says: ["app/a.yaml", "metadata.namespace"],
    mend: { "app/a.yaml": configMap("a") },
  },
];

describe("wrong input", () => {
  let world: World;
  let locked: GitServer;
  const spec = (url: string, more: JsonObject = {}): JsonObject => ({
    source: { url, ref: { branch: "main" } },
    path: "./app",
    interval: "1s",
    retryInterval: "1s",
    ...more,
  });
  const secret = (name: string, stringData: Record<string, string>): KubeObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "mooring-system" },
    stringData,
  });

  beforeAll(async () => {
    world = await startWorld({ schedulerAndControllers: false });
    locked = await startGitServer({ username: "agent", password: "right" });
    await applyAsTest(world, { apiVersion: "v1", kind: "Namespace", metadata: { name: "wrong" } });
    world.startAgent();
  });
  afterAll(async () => {
    await locked?.stop();
    await world?.stop();
  });

  it.for(cases)(
    "$what is named, writes nothing, and is over when mended",
    async ({ what, files, reason, says, mend }) => {
      const name = what.replaceAll(/[^a-z]+/gi, "-").toLowerCase();
      const { url, tree } = await world.repository(name);
      await tree.commit(files, "wrong");
      await world.environment(name, spec(url));
      const status = await world.condition(name, "Ready", { status: "False", reason });
      for (const part of says) expect(await messageOf(world, name)).toContain(part);
      expect(status.inventory).toBeUndefined();
      expect(await world.get("ConfigMap", "wrong", "a")).toBeUndefined();
      await tree.commit(mend, "mended");
      await world.condition(name, "Ready", { status: "True" });
      await tree.commit(
        { "app/a.yaml": undefined, "app/b.yaml": undefined, "app/keep.yaml": configMap(`keep-${name}`) },
        "tidy",
      );
      await world.condition(name, "Ready", { status: "True" });
      await world.admin.delete(
        { apiVersion: "v1", kind: "ConfigMap", namespace: "wrong", name: "a" },
        { propagation: "Background" },
        AbortSignal.timeout(5000),
      );
      await world.admin.delete(
        { apiVersion: "mooring.dev/v1alpha1", kind: "Environment", namespace: "mooring-system", name },
        { propagation: "Background" },
        AbortSignal.timeout(5000),
      );
    },
  );

  it("a value sealed for another key is named, and never shown", async () => {
    const { url, tree } = await world.repository("sealed");
    await tree.commit({ "app/db.yaml": await foreignSecret() }, "foreign");
    await world.environment("sealed", spec(url));
    await world.condition("sealed", "Ready", { status: "False", reason: "UnsealFailed" });
    expect(await messageOf(world, "sealed")).toContain("app/db.yaml");
    expect(await messageOf(world, "sealed")).toContain("wrong/db");
    expect(await world.get("Secret", "wrong", "db")).toBeUndefined();
  });

  it("an unreachable repository is named", async () => {
    await world.environment("unreachable", spec("http://127.0.0.1:9/nowhere.git"));
    await world.condition("unreachable", "Ready", { status: "False", reason: "SourceFailed" });
    expect(await messageOf(world, "unreachable")).toContain("http://127.0.0.1:9/nowhere.git");
  });

  it("a missing branch is named with those that exist, and is over when it is pushed", async () => {
    const { url, tree } = await world.repository("branch");
    await tree.commit({ "app/a.yaml": configMap("branch") }, "first");
    await world.environment("branch", spec(url, { source: { url, ref: { branch: "mane" } } }));
    await world.condition("branch", "Ready", { status: "False", reason: "SourceFailed" });
    expect(await messageOf(world, "branch")).toContain("mane");
    expect(await messageOf(world, "branch")).toContain("main");
    await tree.git("push", "-q", "origin", "HEAD:mane");
    await world.condition("branch", "Ready", { status: "True" });
  });

  it("a wrong password is named without being shown, and is over when the Secret is mended", async () => {
    await locked.createRepo("app");
    const tree = await createWorkTree(locked.pushUrl("app"));
    await tree.commit({ "app/a.yaml": configMap("locked") }, "first");
    await applyAsTest(world, secret("git-auth", { username: "agent", password: "not-this-one" }));
    await world.environment(
      "locked",
      spec(locked.repoUrl("app"), {
        source: { url: locked.repoUrl("app"), ref: { branch: "main" }, secretRef: { name: "git-auth" } },
      }),
    );
    await world.condition("locked", "Ready", { status: "False", reason: "SourceFailed" });
    expect(await messageOf(world, "locked")).toContain(locked.url);
    expect(await messageOf(world, "locked")).not.toContain("not-this-one");
    await applyAsTest(world, secret("git-auth", { username: "agent", password: "right" }));
    await world.condition("locked", "Ready", { status: "True" });
    await tree.remove();
  });

  it("an unsigned commit is named, and nothing of it applied, where signatures are demanded", async () => {
    const { url, tree } = await world.repository("unsigned");
    await tree.commit({ "app/a.yaml": configMap("unsigned") }, "first");
    await applyAsTest(world, secret("signers", { "alice.pub": sshPublicKey() }));
    const source = { url, ref: { branch: "main" }, verify: { mode: "head", secretRef: { name: "signers" } } };
    await world.environment("unsigned", spec(url, { source }));
    await world.condition("unsigned", "Ready", { status: "False", reason: "SourceFailed" });
    expect(await messageOf(world, "unsigned")).toContain("not signed");
    expect(await world.get("ConfigMap", "wrong", "unsigned")).toBeUndefined();
  });

  it("an RBAC denial names the service account, and is over when it is granted", async () => {
    const { url, tree } = await world.repository("denied");
    await tree.commit({ "app/a.yaml": configMap("denied") }, "first");
    await applyAsTest(world, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "deployer", namespace: "mooring-system" },
    });
    await world.environment("denied", spec(url, { serviceAccountName: "deployer" }));
    await world.condition("denied", "Ready", { status: "False", reason: "AccessDenied" });
    expect(await messageOf(world, "denied")).toContain("system:serviceaccount:mooring-system:deployer");
    const rule = {
      apiGroups: [""],
      resources: ["configmaps"],
      verbs: ["get", "list", "watch", "create", "patch", "delete"],
    };
    await applyAsTest(world, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "deployer", namespace: "wrong" },
      rules: [rule],
    });
    await applyAsTest(world, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "deployer", namespace: "wrong" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "deployer" },
      subjects: [{ kind: "ServiceAccount", name: "deployer", namespace: "mooring-system" }],
    });
    await world.condition("denied", "Ready", { status: "True" });
  });
});
