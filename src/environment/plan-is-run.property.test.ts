import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryCluster } from "../../test/support/memory-cluster/memory-cluster.ts";
import { propertyRuns } from "../../test/support/properties/property-runs.ts";
import { createBindings, type Shared } from "../agent/environment/bindings/bindings.ts";
import type { HeldConnection } from "../agent/environment/bindings/connections.ts";
import type { Subscription } from "../agent/environment/bindings/sources.ts";
import { createPassTools } from "../agent/environment/pass-tools.ts";
import { runPass } from "../agent/environment/passes/pass.ts";
import { type PassContext, rollouts } from "../agent/environment/passes/pass-context.ts";
import type { RunnerContext } from "../agent/environment/runner-context.ts";
import { createSlots } from "../agent/kernel/slots.ts";
import { createStatusWriter } from "../agent/kernel/status-writer.ts";
import { type Environment, readEnvironment, stagesOf } from "../api/environment/environment.ts";
import { EnvironmentSpec } from "../api/environment/environment-spec.ts";
import { apiVersion, environmentAnnotations } from "../api/names.ts";
import { previewFolder } from "../cli/environment/preview.ts";
import { createWatchHub } from "../cluster/index.ts";
import { Failure, toFailure } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import { plainPath } from "../model/path.ts";
import { memoryTree } from "../render/index.ts";
import { createEvidenceView, noOwnershipPeers, type Unseal } from "../rollout/index.ts";
import type { Sandbox } from "../sandbox/index.ts";
import { doTask } from "../sandbox/worker/tasks.ts";
import { ignoredTree, ownMachine } from "../source/index.ts";
import { createSnapshotStore } from "./index.ts";

const { signal } = new AbortController();
const [name, namespace, commit] = ["production", "mooring-system", "a".repeat(40)];
const url = "https://git.example.com/acme/environment.git";
const sops = resolve(import.meta.dirname, "../../test/support/sops");
const encrypted = (file: string) => readFileSync(join(sops, file), "utf8");

const map = (metadata: string, data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: ${metadata}\ndata:\n  a: ${data}\n`;
const deployment = (image: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {spec: {containers: [{name: main, image: "${image}"}]}}}
`;

/** A repository with a folder of each sort. */
const tree = memoryTree({
  "app/kustomization.yaml": "namespace: shop\nresources: [map.yaml, web.yaml]\n",
  "app/map.yaml": map("{name: settings}", "$".concat("{WHO:=you} $").concat("{TOKEN:=none}")),
  "app/web.yaml": deployment("nginx:1"),
  "sops/kustomization.yaml":
    "namespace: shop\nresources: [db.yaml]\nsecretGenerator:\n  - {name: app, envs: [app.env]}\n",
  "sops/db.yaml": encrypted("db.yaml"),
  "sops/app.env": encrypted("app.env"),
  "plain/one.yaml": map("{name: one, namespace: shop}", "one"),
  "plain/two.yaml": deployment("redis:7"),
  "broken/kustomization.yaml": "resources: [missing.yaml]\n",
  "component/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnameSuffix: -c\n",
});

const encode = (text: string) => Buffer.from(text).toString("base64");
const object = (kind: string, named: string, data: Readonly<Record<string, string>>): KubeObject => {
  return { apiVersion: "v1", kind, metadata: { name: named, namespace }, data };
};
/** What the Environment may refer to. */
const referred = [
  object("ConfigMap", "names", { WHO: "everybody", REPLICAS: "3" }),
  object("Secret", "passwords", { TOKEN: encode("s3cret"), WHO: encode("nobody") }),
  object("Secret", "keys", { "test.agekey": encode(encrypted("test-only.agekey")) }),
  object("Secret", "other-keys", { "test.agekey": encode("AGE-SECRET-KEY-1") }),
  object("Secret", "git", { username: encode("me"), password: encode("pw") }),
];

const word = fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/);
const duration = fc.integer({ min: 1, max: 90 }).map((minutes) => `${minutes}m`);
const path = fc.constantFrom("app", "./app", "plain//", "sops", "./sops/.", "x/../plain", "../app", "broken", "absent");
/** Lists that more often have few items. */
const few = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 3 });
const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 1 });
const secretRef = (...names: readonly string[]) => fc.record({ secretRef: fc.record({ name: oneOf(...names) }) });
const windows = few(fc.constant({ allow: "* * * * *", duration: "24h" }));

