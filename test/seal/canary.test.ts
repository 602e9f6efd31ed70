import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { stringAt } from "../../src/model/json/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { readCertificate, type SealingCertificate, sealSecret } from "../../src/seal/index.ts";
import { deployment, namespace } from "../e2e/shop.ts";
import type { AgentProcess } from "../support/agent/agent-process.ts";
import type { WorkTree } from "../support/git/work-tree.ts";
import { eventually } from "../support/wait.ts";
import { startWorld, type World } from "../support/world.ts";
import { goMissing } from "../toolchain/tools.ts";
import { kubeseal } from "./kubeseal.ts";
import { runInProcess } from "./run-in-process.ts";

/** Values that must never be seen but in the Secret itself: sealed, sealed anew, set by a tamperer, in plain YAML, and by kubeseal. */
const canaries = [
  "canary-sealed-5e1f",
  "canary-renewed-77aa",
  "canary-tampered-c03d",
  "canary-plain-91b2",
  "canary-kubeseal-40c8",
] as const;
const [sealedCanary, renewedCanary, tamperedCanary, plainCanary, kubesealCanary] = canaries;

const signal = new AbortController().signal;

describe.skipIf(goMissing() !== undefined)("an agent that handles known plain values (skipped without Go)", () => {
  let world: World;
  let agent: AgentProcess;
  let tree: WorkTree;
  let certificate: SealingCertificate;
  let temporary: string;
  let http: string;
  const plans: string[] = [];

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), "mooring-canary-"));
    world = await startWorld();
    agent = withTemporary(temporary, () => world.startAgent("--log-level", "debug"));
    const address = /"address":"([\d.:]+)"/;
    http = await eventually(async () => address.exec(agent.log())?.[1], { what: "the agent to listen" });
    const pem = await eventually(async () => fetched(`http://${http}/v1/cert.pem`), { what: "a certificate" });
    certificate = readCertificate(pem);
    const repository = await world.repository("environment");
    tree = repository.tree;
    await commit("first", { "db.yaml": await sealed(sealedCanary), "web.yaml": deployment("web", "web:1") });
    await world.environment("prod", {
      source: { url: repository.url, ref: { branch: "main" } },
      path: "./prod",
      interval: "500ms",
      retryInterval: "500ms",
      timeout: "20s",
    });
    await world.condition("prod", "Ready", { status: "True" });
  }, 600_000);

  afterAll(async () => {
    await world?.stop();
    await rm(temporary, { recursive: true, force: true });
  });

  function commit(message: string, files: Readonly<Record<string, string>>): Promise<string> {
    const all = { "namespace.yaml": namespace("shop"), ...files };
    return tree.commit(Object.fromEntries(Object.entries(all).map(([name, text]) => [`prod/${name}`, text])), message);
  }

  async function sealed(password: string, type = "Opaque"): Promise<string> {
    const metadata = { name: "db", namespace: "shop" };
    const secret = { apiVersion: "v1", kind: "Secret", metadata, type, stringData: { password } };
    return stringify(await sealSecret(secret, certificate), { lineWidth: 0 });
  }

  const livePassword = async () => {
    const data = stringAt(await world.get("Secret", "shop", "db"), "data", "password");
    return data === undefined ? undefined : atob(data);
  };

  async function plan(): Promise<void> {
    const place = { cwd: tree.dir, kubeconfig: world.controlPlane.kubeconfig };
    const run = await runInProcess("plan ./prod --environment prod", place);
    plans.push(run.stdout + run.stderr);
  }

  test("applies it, and corrects a tampered value", async () => {
    expect(await livePassword()).toBe(sealedCanary);
    const body = { stringData: { password: tamperedCanary } };
    const ref = { apiVersion: "v1", kind: "Secret", namespace: "shop", name: "db" };
    await world.admin.patch(ref, { type: "merge", body }, { fieldManager: "tamperer" }, signal);
    await eventually(async () => (await livePassword()) === sealedCanary || undefined, {
      what: "the value to be put right",
    });
  });

  test("returns to it from a revision that is not healthy", async () => {
    await commit("bad", { "db.yaml": await sealed(renewedCanary), "web.yaml": deployment("web", "web:missing") });
    await plan();
    await world.condition("prod", "Ready", { status: "False" });
    await eventually(async () => (await livePassword()) === sealedCanary || undefined, {
      what: "the old value to come back",
      timeout: 60_000,
    });
  });

  test("says what the API server refuses", async () => {
    await commit("refused", {
      "db.yaml": await sealed(renewedCanary, "kubernetes.io/tls"),
      "plain.yaml": `apiVersion: v1\nkind: Secret\nmetadata: {name: plain, namespace: shop}\ndata: {password: ${plainCanary}}\n`,
      "web.yaml": deployment("web", "web:1"),
    });
    await plan();
    await world.condition("prod", "Ready", { status: "False" });
  });

  test("rolls a new value out", async () => {
    const plain = `apiVersion: v1\nkind: Secret\nmetadata: {name: plain, namespace: shop}\nstringData: {password: ${plainCanary}}\n`;
    await commit("good", {
      "db.yaml": await sealed(renewedCanary),
      "plain.yaml": plain,
      "web.yaml": deployment("web", "web:2"),
    });
    await plan();
    await eventually(async () => (await livePassword()) === renewedCanary || undefined, {
      what: "the new value",
      timeout: 60_000,
    });
    await world.condition("prod", "Ready", { status: "True" });
  });

  test("serves its certificate to kubeseal, and opens what that sealed", async () => {
    const tool = await kubeseal();
    const theirs = `apiVersion: v1\nkind: Secret\nmetadata: {name: theirs, namespace: shop}\nstringData: {a: ${kubesealCanary}}\n`;
    const text = await tool.run(["--cert", `http://${http}/v1/cert.pem`, "-o", "yaml"], theirs);
    await tool.remove();
    await commit("theirs", {
      "db.yaml": await sealed(renewedCanary),
      "theirs.yaml": text,
      "web.yaml": deployment("web", "web:2"),
    });
    const value = await eventually(async () => stringAt(await world.get("Secret", "shop", "theirs"), "data", "a"), {
      what: "kubeseal's Secret",
      timeout: 60_000,
    });
    expect(atob(value)).toBe(kubesealCanary);
  });

  test("shows it nowhere", async () => {
    const metrics = await fetched(`http://${http}/metrics`);
    const places: Readonly<Record<string, string>> = {
      log: agent.log(),
      events: JSON.stringify(await all("v1", "Event")),
      status: JSON.stringify(await all("mooring.dev/v1alpha1", "Environment")),
      snapshots: (await all("v1", "Secret", "mooring-system")).map(readable).join("\n"),
      configMaps: JSON.stringify(await all("v1", "ConfigMap")),
      plans: plans.join("\n"),
      metrics: metrics ?? "",
      files: (await contents(temporary)).join("\n"),
    };
    expect(places.metrics).toContain("mooring");
    expect(places.log?.length).toBeGreaterThan(500);
    const shown = Object.entries(places).flatMap(([place, text]) =>
      canaries
        .filter((canary) => text.includes(canary) || text.includes(btoa(canary)))
        .map((canary) => `${canary} in ${place}`),
    );
    // The plain Secret stands in the repository in plain, and so does it in the snapshot, which is a Secret itself.
    expect(shown.filter((found) => found !== `${plainCanary} in snapshots`)).toEqual([]);
  });

  async function all(version: string, kind: string, namespaceName?: string): Promise<readonly KubeObject[]> {
    const type = await world.admin.resource(version, kind, signal);
    if (type === undefined) return [];
    return (await world.admin.list(type, namespaceName === undefined ? {} : { namespace: namespaceName }, signal))
      .items;
  }
});

/** Starts something that keeps its temporary files in a folder of its own. */
function withTemporary<T>(folder: string, start: () => T): T {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    return start();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

async function fetched(url: string): Promise<string | undefined> {
  const response = await fetch(url).catch(() => undefined);
  return response?.ok === true ? response.text() : undefined;
}

/** A Secret's values, decompressed where they are. */
function readable(secret: KubeObject): string {
  return Object.values(secret.data ?? {})
    .map((value) => {
      const bytes = Buffer.from(String(value), "base64");
      try {
        return brotliDecompressSync(bytes).toString("latin1");
      } catch {
        return bytes.toString("latin1");
      }
    })
    .join("\n");
}

async function contents(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), "latin1")),
  );
}
