import { join } from "node:path";
import { apiVersion } from "../../../src/api/names.ts";
import type { Cluster } from "../../../src/cluster/index.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { compareForApply } from "../../../src/plan/index.ts";
import { render, toManifests } from "../../../src/render/index.ts";
import { directoryTree } from "../../../src/source/index.ts";
import { eventually } from "../wait.ts";

/** What `manifests/` holds, in the order in which it is applied, without the agent's Deployment. */
export async function installation(): Promise<readonly KubeObject[]> {
  const tree = directoryTree(join(import.meta.dirname, "../../../manifests"));
  const manifests = toManifests(await render(tree, "")).filter(({ id }) => id.kind !== "Deployment");
  return [...manifests].sort((a, b) => compareForApply(a.id, b.id)).map(({ object }) => object);
}

/** Applies it as an administrator would, and waits until Environments are served. */
export async function install(admin: Cluster): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  for (const object of await installation()) {
    await eventually(
      async () => (await admin.apply(object, { dryRun: false, force: true, fieldManager: "test" }, signal)).object,
      { what: `${object.kind} ${object.metadata.name} to be installed`, timeout: 20_000 },
    );
  }
  await eventually(async () => admin.resource(apiVersion, "Environment", signal), {
    what: "the CRD to be served",
    timeout: 20_000,
  });
}
