import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { JsonObject } from "../../../src/model/json/json.ts";
import { readSnapshot, snapshotName } from "../../../src/rollout/index.ts";
import { kustomizeBuild } from "../../render/oracle.ts";
import { sharedFolder } from "../../render/shared.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { startWorld, type World } from "../../support/world.ts";
import { goMissing } from "../../toolchain/tools.ts";

const environments = sharedFolder("environments");

describe.skipIf(environments === undefined || goMissing() !== undefined)(
  "environments of others, rolled out (skipped without ../shared/environments or Go)",
  () => {
    let world: World;
    let tree: WorkTree;
    let url: string;
    const signal = new AbortController().signal;
    const apply = (object: JsonObject & { apiVersion: string; kind: string; metadata: { name: string } }) =>
      world.admin.apply(object, { dryRun: false, force: true, fieldManager: "test" }, signal);

    /** What the agent rendered, as it keeps it to go back to. */
    async function rendered(name: string): Promise<readonly unknown[]> {
      const secret = await world.get("Secret", "mooring-system", snapshotName(name, 0));
      const snapshot = await readSnapshot(secret === undefined ? [] : [secret]);
      return snapshot.stages.flatMap(({ manifests }) => manifests.map(({ object }) => object));
    }

    async function rollOut(name: string, spec: JsonObject): Promise<void> {
      const common = { source: { url, ref: { branch: "main" } }, interval: "1m", retryInterval: "1s", timeout: "90s" };
      await world.environment(name, { ...common, ...spec });
      const status = await world.condition(name, "Ready", { status: "True" });
      expect(status.conditions?.find(({ type }) => type === "Healthy")?.status).toBe("True");
      const owned = await rendered(name);
      expect(status.inventory?.entries).toHaveLength(owned.length);
    }

    beforeAll(async () => {
      world = await startWorld();
      world.startAgent();
      ({ url, tree } = await world.repository("environments"));
      await tree.copy(environments ?? "", ".");
      await tree.commit({}, "as they are");
      // The claims of podinfo's database name no class, and nothing here makes volumes: these are what they bind to.
      for (const name of ["disk-1", "disk-2"]) {
        const spec = { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, hostPath: { path: `/${name}` } };
        await apply({ apiVersion: "v1", kind: "PersistentVolume", metadata: { name }, spec });
      }
    });
    afterAll(() => world?.stop());

    it.each(["dev", "production"])("podinfo, %s", async (overlay) => {
      const path = `podinfo/deploy/overlays/${overlay}`;
      await rollOut(`podinfo-${overlay}`, { path: `./${path}` });
      expect(await rendered(`podinfo-${overlay}`)).toEqual(await built(join(tree.dir, path)));
    });

    it("Online Boutique, in a namespace that the Environment names", async () => {
      await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "boutique" } });
      await rollOut("boutique", { path: "./online-boutique/kustomize", targetNamespace: "boutique" });
      const overlay = "resources: [./online-boutique/kustomize]\nnamespace: boutique\n";
      await writeFile(join(tree.dir, "kustomization.yaml"), overlay);
      expect(await rendered("boutique")).toEqual(await built(tree.dir));
      const service = await world.get("Service", "boutique", "frontend-external");
      expect(service).toMatchObject({ spec: { type: "LoadBalancer" }, status: { loadBalancer: {} } });
    });
  },
);

/** The objects that the real kustomize prints, in its order. */
async function built(directory: string): Promise<readonly unknown[]> {
  const verdict = await kustomizeBuild(directory);
  if ("error" in verdict) throw new Error(verdict.error);
  return parseAllDocuments(verdict.output).map((document) => document.toJS());
}
