import { expect, test } from "vitest";
import type { JsonObject } from "../../model/json/json.ts";
import type { Manifest } from "../../model/manifest.ts";
import { type SecretToWrite, vouch } from "../index.ts";

function sealed(metadata: JsonObject & { readonly name: string }, spec: JsonObject = {}): Manifest {
  const object = { apiVersion: "bitnami.com/v1alpha1", kind: "SealedSecret", metadata, spec };
  const { name, namespace } = metadata;
  const id = { group: "bitnami.com", kind: "SealedSecret", namespace: String(namespace ?? ""), name };
  return { id, object, origin: { file: `${name}.yaml`, line: 4, chain: [] }, sensitive: false, digest: `d-${name}` };
}

const plain: Manifest = {
  id: { group: "", kind: "ConfigMap", namespace: "shop", name: "c" },
  object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "shop" } },
  origin: { file: "c.yaml", chain: [] },
  sensitive: false,
  digest: "d-c",
};

test("it is asked about the very Secret that comes of each SealedSecret, and about nothing else", async () => {
  const asked: SecretToWrite[] = [];
  const manifests = [
    plain,
    // The template's own metadata names nothing that is written.
    sealed({ name: "db", namespace: "shop" }, { template: { metadata: { name: "x", namespace: "elsewhere" } } }),
    sealed({ name: "api", namespace: "other" }, { template: { data: { url: "{{ .password }}" } } }),
  ];
  const vouched = await vouch(manifests, async (secret) => {
    asked.push(secret);
    return undefined;
  });
  expect(vouched).toEqual(manifests);
  expect(asked).toEqual([
    { namespace: "shop", name: "db", digest: "d-db", templated: false },
    { namespace: "other", name: "api", digest: "d-api", templated: true },
  ]);
});

test("one that may not be opened keeps all of them closed, and every such one is named", async () => {
  const manifests = ["a", "b", "c"].map((name) => sealed({ name, namespace: "shop" }));
  const refuse = async ({ name }: SecretToWrite) =>
    name === "b" ? undefined : { message: "is not opened", hint: "ask" };
  await expect(vouch(manifests, refuse)).rejects.toMatchObject({
    code: "Forbidden",
    message: "a.yaml:4: SealedSecret/shop/a: is not opened (ask)\nc.yaml:4: SealedSecret/shop/c: is not opened (ask)",
  });
});

test("many that may not be opened are not all asked about, and none of them is opened", async () => {
  const manifests = Array.from({ length: 5_000 }, (_, index) => sealed({ name: `s${index}`, namespace: "shop" }));
  let asked = 0;
  const refuse = async () => {
    asked += 1;
    return { message: "is not opened" };
  };
  const first = manifests.slice(0, 20).map(({ id }) => ({ object: `SealedSecret/shop/${id.name}` }));
  await expect(vouch(manifests, refuse)).rejects.toMatchObject({ code: "Forbidden", problems: first });
  expect(asked).toBeLessThan(30);
});

test("one without a namespace is refused before anybody is asked: what it would become is written nowhere", async () => {
  const ask = async () => expect.unreachable("it was asked");
  await expect(vouch([sealed({ name: "wide" })], ask)).rejects.toMatchObject({
    code: "ObjectInvalid",
    message: expect.stringContaining("wide.yaml:4: SealedSecret/wide: metadata.namespace: has no namespace"),
  });
});