/** Values for every field of the spec: some that change the objects, some that break them, and some that do neither. */
const fields: { readonly [K in keyof Required<EnvironmentSpec>]: fc.Arbitrary<unknown> } = {
  source: fc.record({
    url: fc.constant(url),
    ref: optional(fc.record({ branch: word })),
    ignore: optional(oneOf("plain/two.yaml", "*.env", "!app/", "component")),
    secretRef: optional(fc.record({ name: fc.constant("git") })),
    recurseSubmodules: optional(fc.boolean()),
  }),
  path,
  stages: fc.uniqueArray(fc.record({ name: word, path, timeout: optional(duration) }), {
    ...{ minLength: 1, maxLength: 3, selector: ({ name: stage }) => stage },
  }),
  interval: duration,
  retryInterval: duration,
  timeout: duration,
  suspend: fc.boolean(),
  prune: fc.boolean(),
  deletionGuard: fc.record({
    maxObjects: fc.nat(20),
    maxPercent: fc.nat(100),
    kinds: few(oneOf("ConfigMap", "Secret")),
  }),
  deletionPolicy: oneOf("MirrorPrune", "Delete", "WaitForTermination", "Orphan"),
  drift: oneOf("correct", "report"),
  rollback: oneOf("auto", "off"),
  dependsOn: few(fc.record({ name: fc.constant("base") })),
  forge: fc.constant({ type: "gitea", url: "https://git.example.com", repository: "a/b", secretRef: { name: "t" } }),
  serviceAccountName: word,
  kubeConfig: secretRef("other", "absent"),
  decryption: secretRef("keys", "keys", "keys", "other-keys", "absent"),
  targetNamespace: oneOf("shop", "mooring-system", "absent"),
  namePrefix: word.map((text) => `${text}-`),
  nameSuffix: word.map((text) => `-${text}`),
  commonMetadata: fc.record({
    labels: optional(fc.dictionary(word, word, { maxKeys: 2 })),
    annotations: optional(fc.dictionary(word, fc.string({ maxLength: 20 }), { maxKeys: 2 })),
  }),
  patches: few(
    fc.record({
      patch: fc
        .string({ maxLength: 10 })
        .map((value) => JSON.stringify([{ op: "add", path: "/metadata/labels", value: { v: value } }])),
      target: oneOf({ kind: "ConfigMap" }, { kind: "Deployment" }, { kind: "Secret", name: "db" }, { kind: "Absent" }),
    }),
  ),
  images: few(fc.record({ name: oneOf("nginx", "redis", "absent"), newTag: optional(word), newName: optional(word) })),
  components: oneOf(["../component"], ["../absent"]),
  postBuild: fc.record({
    substitute: optional(fc.dictionary(oneOf("WHO", "TOKEN", "OTHER"), fc.string({ maxLength: 10 }), { maxKeys: 2 })),
    substituteFrom: optional(
      few(
        fc.record({
          kind: oneOf("ConfigMap", "Secret"),
          name: oneOf("names", "passwords", "absent"),
          optional: optional(fc.constant(true)),
        }),
      ),
    ),
    strict: optional(fc.boolean()),
  }),
  ignore: few(fc.record({ target: fc.constant({ kind: "Deployment" }), paths: fc.constant(["/spec/replicas"]) })),
  force: fc.boolean(),
  healthChecks: few(fc.record({ apiVersion: fc.constant("v1"), kind: fc.constant("Service"), name: word })),
  healthCheckExprs: few(
    fc.record({
      apiVersion: oneOf("v1", "apps/v1"),
      kind: oneOf("ConfigMap", "Deployment"),
      current: oneOf("true", "status.ready == true", "status.("),
    }),
  ),
  schedule: windows,
};

