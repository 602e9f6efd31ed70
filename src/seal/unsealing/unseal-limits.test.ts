import { describe, expect, test } from "vitest";
import { edited, manifest, sealing } from "../../../test/support/sealing.ts";
import { type Scope, sealedSecretAnnotations } from "../../api/sealed-secret.ts";
import type { Failure } from "../../model/failure.ts";
import { type JsonObject, objectAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { readCertificate, unsealManifests, unsealObject, vouchAsKeyHolder } from "../index.ts";

const { clusterWide, namespaceWide } = sealedSecretAnnotations;
const { pair, foreign, ring, sealed } = await sealing();

/** So many values, each of so many characters, that nobody sealed. */
function many(count: number, length = 4): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`i${n}`, "A".repeat(length)]));
}

async function failureOf(...objects: readonly KubeObject[]): Promise<Failure> {
  return unsealManifests(vouchAsKeyHolder(objects.map(manifest)), ring).then(
    () => expect.unreachable("it was unsealed"),
    (failure) => failure,
  );
}

/** What is said to who holds the keys. */
const explained = (object: KubeObject, ...beside: readonly KubeObject[]): Promise<Failure> =>
  unsealObject(object, ring, { beside }).then(
    () => expect.unreachable("it was unsealed"),
    (failure) => failure,
  );

const items = (object: KubeObject) => objectAt(object, "spec", "encryptedData") as Readonly<Record<string, string>>;

