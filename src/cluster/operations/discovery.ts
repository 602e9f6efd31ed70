import { createPace, pause } from "../../clock/index.ts";
import { whenOver } from "../../model/async/heard-elsewhere.ts";
import { Failure } from "../../model/failure.ts";
import { listAt, stringAt } from "../../model/json/json.ts";
import { groupOf } from "../../model/object-id.ts";
import type { ResourceType } from "../cluster.ts";
import { abortable } from "../failures/abortable.ts";
import { apiFailure } from "../failures/api-failure.ts";
import type { Connection } from "../http/connection.ts";

/** Which kinds a cluster serves. */
export interface Discovery {
  /**
   * The kind, from the cache once it is known. Undefined where it is not served; that answer is never older than the
   * request. Throws `ClusterUnreachable` where the aggregated server of its group does not answer.
   */
  find(apiVersion: string, kind: string, signal: AbortSignal): Promise<ResourceType | undefined>;
  /** The kind as it was found last, without a request. */
  cached(apiVersion: string, kind: string): ResourceType | undefined;
  /** Every kind that is served, in the server's order of preference. Throws `ClusterUnreachable`. */
  all(signal: AbortSignal): Promise<readonly ResourceType[]>;
  /** Has the next `find` in the group ask anew: its kinds have changed. */
  invalidate(group: string): void;
}

/** Two requests list all kinds of all groups (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery). */
const roots = ["/api", "/apis"] as const;
const accept = ["v2", "v2beta1"]
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(",");

/** Between two requests for a kind that is still missing. */
const refreshIntervalMs = 200;

interface Known {
  readonly types: ReadonlyMap<string, ResourceType>;
  /** The `apiVersion`s of aggregated API servers that do not answer. */
  readonly stale: ReadonlySet<string>;
}

interface Root {
  readonly etag?: string;
  readonly known: Known;
}

/**
 * A discovery with a cache. An unknown kind refreshes it, at most five times a second and once for all who wait; unchanged
 * answers cost the server next to nothing (ETag).
 */
export function createDiscovery(connection: Connection): Discovery {
  let held: readonly Root[] = [];
  const invalidated = new Set<string>();
  let last = Number.NEGATIVE_INFINITY;
  let current: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const refresh = async () => {
    await whenOver(current);
    const signal = AbortSignal.timeout(60_000);
    await abortable(pause(Math.max(0, last + refreshIntervalMs - performance.now()), signal), signal);
    // From here on the answer may be older than a request, so later callers wait for the next refresh.
    current = next ?? current;
    next = undefined;
    last = performance.now();
    const stale = [...invalidated];
    invalidated.clear();
    try {
      held = await Promise.all(roots.map((root, index) => readRoot(connection, root, held[index], signal)));
    } catch (thrown) {
      for (const group of stale) invalidated.add(group);
      throw thrown;
    }
  };

  const known = (apiVersion: string, kind: string): ResourceType | undefined =>
    held.map((root) => root.known.types.get(`${apiVersion}/${kind}`)).find((found) => found !== undefined);

  return {
    cached: known,
    async find(apiVersion, kind, signal) {
      if (invalidated.has(groupOf(apiVersion)) || known(apiVersion, kind) === undefined) {
        next ??= refresh();
        await abortable(next, signal);
      }
      const type = known(apiVersion, kind);
      if (type === undefined && held.some((root) => root.known.stale.has(apiVersion)))
        throw unreachableServer(apiVersion, kind);
      return type;
    },
    async all(signal) {
      if (held.length === 0 || invalidated.size > 0) {
        next ??= refresh();
        await abortable(next, signal);
      }
      return held.flatMap((root) => [...root.known.types.values()]);
    },
    invalidate(group) {
      invalidated.add(group);
    },
  };
}

async function readRoot(
  connection: Connection,
  path: string,
  before: Root | undefined,
  signal: AbortSignal,
): Promise<Root> {
  const request = { kind: "discovery", method: "GET", path, accept, repeatable: true } as const;
  const conditional = before?.etag === undefined ? request : { ...request, ifNoneMatch: before.etag };
  const answer = await connection.send(conditional, signal);
  if (answer.status === 304 && before !== undefined) return before;
  if (answer.status !== 200) throw apiFailure(answer, { kind: "discovery", object: path, sensitive: false });
  if (stringAt(answer.body, "kind") !== "APIGroupDiscoveryList") {
    const message = `${connection.server} does not speak aggregated discovery: Kubernetes 1.27 or later is needed`;
    throw new Failure("ClusterUnreachable", { message });
  }
  return { known: await knownOf(answer.body), ...(answer.etag === undefined ? {} : { etag: answer.etag }) };
}

/** In slices: the list of a tenant's server may be long. */
async function knownOf(list: unknown): Promise<Known> {
  const pace = createPace();
  const types = new Map<string, ResourceType>();
  const stale = new Set<string>();
  for (const group of listAt(list, "items")) {
    const name = stringAt(group, "metadata", "name") ?? "";
    for (const entry of listAt(group, "versions")) {
      const version = stringAt(entry, "version") ?? "";
      const apiVersion = name === "" ? version : `${name}/${version}`;
      if (stringAt(entry, "freshness") === "Stale") stale.add(apiVersion);
      for (const resource of listAt(entry, "resources")) {
        const type = typeOf(resource, name, version);
        if (type !== undefined) types.set(`${apiVersion}/${type.kind}`, type);
        await pace();
      }
      await pace();
    }
  }
  return { types, stale };
}

function typeOf(resource: unknown, group: string, version: string): ResourceType | undefined {
  const kind = stringAt(resource, "responseKind", "kind");
  const plural = stringAt(resource, "resource");
  if (kind === undefined || plural === undefined || kind === "") return undefined;
  const texts = (field: string) => listAt(resource, field).filter((text) => typeof text === "string");
  const singular = stringAt(resource, "singularResource");
  const shortNames = [...texts("shortNames"), ...(singular === undefined || singular === "" ? [] : [singular])];
  const namespaced = stringAt(resource, "scope") === "Namespaced";
  return { group, version, kind, plural, shortNames, namespaced, verbs: texts("verbs") };
}

function unreachableServer(apiVersion: string, kind: string): Failure {
  const hint = "look at its APIService and the pods behind it";
  const message = `the API server behind ${apiVersion} does not answer, so this kind cannot be read`;
  return new Failure("ClusterUnreachable", { object: `${apiVersion} ${kind}`, message, hint });
}