/** Of these, more often than of the others, come the objects. */
const often = ["path", "decryption", "postBuild"];

/** Some of the fields; an Environment has either a path or stages. */
const spec = fc
  .tuple(fc.record(fields), fc.subarray(Object.keys(fields), { maxLength: 5 }), fc.subarray(often))
  .map(([all, some, more]) => {
    const chosen = [...some, ...more];
    const {
      stages,
      path: folder = "app",
      ...rest
    } = Object.fromEntries(Object.entries(all).filter(([field]) => field === "source" || chosen.includes(field)));
    return { ...rest, ...(stages === undefined ? { path: folder } : { stages }) };
  });

/** Where a plan came to: its digest, or what it failed with. */
async function endOf(work: Promise<string | undefined>): Promise<string | undefined> {
  return work.catch((thrown: unknown) => {
    const { code, message } = toFailure(thrown);
    return `${code}: ${message}`;
  });
}

async function world(environment: Environment): Promise<MemoryCluster> {
  const cluster = new MemoryCluster(undefined, ["shop", namespace]);
  const stored = { apiVersion, kind: "Environment", metadata: environment.metadata, spec: environment.spec };
  for (const each of [...referred, stored as unknown as KubeObject]) await cluster.create(each, signal);
  return cluster;
}

/** What `mooring plan FOLDER --environment production` prints. */
async function planned(environment: Environment): Promise<string> {
  const cluster = await world(environment);
  const remotes = { allowed: false, network: ownMachine };
  const unseal: Unseal = async (manifests) => manifests;
  const [first] = stagesOf(environment.spec);
  const checkout = { root: "/", path: plainPath(first?.path ?? ""), tree };
  const { plan } = await previewFolder({ cluster, namespace, unseal, remotes, signal }, checkout, name);
  return plan.digest;
}

/** Tasks as a worker does them, in this process. */
const sandbox: Sandbox = {
  async run(_, task, files) {
    const parts: unknown[] = [];
    await doTask(task, files, (part) => parts.push(structuredClone(part)));
    return parts;
  },
  close: () => undefined,
};

/** What a pass of the agent begins to roll out. */
async function ran(environment: Environment): Promise<string | undefined> {
  const cluster = await world(environment);
  const watches = createWatchHub(cluster);
  const rights = { who: "deployer", allow: async () => true };
  const connection: HeldConnection = {
    ...{ cluster, watches, evidence: createEvidenceView(watches), slots: createSlots(), rights },
    stand: { rights, leaves: false },
    release: () => undefined,
  };
  const { ignore } = environment.spec.source;
  const revision = { ref: "main", commit };
  const source = {
    latest: async () => ({ tree: await ignoredTree(tree, ignore ?? ""), revision }),
    gather: async ({ tree: files }: { readonly tree: typeof tree }) => ({ tree: files, remotes: new Map(), bases: [] }),
    close: () => undefined,
  } as unknown as Subscription;
  const shared = { cluster, connections: { hold: async () => connection }, sources: { subscribe: () => source } };
  const listeners = { onSource: () => undefined, onObject: () => undefined, onRewind: () => undefined };
  const bindings = createBindings(shared as unknown as Shared, listeners, noOwnershipPeers);
  const keys: Pick<RunnerContext["keys"], "unseal"> = { unseal: async (manifests) => manifests };
  const ready = readEnvironment({
    metadata: { name: "base", namespace, generation: 1 },
    spec: { source: { url } },
    status: { observedGeneration: 1, conditions: [condition("Ready")] },
  });
  const context = { ...shared, keys, sandbox, find: () => ready } as unknown as RunnerContext;
  const owner = { namespace, name };
  const snapshots = createSnapshotStore(cluster, { ...owner, uid: "1" });
  const tools = createPassTools(context, { owner, bindings, snapshots, record: () => undefined });
  const status = createStatusWriter(cluster, "Environment", environment, () => 1);
  const callbacks = { status, reading: () => undefined, attempting: () => undefined, logFailure: () => undefined };
  let digest: string | undefined;
  const stopping: PassContext["rollouts"] = {
    ...rollouts,
    rollOut(target, attempt, ends) {
      const begin: typeof attempt.journal.begin = async (_revision, _inventory, plan) => {
        digest = plan.digest;
        throw new Failure("Interrupted", { message: "the plan is known" });
      };
      return rollouts.rollOut(target, { ...attempt, journal: { ...attempt.journal, begin } }, ends);
    },
  };
  try {
    const pass = await tools.forPass(environment, callbacks, signal);
    const outcome = await runPass({ ...pass, rollouts: stopping }, signal).catch((thrown: unknown) => {
      if (digest === undefined) throw thrown;
    });
    return outcome?.type === "held" ? outcome.plan.digest : digest;
  } finally {
    bindings.close();
    await watches.close();
  }
}

