import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseArgs } from "node:util";
import { decideOutcome } from "../../src/agent/environment/decisions/outcome.ts";
import { toStatusProblems } from "../../src/agent/environment/status/problems.ts";
import { createStatusWriter } from "../../src/agent/kernel/status-writer.ts";
import { readEnvironment } from "../../src/api/environment/environment.ts";
import { ownerLabels } from "../../src/api/names.ts";
import type { Cluster } from "../../src/cluster/index.ts";
import { Failure } from "../../src/model/failure.ts";
import type { KubeObject, Manifest } from "../../src/model/manifest.ts";
import {
  contentDigest,
  type Journal,
  maintain,
  type Outcome,
  prepare,
  readSnapshot,
  rollOut,
  snapshotSecrets,
} from "../../src/rollout/index.ts";
import type { DesiredStage } from "../../src/sandbox/index.ts";
import { FakeCluster, manifestOf } from "../rollout/fake-cluster.ts";
import { type Hold, longestHold } from "./longest-hold.ts";

/**
 * `npm run bench -- holds [--objects 5000] [--json]`: for how long the main process holds its event loop at once, in CPU
 * time, in each thing that it does with an Environment of so many objects: half of them Deployments, a quarter Secrets, a
 * quarter ConfigMaps. Over a cluster in memory, whose answers come one turn of the event loop later. Rendering and
 * opening are in other processes.
 */
export async function benchHolds(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { objects: { type: "string", default: "5000" }, json: { type: "boolean", default: false } },
  });
  const holds: Hold[] = [];
  for await (const hold of measure(Number(values.objects))) {
    holds.push(hold);
    if (!values.json)
      console.log(`${hold.longestMs.toFixed(1).padStart(8)} ms of ${hold.allMs.toFixed(0)}: ${hold.what}`);
  }
  if (values.json) console.log(JSON.stringify(holds));
}

const never = new AbortController().signal;
const labels = { [ownerLabels.name]: "own", [ownerLabels.namespace]: "mooring-system" };
const policy = { prune: true, force: false, guard: undefined, approved: undefined };
const unseal = async (manifests: readonly Manifest[]) => manifests;
const revision = `main@sha1:${"0".repeat(40)}`;
const environment = readEnvironment({
  metadata: { name: "own", namespace: "mooring-system", uid: "u", generation: 1 },
  spec: { source: { url: "https://git.example.com/acme/environment.git" } },
});

async function* measure(count: number): AsyncGenerator<Hold> {
  const world = new World(count);
  const one = world.stages("one");
  const two = world.stages("two");
  const take = async function* <T>(what: string, work: () => T | Promise<T>): AsyncGenerator<Hold, T> {
    const [hold, result] = await longestHold(what, work);
    yield hold;
    return result;
  };
  yield* take("digest of the content", () => contentDigest(one));
  const parts = yield* take("write a snapshot", () => snapshotSecrets({ revision, stages: one }, world.owner));
  yield* take("read a snapshot", () => readSnapshot(parts));
  const made = yield* take("roll out all as new", () => world.rollOut(one));
  yield* take("write the status of that", () => world.write(made));
  const kept = yield* take("keep what is as desired", () => world.keep(one));
  yield* take("write the status of that", () => world.write(kept));
  const reported = yield* take("report that all has drifted", () => world.keep(two, "report"));
  yield* take("write the status of that", () => world.write(reported));
  const corrected = yield* take("correct all", () => world.keep(two));
  yield* take("write the status of that", () => world.write(corrected));
  world.cluster.refuse = refusing("apply");
  const refused = yield* take("roll out what is all refused", () => world.rollOut(one));
  yield* take("write the status of that", () => world.write(refused));
  world.cluster.refuse = refusing("delete");
  const undeleted = yield* take("prune what all may not be deleted", () => world.rollOut(world.stages("one", 1)));
  yield* take("write the status of that", () => world.write(undeleted));
  world.cluster.refuse = () => undefined;
  yield* take("delete all but one", () => world.rollOut(world.stages("one", 1)));
  world.isHealthy = false;
  const ill = yield* take("wait for what all fails", () => world.rollOut(two));
  yield* take("write the status of that", () => world.write(ill));
}

const refusing =
  (refused: "apply" | "delete") =>
  ({ verb, dryRun }: { readonly verb: string; readonly dryRun: boolean }) =>
    verb === refused && !dryRun ? new Failure("AdmissionDenied", { message: "nothing on a Friday" }) : undefined;

