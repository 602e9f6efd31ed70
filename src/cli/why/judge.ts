import type { Environment } from "../../api/environment/environment.ts";
import { ownerLabels } from "../../api/names.ts";
import type { Cluster } from "../../cluster/index.ts";
import { assess, compileHealthExprs, describeCause, type HealthRules, needsWatch } from "../../health/index.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure } from "../../model/failure.ts";
import { inventoryIds } from "../../model/inventory.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatId, groupOf, type ObjectId } from "../../model/object-id.ts";
import type { Verdict } from "../../model/verdict.ts";
import { servedKind } from "../../rollout/index.ts";

/** Tells the health of objects as they are now, by the rules of the agent. */
export interface Judge {
  /** Reads what it takes: the pods, ReplicaSets and events of the namespace, once. What may not be read is done without. */
  verdict(object: KubeObject): Promise<Verdict>;
}

const inFlight = 8;

/** A judge by the rules that an Environment adds, where there is one. */
export function createJudge(cluster: Cluster, rules: HealthRules | undefined, signal: AbortSignal): Judge {
  const namespaces = new Map<string, ReturnType<typeof evidenceIn>>();
  return {
    async verdict(object) {
      const alone = assess({ object, pods: [], events: [] }, new Date(), rules);
      const { namespace = "" } = object.metadata;
      if (alone.state === "current" || namespace === "") return alone;
      const evidence = namespaces.get(namespace) ?? evidenceIn(cluster, namespace, signal);
      namespaces.set(namespace, evidence);
      return assess({ object, ...(await evidence) }, new Date(), rules);
    },
  };
}

/** The rules that an Environment adds; none where its expressions do not compile, which its status says. */
export function rulesOf({ spec }: Environment): HealthRules | undefined {
  try {
    return spec.healthCheckExprs === undefined ? undefined : compileHealthExprs(spec.healthCheckExprs);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === "SpecInvalid") return undefined;
    throw thrown;
  }
}

/** An object of an environment that is not healthy. */
export interface Ill {
  readonly id: ObjectId;
  readonly verdict: Verdict;
}

/** How the objects of an environment are. */
export interface Examined {
  readonly count: number;
  readonly ill: readonly Ill[];
}

/**
 * Examines what an Environment owns and what it waits for besides, by one list a kind. Throws `Failure`, Forbidden for
 * whoever may not read it.
 */
export async function examine(cluster: Cluster, environment: Environment, signal: AbortSignal): Promise<Examined> {
  const rules = rulesOf(environment);
  const judge = createJudge(cluster, rules, signal);
  const { inventory = { entries: [] } } = environment.status;
  const ids = inventoryIds(inventory).filter(({ group, kind }) => needsWatch(group, kind, rules));
  const versions = new Map(inventory.entries.map(({ id, v }) => [id, v]));
  const kinds = [...Map.groupBy(ids, (id) => `${id.group}/${id.kind}`).values()];
  const found = await inParallel(kinds, inFlight, async ([first]): Promise<readonly Living[]> => {
    const version = first === undefined ? undefined : versions.get(formatId(first));
    if (first === undefined || version === undefined) return [];
    return owned(cluster, environment, { ...first, version }, signal);
  });
  const live = new Map(found.flat().map(({ id, object }) => [formatId(id), object]));
  const own = await inParallel(ids, inFlight, async (id) => {
    return { id, verdict: await verdictOf(judge, live.get(formatId(id))) };
  });
  const others = await inParallel(environment.spec.healthChecks ?? [], inFlight, async (check) => {
    const { apiVersion, kind, name, namespace = environment.metadata.namespace } = check;
    const object = await cluster.get({ apiVersion, kind, name, namespace }, signal);
    return { id: { group: groupOf(apiVersion), kind, name, namespace }, verdict: await verdictOf(judge, object) };
  });
  const ill = [...own, ...others].filter(({ verdict }) => verdict.state !== "current");
  return { count: inventory.entries.length, ill };
}

async function owned(
  cluster: Cluster,
  { metadata }: Environment,
  { group, kind, version }: ObjectId & { readonly version: string },
  signal: AbortSignal,
): Promise<readonly Living[]> {
  const type = await servedKind(cluster, { group, kind }, version, signal);
  if (type === undefined) return [];
  const labelSelector = `${ownerLabels.name}=${metadata.name},${ownerLabels.namespace}=${metadata.namespace}`;
  const { items } = await cluster.list(type, { labelSelector }, signal);
  return items.map((object) => {
    const { namespace = "", name } = object.metadata;
    return { id: { group, kind, namespace, name }, object };
  });
}

interface Living {
  readonly id: ObjectId;
  readonly object: KubeObject;
}

async function verdictOf(judge: Judge, object: KubeObject | undefined): Promise<Verdict> {
  return object === undefined ? { state: "notFound", message: "does not exist" } : judge.verdict(object);
}

const kindsOfEvidence = [
  ["v1", "Pod"],
  ["apps/v1", "ReplicaSet"],
  ["v1", "Event"],
] as const;

async function evidenceIn(cluster: Cluster, namespace: string, signal: AbortSignal) {
  const read = kindsOfEvidence.map(async ([apiVersion, kind]): Promise<readonly KubeObject[]> => {
    try {
      const type = await cluster.resource(apiVersion, kind, signal);
      return type === undefined ? [] : (await cluster.list(type, { namespace }, signal)).items;
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.code === "Forbidden") return [];
      throw thrown;
    }
  });
  const [pods = [], related = [], events = []] = await Promise.all(read);
  return { pods, related, events };
}

/** What a verdict says: the cause where it is known. */
export function wordsOf(verdict: Verdict): string {
  return "cause" in verdict && verdict.cause !== undefined ? describeCause(verdict.cause) : verdict.message;
}