const condition = (type: "Ready") => ({
  ...{ type, status: "True" as const, reason: "Succeeded" as const, message: "" },
  ...{ lastTransitionTime: "2026-11-27T00:00:00Z", observedGeneration: 1 },
});

describe("the plan that is printed is the plan that is run", () => {
  const environmentWith = (wanted: unknown, annotations: Readonly<Record<string, string>> = {}) =>
    readEnvironment({ metadata: { name, namespace, uid: "1", generation: 1, annotations }, spec: wanted });

  test("every field of the spec has its values", () => {
    expect(Object.keys(fields).toSorted()).toEqual(Object.keys(EnvironmentSpec.properties).toSorted());
  });

  test("whatever a spec says, its digest is the same, or it fails with the same words", async () => {
    const runs = propertyRuns(50);
    const ends = { digest: 0, failure: 0 };
    const prints = async (wanted: unknown) => {
      const environment = environmentWith(wanted);
      const printed = await endOf(planned(environment));
      expect(await endOf(ran(environment))).toBe(printed);
      ends[/^[0-9a-f]{64}$/.test(printed ?? "") ? "digest" : "failure"] += 1;
    };
    await fc.assert(fc.asyncProperty(spec, prints), { numRuns: runs });
    expect(ends.digest).toBeGreaterThan(runs / 5);
    expect(ends.failure).toBeGreaterThan(runs / 20);
  });

  test.each(Object.entries(fields))("with any %s alone", async (field, values) => {
    const alone = async (value: unknown) => {
      const folder = field === "stages" || field === "path" ? {} : { path: field === "decryption" ? "sops" : "app" };
      const environment = environmentWith({ source: { url }, ...folder, [field]: value });
      expect(await endOf(ran(environment))).toBe(await endOf(planned(environment)));
    };
    await fc.assert(fc.asyncProperty(values, alone), { numRuns: propertyRuns(5) });
  });

  test("a pin changes the revision alone", async () => {
    const pinned = environmentWith({ source: { url }, path: "app" }, { [environmentAnnotations.pin]: commit });
    const free = environmentWith({ source: { url }, path: "app" });
    expect(await endOf(ran(pinned))).toBe(await endOf(planned(free)));
  });

  test("values of Secrets and what SOPS encrypted are part of it", async () => {
    const decryption = { secretRef: { name: "keys" } };
    const substituteFrom = [{ kind: "Secret", name: "passwords" }];
    const specs = [
      { path: "sops", decryption },
      { path: "sops", decryption, postBuild: { substituteFrom } },
      { path: "app", postBuild: { substituteFrom } },
      { path: "app", postBuild: { substitute: { WHO: "nobody", TOKEN: "s3cret" } } },
      { path: "app" },
    ];
    const environments = specs.map((each) => environmentWith({ source: { url }, ...each }));
    const digests = await Promise.all(environments.map(ran));
    expect(await Promise.all(environments.map(planned))).toEqual(digests);
    for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{64}$/);
    // The same values, from wherever, give the same objects; others give others.
    expect(digests[2]).toBe(digests[3]);
    expect(new Set(digests).size).toBe(4);
  });
});