describe("what does not belong together is refused, and the message says why", () => {
  test.each<[string, Scope, JsonObject, string]>([
    ["name edited", "strict", { name: "other" }, 'spec.template.metadata.name: is "db", but metadata.name is "other"'],
    ["namespace edited", "strict", { namespace: "test" }, 'is "shop", but metadata.namespace is "test"'],
    ["namespace edited", "namespace-wide", { namespace: "test" }, 'is "shop", but metadata.namespace is "test"'],
    ["no namespace", "strict", { namespace: "" }, "metadata.namespace: is missing, but a value sealed strict"],
  ])("%s, sealed %s", async (_what, scope, metadata, message) => {
    expect((await failureOf(edited(await sealed(scope), metadata))).message).toContain(message);
  });

  test.each<[string, Scope, JsonObject, string]>([
    [
      "name edited",
      "strict",
      { name: "other" },
      "is sealed for shop/db (strict), but this object is shop/other (strict)",
    ],
    [
      "namespace edited",
      "strict",
      { namespace: "t" },
      "is sealed for shop/db (strict), but this object is t/db (strict)",
    ],
    [
      "namespace edited",
      "namespace-wide",
      { namespace: "t" },
      "is sealed for namespace shop (namespace-wide), but this object is namespace t (namespace-wide)",
    ],
    [
      "scope annotation added",
      "strict",
      { annotations: { [clusterWide]: "true" } },
      "is sealed for shop/db (strict), but this object is any namespace (cluster-wide)",
    ],
    [
      "scope annotation removed",
      "cluster-wide",
      { annotations: {} },
      "is sealed for any namespace (cluster-wide), but this object is shop/db (strict)",
    ],
    [
      "scope annotation other than true",
      "namespace-wide",
      { annotations: { [namespaceWide]: "yes" } },
      "is sealed for namespace shop (namespace-wide), but this object is shop/db (strict)",
    ],
  ])("%s, sealed %s, in metadata and template alike", async (_what, scope, metadata, message) => {
    const object = edited(await sealed(scope), metadata, { template: {} });
    const neighbour = await sealed();
    const failure = await explained(object, neighbour);
    expect(failure.code).toBe("UnsealFailed");
    expect(failure.message).toContain(message);
  });

  test("a template that asks for a wider scope than the metadata (CVE-2026-22728)", async () => {
    const template = { metadata: { name: "db", namespace: "shop", annotations: { [clusterWide]: "true" } } };
    const failure = await failureOf(edited(await sealed(), {}, { template }));
    expect(failure.code).toBe("SealInvalid");
    expect(failure.message).toContain("request the scope cluster-wide, but the object's own annotations say strict");
  });

  test("values that changed places", async () => {
    const object = await sealed();
    const { password = "", user = "" } = items(object);
    const failure = await failureOf(edited(object, {}, { encryptedData: { password: user, user: password } }));
    expect(failure.message).toContain("spec.encryptedData.password: holds the value that was sealed as user");
    expect(failure.message).toContain("spec.encryptedData.user: holds the value that was sealed as password");
  });

  test("a foreign key, named by fingerprint", async () => {
    const failure = await explained(await sealed("strict", foreign));
    const [theirs, ours] = [readCertificate(foreign.certificatePem).id, readCertificate(pair.certificatePem).id];
    expect(failure.problems[0]?.message).toBe(
      `cannot be opened by any key that is here; it was sealed with the key ${theirs}; tried ${ours}`,
    );
  });

  test.each<[string, (text: string) => string, string]>([
    ["not base64", (text) => `${text}!`, "is not base64"],
    ["short", () => "AQ==", "is too short to be a sealed value"],
    ["cut off in the key", (text) => text.slice(0, 100), "is too short to be a sealed value"],
    ["cut off in the value", (text) => text.slice(0, -4), "does not open as shop/db (strict)"],
    ["empty", () => "", "is too short to be a sealed value"],
  ])("a value that is %s", async (_what, damage, message) => {
    const object = await sealed();
    const { user = "", password = "" } = items(object);
    const failure = await failureOf(edited(object, {}, { encryptedData: { user, password: damage(password) } }));
    expect(failure.problems).toHaveLength(1);
    expect(failure.problems[0]).toMatchObject({
      file: "overlays/prod/db.yaml",
      line: 3,
      object: "SealedSecret/shop/db",
      field: "spec.encryptedData.password",
      message: expect.stringContaining(message),
    });
  });

  test("a value for an unknown place, with a key that is here", async () => {
    const object = edited(await sealed(), { name: "x", namespace: "y", annotations: {} }, { template: {} });
    expect((await explained(object)).message).toContain(
      "which is here, but for another namespace, name or scope than y/x",
    );
  });

  test("a value whose end is missing, to who holds the keys", async () => {
    const object = await sealed();
    const cut = { password: items(object).password?.slice(0, -4) ?? "" };
    expect((await explained(edited(object, {}, { encryptedData: cut }))).message).toContain(
      "is damaged: the key SHA256:",
    );
  });

  test.each<[string, JsonObject, string]>([
    [
      "more values than are opened",
      { encryptedData: many(2_001) },
      "spec.encryptedData: holds 2001 values; the limit is 2000",
    ],
    [
      "a longer value than a Secret takes",
      { encryptedData: { a: "A".repeat(1_572_865) } },
      "spec.encryptedData.a: is longer",
    ],
    [
      "longer values than a Secret takes",
      { encryptedData: many(2_000, 1_600) },
      "spec.encryptedData: is longer than a Secret may be",
    ],
    ["the deprecated form", { data: "AgB" }, "spec.data: the deprecated form is not supported"],
    ["a value that is no string", { encryptedData: { a: 1 } }, "spec.encryptedData.a: must be a string"],
    ["no map", { encryptedData: [] }, "spec.encryptedData: must be a map of strings"],
    ["an unknown function", { template: { data: { url: "{{ now }}" } } }, 'spec.template.data.url: the function "now"'],
  ])("%s", async (_what, spec, message) => {
    expect((await failureOf(edited(await sealed(), {}, spec))).message).toContain(message);
  });

  test("a namespace that would be read as a namespace and a name", async () => {
    const metadata = { namespace: "shop/db", annotations: { [namespaceWide]: "true" } };
    const failure = await failureOf(edited(await sealed(), metadata, { template: {} }));
    expect(failure.message).toContain("metadata.namespace: is not a namespace name");
  });

  test("more values in one environment than are opened", async () => {
    const object = await sealed();
    const crowd = Array.from({ length: 6 }, (_, n) =>
      edited(object, { name: `n${n}` }, { template: {}, encryptedData: many(2_000) }),
    );
    const failure = await failureOf(...crowd);
    expect(failure.problems).toHaveLength(1);
    expect(failure.message).toContain(
      "SealedSecret/shop/n5: spec.encryptedData: with it, the environment holds more than",
    );
  });

  test("an unknown algorithm", async () => {
    const object = edited(await sealed(), { annotations: { [sealedSecretAnnotations.algorithm]: "rot13" } });
    expect((await failureOf(object)).message).toContain('"rot13" is not known');
  });

  test("every problem of every object at once, and nothing is unsealed", async () => {
    const broken = edited(await sealed(), { name: "b" }, { template: {}, encryptedData: { one: "!", two: "AA==" } });
    const failure = await failureOf(await sealed(), broken, edited(await sealed("strict", foreign), {}));
    expect(failure.problems.map((problem) => problem.field)).toEqual([
      "spec.encryptedData.one",
      "spec.encryptedData.two",
      "spec.encryptedData.password",
      "spec.encryptedData.user",
    ]);
  });

  test("a plain Secret of the same name beside it", async () => {
    const plain = { apiVersion: "v1", kind: "Secret", metadata: { name: "db", namespace: "shop" } };
    expect(await failureOf(plain, await sealed())).toMatchObject({ code: "DuplicateObject" });
  });
});
