import { environmentAnnotations, apiVersion as environmentVersion } from "../../../src/api/names.ts";
import { createWatchHub } from "../../../src/cluster/index.ts";
import { listAt, stringAt } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import type { World } from "../../support/world.ts";
import { appName, namespace, type Shape } from "./apps.ts";

const image = "registry.example/web:1";
const limitMs = 60_000;

/** Changes the image of many Deployments by hand, one after the other; how many milliseconds each stayed changed. */
export async function measureDrift(
  world: World,
  run: { readonly shape: Shape; readonly count: number; readonly times: number },
): Promise<readonly number[]> {
  await using images = await followImages(world);
  const repaired: number[] = [];
  for (let time = 0; time < run.times; time += 1) {
    const name = appName(run.shape, time % run.count);
    const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace, name };
    const tamper = { op: "replace", path: "/spec/template/spec/containers/0/image", value: `tampered:${time}` };
    const signal = AbortSignal.timeout(limitMs);
    const tampered = await world.admin.patch(ref, { type: "json", body: [tamper] }, { fieldManager: "hand" }, signal);
    const started = performance.now();
    await images.until(name, image, tampered.metadata.generation ?? 0);
    repaired.push(performance.now() - started);
  }
  return repaired;
}

/**
 * The milliseconds from a push that changes one app's image, with the request to reconcile that `mooring reconcile` and a
 * webhook send, until the Deployment has it.
 */
export async function measureCommitToLive(
  world: World,
  { shape, tree }: { readonly shape: Shape; readonly tree: WorkTree },
): Promise<number> {
  await using images = await followImages(world);
  const folder = shape === "repo" ? appName(shape, 0) : "app";
  const newImage = "registry.example/web:2";
  const kustomization = await tree.git("show", `HEAD:${folder}/kustomization.yaml`);
  const changed = `${kustomization}\nimages: [{name: registry.example/web, newTag: "2"}]\n`;
  await tree.commit({ [`${folder}/kustomization.yaml`]: changed }, "a new image");
  const started = performance.now();
  const ref = { apiVersion: environmentVersion, kind: "Environment", namespace: "mooring-system", name: "env-0" };
  const annotations = { [environmentAnnotations.requestedAt]: new Date().toISOString() };
  await world.admin.patch(
    ref,
    { type: "merge", body: { metadata: { annotations } } },
    {},
    AbortSignal.timeout(limitMs),
  );
  await images.until(appName(shape, 0), newImage, 0);
  return performance.now() - started;
}

interface Images extends AsyncDisposable {
  /** Resolves when a Deployment has an image, at a generation above the one given. */
  readonly until: (name: string, image: string, generation: number) => Promise<void>;
}

async function followImages(world: World): Promise<Images> {
  const resource = await world.admin.resource("apps/v1", "Deployment", AbortSignal.timeout(limitMs));
  if (resource === undefined) throw new Error("the cluster serves no Deployments");
  const cache = createWatchHub(world.admin).subscribe({ resource, namespace, metadataOnly: false });
  await cache.ready(new AbortController().signal);
  return {
    async until(name, wanted, generation) {
      const fits = (object: KubeObject | undefined) =>
        object?.metadata.name === name && (object.metadata.generation ?? 0) > generation && imageOf(object) === wanted;
      const seen = Promise.withResolvers<void>();
      const stop = cache.onChange(({ object }) => {
        if (fits(object)) seen.resolve();
      });
      if (fits(cache.get({ namespace, name }))) seen.resolve();
      const limit = setTimeout(() => seen.reject(new Error(`Deployment ${name} did not get ${wanted}`)), limitMs);
      await seen.promise.finally(() => {
        clearTimeout(limit);
        stop();
      });
    },
    [Symbol.asyncDispose]: () => cache.close(),
  };
}

function imageOf(object: KubeObject): string | undefined {
  const [container] = listAt(object, "spec", "template", "spec", "containers");
  return stringAt(container, "image");
}
