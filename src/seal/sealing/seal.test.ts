import { describe, expect, test } from "vitest";
import { kubesealFixtures } from "../../../test/support/kubeseal-files.ts";
import { type JsonObject, objectAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { readCertificate } from "../keys/certificate.ts";
import { openingKeys } from "../keys/opening-keys.ts";
import { parseManifests } from "../parse-manifests.ts";
import { unsealObject } from "../unsealing/unseal.ts";
import { isBlank, refuseBlankValues } from "./blank-values.ts";
import { isSecret, sealSecret, valuesOf } from "./seal.ts";

const { certificate: pem, privateKey, files } = kubesealFixtures;
const certificate = readCertificate(pem);
const keys = { keys: openingKeys(privateKey, "key.pem") };

function secret(metadata: JsonObject = {}, rest: JsonObject = { stringData: { user: "admin" } }): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "db", namespace: "shop", ...metadata },
    ...rest,
  } as KubeObject;
}

describe("what kubeseal sealed", () => {
  test.each(files)(
    "opens to the Secret that kubeseal gives, $scope, but for the owner reference",
    async ({ sealed, plain }) => {
      const [found] = parseManifests(sealed, "a.yaml");
      if (found === undefined) return expect.unreachable("it holds nothing");
      const { ownerReferences, creationTimestamp, ...metadata } = {
        ownerReferences: 0,
        creationTimestamp: 0,
        ...objectAt(plain, "metadata"),
      };
      expect(await unsealObject(found.object, keys)).toEqual({ ...plain, metadata });
      expect([ownerReferences, creationTimestamp]).not.toContain(0);
    },
  );

  test("is what we seal, but for ciphertexts, our annotation and an empty time", async () => {
    for (const { scope, sealed } of files) {
      const [theirs] = parseManifests(sealed, "a.yaml");
      const labels = { app: "shop" };
      const data = { password: "aHVudGVyMg==", binary: "/wD+QQ==" };
      const ours = await sealSecret(
        secret({ labels }, { type: "Opaque", data, stringData: { user: "admin" } }),
        certificate,
        { scope },
      );
      const { "mooring.dev/sealed": annotation, ...annotations } = { ...ours.metadata.annotations };
      expect(annotation).toContain(certificate.id);
      const shape = (object: KubeObject | undefined) => ({
        ...object?.metadata,
        annotations: object?.metadata.annotations ?? {},
        creationTimestamp: undefined,
        items: Object.keys(objectAt(object, "spec", "encryptedData") ?? {}),
        type: stringAt(object, "spec", "template", "type"),
        template: { ...objectAt(object, "spec", "template", "metadata"), creationTimestamp: undefined },
      });
      expect({ ...shape(ours), annotations }).toEqual(shape(theirs?.object));
    }
  });
});

describe("the template keeps what a Secret says of itself", () => {
  test("without what only its cluster knows, and without copies of its values", async () => {
    const sealed = await sealSecret(
      secret(
        {
          uid: "1",
          resourceVersion: "2",
          managedFields: [],
          ownerReferences: [],
          generation: 1,
          labels: { app: "shop" },
          annotations: { "kubectl.kubernetes.io/last-applied-configuration": '{"data":{}}', keep: "x" },
        },
        { stringData: { a: "b" }, type: "Opaque", immutable: true },
      ),
      certificate,
    );
    expect(objectAt(sealed, "spec", "template")).toEqual({
      metadata: { name: "db", namespace: "shop", labels: { app: "shop" }, annotations: { keep: "x" } },
      type: "Opaque",
      immutable: true,
    });
    expect(JSON.stringify(sealed)).not.toContain("last-applied");
  });

  test("and the scope that it asks for, unless another one is given", async () => {
    const annotations = { "sealedsecrets.bitnami.com/cluster-wide": "true" };
    const wide = await sealSecret(secret({ annotations, namespace: undefined }), certificate);
    expect(wide.metadata.annotations).toMatchObject(annotations);
    const narrower = await sealSecret(secret({ annotations }), certificate, { scope: "namespace-wide" });
    expect(Object.keys(narrower.metadata.annotations ?? {})).toEqual([
      "sealedsecrets.bitnami.com/namespace-wide",
      "mooring.dev/sealed",
    ]);
  });
});

describe("what cannot be sealed is refused, with its field", () => {
  test.each([
    ["no values", secret({}, {}), {}, "data: has no values to seal"],
    [
      "no namespace",
      secret({ namespace: undefined }),
      {},
      "metadata.namespace: is missing, but a value sealed strict is bound to it",
    ],
    ["two namespaces", secret(), { namespace: "other" }, 'metadata.namespace: is "shop", but --namespace is "other"'],
    ["no name", secret({ name: "" }), {}, "metadata.name: is missing (set it with --name)"],
    ["data that is not base64", secret({}, { data: { "tls.key": "***" } }), {}, 'data["tls.key"]: must be base64'],
    ["data that is no text", secret({}, { data: { a: 5 } }), {}, "data.a: must be base64"],
    ["text that is none", secret({}, { stringData: { a: true } }), {}, "stringData.a: must be a string"],
    ["x25519 without its key", secret(), { algorithm: "x25519" }, "the certificate has no X25519 key beside it"],
  ] as const)("%s", async (_what, object, options, message) => {
    await expect(sealSecret(object, certificate, options)).rejects.toThrow(message);
  });

  test("but no values, where that is allowed, and a name and namespace that are given", async () => {
    const sealed = await sealSecret(secret({ name: "", namespace: undefined }, {}), certificate, {
      name: "x",
      namespace: "y",
      allowEmptyData: true,
    });
    expect(sealed.metadata).toMatchObject({ name: "x", namespace: "y" });
  });
});

test("stringData wins over data", () => {
  const values = valuesOf(secret({}, { data: { a: "Yg==", c: "ZA==" }, stringData: { a: "x" } }));
  expect([...values].map(([name, value]) => [name, value.toString()])).toEqual([
    ["a", "x"],
    ["c", "d"],
  ]);
});

test.each([
  ["", true],
  [" \t\r\n\v\f", true],
  ["x", false],
  [" x ", false],
  ["\0", false],
  ["\u00a0", false],
])("%j is blank: %s", (text, expected) => {
  expect(isBlank(Buffer.from(text))).toBe(expected);
});

describe("blank values are refused, each with its field", () => {
  test.each([
    ["an empty one", { stringData: { a: "x", b: "" } }, "Secret/shop/db: stringData.b: is empty"],
    ["a line break", { data: { "a.b": "Cg==" } }, 'Secret/shop/db: data["a.b"]: holds nothing but white space'],
    ["none at all", {}, "Secret/shop/db: data: has no values to seal"],
  ])("%s", (_what, rest, message) => {
    expect(() => refuseBlankValues(secret({}, rest))).toThrow(
      `${message} (did the program that made it fail? use --allow-empty-data to seal it anyway)`,
    );
  });

  test("others pass", () => {
    expect(() => refuseBlankValues(secret())).not.toThrow();
  });
});

test.each([
  ["v1", "Secret", true],
  ["v1", "ConfigMap", false],
  ["apps/v1", "Secret", false],
])("%s %s is a Secret: %s", (apiVersion, kind, expected) => {
  expect(isSecret({ apiVersion, kind, metadata: { name: "a" } })).toBe(expected);
});
