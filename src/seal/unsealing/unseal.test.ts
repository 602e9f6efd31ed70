import { expect, test } from "vitest";
import { edited, manifest, sealing } from "../../../test/support/sealing.ts";
import { sealedSecretAnnotations } from "../../api/sealed-secret.ts";
import type { JsonObject } from "../../model/json/json.ts";
import { UnsealCache, unsealManifests, vouchAsKeyHolder } from "../index.ts";

const { record, patch, managed, skipSetOwnerReferences } = sealedSecretAnnotations;
const { ring, sealed } = await sealing();

test("the Secret takes the sealed secret's place, marked sensitive, with its origin and digest", async () => {
  const other = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "shop" } };
  const [first, second] = await unsealManifests(vouchAsKeyHolder([manifest(other), manifest(await sealed())]), ring);
  expect(first).toEqual(manifest(other));
  expect(second).toEqual({
    id: { group: "", kind: "Secret", namespace: "shop", name: "db" },
    object: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "db", namespace: "shop" },
      data: { password: btoa("hunter2"), user: btoa("admin") },
    },
    origin: { file: "overlays/prod/db.yaml", line: 3, chain: ["overlays/prod"] },
    sensitive: true,
    digest: "d1",
  });
});

test("a cluster-wide value follows its object to another name and namespace", async () => {
  const object = edited(await sealed("cluster-wide"), { name: "other", namespace: "elsewhere" });
  const [manifested] = await unsealManifests(vouchAsKeyHolder([manifest(object)]), ring);
  expect(manifested?.object.metadata).toMatchObject({ name: "other", namespace: "elsewhere" });
});

test("a record that is no record is no obstacle", async () => {
  const object = edited(await sealed(), { annotations: { [record]: "{" } });
  expect(await unsealManifests(vouchAsKeyHolder([manifest(object)]), ring)).toHaveLength(1);
});

test.each<[JsonObject, JsonObject]>([
  [{ [managed]: "true" }, {}],
  [{ [patch]: "true" }, { "mooring.dev/ssa": "Merge", "mooring.dev/prune": "disabled" }],
  [{ [patch]: "true", [managed]: "true" }, { "mooring.dev/ssa": "Merge" }],
  [{ [skipSetOwnerReferences]: "true" }, { "mooring.dev/prune": "disabled" }],
])("the template's %o means %o to Mooring", async (annotations, added) => {
  const template = { metadata: { name: "db", namespace: "shop", annotations } };
  const [secret] = await unsealManifests(vouchAsKeyHolder([manifest(edited(await sealed(), {}, { template }))]), ring);
  expect(secret?.object.metadata.annotations).toEqual({ ...annotations, ...added });
});

test("what a SealedSecret says of itself holds for the Secret in its place", async () => {
  const said = { "kustomize.toolkit.fluxcd.io/prune": "disabled" };
  const { metadata, ...rest } = await sealed();
  const labels = { app: "db", ...said };
  const annotations = { ...metadata.annotations, "mooring.dev/ssa": "IfNotPresent" };
  const [secret] = await unsealManifests(
    vouchAsKeyHolder([manifest({ ...rest, metadata: { ...metadata, labels, annotations } })]),
    ring,
  );
  expect(secret?.object.metadata.labels).toEqual(said);
  expect(secret?.object.metadata.annotations).toMatchObject({ "mooring.dev/ssa": "IfNotPresent" });
});

test("what was opened before is found again, but not once its key has gone", async () => {
  const cache = new UnsealCache();
  const manifests = [manifest(await sealed())];
  const withoutPrivateKey = { ...ring, keys: ring.keys.map((key) => ({ ...key, privateKeyPem: "gone" })) };
  const first = await unsealManifests(vouchAsKeyHolder(manifests), ring, cache);
  expect(await unsealManifests(vouchAsKeyHolder(manifests), withoutPrivateKey, cache)).toEqual(first);
  await expect(unsealManifests(vouchAsKeyHolder(manifests), { keys: [] }, cache)).rejects.toThrow(
    "there is no sealing key",
  );
});
