import { readEnvironment } from "../../../src/api/environment/environment.ts";
import { apiVersion } from "../../../src/api/names.ts";
import { createWatchHub } from "../../../src/cluster/index.ts";
import { inParallel } from "../../../src/model/async/in-parallel.ts";
import type { JsonObject } from "../../../src/model/json/json.ts";
import type { World } from "../../support/world.ts";

/** Creates Environments, 16 at a time. */
export async function createEnvironments(
  world: World,
  environments: readonly { readonly name: string; readonly spec: JsonObject }[],
): Promise<void> {
  const { signal } = new AbortController();
  const create = ({ name, spec }: { readonly name: string; readonly spec: JsonObject }) =>
    world.admin.create(
      { apiVersion, kind: "Environment", metadata: { name, namespace: "mooring-system" }, spec },
      signal,
    );
  await inParallel(environments, 16, create, signal);
}

/** Watches all Environments: `all` resolves at the moment when so many are Ready. Closes with the scope that uses it. */
export async function followReady(
  world: World,
  count: number,
): Promise<AsyncDisposable & { readonly all: Promise<void> }> {
  const resource = await world.admin.resource(apiVersion, "Environment", AbortSignal.timeout(10_000));
  if (resource === undefined) throw new Error("the cluster serves no Environments");
  const cache = createWatchHub(world.admin).subscribe({ resource, metadataOnly: false });
  await cache.ready(new AbortController().signal);
  const all = Promise.withResolvers<void>();
  const ready = new Set<string>();
  cache.onChange(({ object }) => {
    const { status } = readEnvironment(object);
    const isReady = status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True");
    if (isReady === true) ready.add(object.metadata.name);
    if (ready.size === count) all.resolve();
  });
  return { all: all.promise, [Symbol.asyncDispose]: () => cache.close() };
}