/** An Environment over a cluster in memory. */
class World {
  readonly cluster = new FakeCluster();
  readonly owner = { name: "own", namespace: "mooring-system", uid: "u" };
  isHealthy = true;
  readonly #count: number;
  readonly #target = this.cluster.target();
  readonly #status = createStatusWriter(statuses, "Environment", environment, () => 1);

  constructor(count: number) {
    this.#count = count;
    const fake = this.cluster.cluster;
    const late = async <T>(answer: () => Promise<T>): Promise<T> => {
      await nextTurn();
      return answer();
    };
    const cluster: Partial<Cluster> = {
      ...fake,
      get: (ref, signal) => late(() => fake.get(ref, signal)),
      delete: (ref, options, signal) => late(() => fake.delete(ref, options, signal)),
      apply: async (object, options, signal) => {
        const applied = await late(() => fake.apply(object, options, signal));
        if (!options.dryRun && object.kind === "Deployment")
          this.cluster.put({ ...applied.object, status: this.#statusNow() });
        return applied;
      },
    };
    this.#target = this.cluster.target({ cluster: cluster as Cluster });
  }

  #statusNow() {
    const counts = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
    const deadline = { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "too slow" };
    return this.isHealthy
      ? { ...counts, conditions: [{ type: "Available", status: "True" }] }
      : { observedGeneration: 1, replicas: 1, unavailableReplicas: 1, conditions: [deadline] };
  }

  stages(value: string, count = this.#count): readonly DesiredStage[] {
    const manifests = Array.from({ length: count }, (_, index) => {
      const manifest = manifestOf(objectAt(index, value));
      return { ...manifest, digest: createHash("sha256").update(manifest.digest).digest("hex") };
    });
    return [{ name: "", timeoutMs: 600_000, manifests }];
  }

  #inventory() {
    return { entries: [...(this.#status.current.inventory?.entries ?? [])] };
  }

  rollOut(stages: readonly DesiredStage[]): Promise<Outcome> {
    const journal = this.#journal();
    const attempt = { revision, stages, inventory: this.#inventory(), policy, since: new Date(), unseal, journal };
    return rollOut(this.#target, { ...attempt, lastHealthy: undefined }, never);
  }

  #journal(): Journal {
    return {
      begin: async (_revision, inventory) => {
        await this.#status.write({ fields: { inventory: { entries: [...inventory.entries] } } }, never);
      },
      found: async () => undefined,
      beginRollback: async () => undefined,
      failed: async (_revision, cause) => {
        await this.#status.write({ fields: { failedProblems: toStatusProblems(cause.problems) } }, never);
      },
      made: () => ({ found: [], created: [] }),
      healthy: async () => undefined,
    };
  }

  async keep(stages: readonly DesiredStage[], drift: "correct" | "report" = "correct"): Promise<Outcome> {
    const inventory = this.#inventory();
    const prepared = await prepare(this.#target, { stages, inventory, policy, unseal }, never);
    return maintain(this.#target, prepared, { revision, behind: false, inventory, drift }, never);
  }

  async write(outcome: Outcome): Promise<void> {
    const { spec } = environment;
    const before = this.#status.current;
    const at = { spec, before, started: new Date(), now: new Date(), pinned: false, attempted: revision, tries: 1 };
    await this.#status.write(decideOutcome(outcome, at).status, never);
  }
}

/** Takes what is written of a status, as text. */
const statuses: Pick<Cluster, "patch"> = {
  patch: async (_ref, { body }) => ({ ...objectAt(0, ""), written: JSON.stringify(body) }),
};

function objectAt(index: number, value: string): KubeObject {
  const metadata = { name: `object-${index}`, namespace: "shop", labels: { ...labels, app: `app-${index}` } };
  const texts = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`key-${n}`, `${value} ${index} ${n} of many`]));
  if (index % 4 === 1) return { apiVersion: "v1", kind: "ConfigMap", metadata, data: texts };
  if (index % 4 === 3) {
    const data = Object.entries(texts).map(([name, text]) => [name, Buffer.from(text).toString("base64")]);
    return { apiVersion: "v1", kind: "Secret", metadata, data: Object.fromEntries(data) };
  }
  const env = Object.entries(texts).map(([name, text]) => ({ name, value: text }));
  const container = { name: "web", image: "registry.example.com/web:1.2.3", env, ports: [{ containerPort: 8080 }] };
  const template = { metadata: { labels: { app: `app-${index}` } }, spec: { containers: [container] } };
  const spec = { replicas: 1, selector: { matchLabels: { app: `app-${index}` } }, template };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { ...metadata, generation: 1 }, spec };
}
