import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { keysOf, sopsFixture } from "../../../test/support/sops-files.ts";
import { objectAt } from "../../model/json/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { memoryTree } from "../../render/index.ts";
import { decryptingTree } from "./decrypting-tree.ts";
import { concernsSops, decryptManifests, refuseUnverified } from "./manifests.ts";
import { createVerifiedFiles } from "./verified.ts";

const text = sopsFixture("regex.yaml").encrypted.toString();
const encrypted: KubeObject = parse(text);
const plain: KubeObject = parse(sopsFixture("regex.yaml").plain.toString());
const keys = keysOf(0);

function manifest(object: KubeObject, file = "db.yaml"): Manifest {
  const { name, namespace = "" } = object.metadata;
  return {
    id: { group: "", kind: object.kind, namespace, name },
    object,
    origin: { file, line: 3, chain: [] },
    sensitive: false,
    digest: "d",
  };
}

interface Draft {
  metadata: KubeObject["metadata"];
  readonly stringData: Record<string, string>;
}

const changed = (change: (copy: Draft) => void): KubeObject => {
  const copy = structuredClone(encrypted) as unknown as KubeObject & Draft;
  change(copy);
  return copy;
};

const secret = (data: Readonly<Record<string, string | Buffer>>): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "files", namespace: "shop" },
  data: Object.fromEntries(
    Object.entries(data).map(([name, content]) => [name, Buffer.from(content).toString("base64")]),
  ),
});

describe("an encrypted object", () => {
  test("is opened, without SOPS' metadata, marked sensitive, and keeps origin and digest", async () => {
    const [opened] = await decryptManifests([manifest(encrypted)], keys);
    expect(opened).toEqual({ ...manifest(plain), sensitive: true });
  });

  test("keeps what kustomize added in plain", async () => {
    const object = changed((copy) => {
      copy.metadata = { ...copy.metadata, labels: { app: "shop" } };
      copy.stringData.extra = "added";
    });
    const [opened] = await decryptManifests([manifest(object)], keys);
    expect(opened?.object.metadata.labels).toEqual({ app: "shop" });
    expect(objectAt(opened?.object, "stringData")).toEqual({ ...objectAt(plain, "stringData"), extra: "added" });
  });

  test("is left encrypted where the annotation of Flux says so", async () => {
    const object = changed((copy) => {
      copy.metadata = { ...copy.metadata, annotations: { "kustomize.toolkit.fluxcd.io/decrypt": "Disabled" } };
    });
    const given = manifest(object);
    expect(await decryptManifests([given], undefined)).toEqual([given]);
  });

  test("is opened as it was before variables were put in, under the rendered name", async () => {
    const given = {
      ...manifest({ ...encrypted, metadata: { ...encrypted.metadata, name: "x" } }),
      unsubstituted: encrypted,
    };
    const [opened] = await decryptManifests([given], keys);
    expect([opened?.object.metadata.name, opened?.id.name]).toEqual(["db", "x"]);
  });
});

describe("what cannot be opened is refused with file, line and object", () => {
  const swapped = changed((copy) => {
    [copy.stringData.password, copy.stringData.multi] = [copy.stringData.multi ?? "", copy.stringData.password ?? ""];
  });
  const misplaced = changed((copy) => {
    copy.metadata = { ...copy.metadata, labels: { a: copy.stringData.password ?? "" } };
  });
  const { sops: _sops, ...bare } = encrypted;

  test.each([
    [
      "values that changed places",
      swapped,
      "SealInvalid",
      "stringData.password: is not what SOPS encrypted here: it was altered, or moved to another place",
    ],
    [
      "a value where the rules want none",
      misplaced,
      "SealInvalid",
      "metadata.labels.a: is encrypted where the rules of its file say that it is not",
    ],
    [
      "values without metadata",
      bare as KubeObject,
      "SealInvalid",
      "holds values that SOPS encrypted, but not the metadata of SOPS",
    ],
  ] as const)("%s", async (_what, object, code, message) => {
    await expect(decryptManifests([manifest(object)], keys)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`db.yaml:3: Secret/shop/db: ${message}`),
    });
  });

  test("an environment without keys is told where they belong", async () => {
    await expect(decryptManifests([manifest(encrypted)], undefined)).rejects.toMatchObject({
      code: "UnsealFailed",
      problems: [expect.objectContaining({ hint: "name the Secret with the keys in spec.decryption.secretRef" })],
    });
  });

  test("all problems at once; one that only a commit can fix decides the code", async () => {
    const both = [manifest(encrypted, "a.yaml"), manifest(bare as KubeObject, "b.yaml")];
    await expect(decryptManifests(both, keysOf(1))).rejects.toMatchObject({
      code: "SealInvalid",
      problems: [expect.objectContaining({ file: "a.yaml" }), expect.objectContaining({ file: "b.yaml" })],
    });
  });
});

describe("values of a Secret that are encrypted files", () => {
  test("are opened by the form of their name, and the others stay", async () => {
    const object = secret({
      "a.env": sopsFixture("file.env").encrypted,
      "b.bin": sopsFixture("file.bin").encrypted,
      c: "plain",
    });
    const [opened] = await decryptManifests([manifest(object)], keys);
    expect(opened?.sensitive).toBe(true);
    expect(opened?.object).toEqual(
      secret({ "a.env": sopsFixture("file.env").plain, "b.bin": sopsFixture("file.bin").plain, c: "plain" }),
    );
  });

  test("of another kind are left as they are", async () => {
    const object = { ...secret({ "a.env": sopsFixture("file.env").encrypted }), kind: "ConfigMap" };
    expect(await decryptManifests([manifest(object)], keys)).toEqual([manifest(object)]);
  });

  test("without their metadata are refused by field", async () => {
    const stray = sopsFixture("file.env")
      .encrypted.toString()
      .replace(/^sops_.*\n/gm, "");
    await expect(decryptManifests([manifest(secret({ "a.env": stray }))], keys)).rejects.toMatchObject({
      code: "SealInvalid",
      problems: [expect.objectContaining({ field: "data.a.env" })],
    });
  });
});

describe("whether an object concerns SOPS at all", () => {
  test.each([
    ["one with its metadata", encrypted, true],
    [
      "one with an encrypted value alone",
      { ...secret({}), stringData: { a: "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]" } },
      true,
    ],
    ["a Secret with an encrypted file", secret({ a: sopsFixture("file.bin").encrypted }), true],
    ["a plain Secret", secret({ a: "b" }), false],
    ["a ConfigMap with such a file", { ...secret({ a: sopsFixture("file.bin").encrypted }), kind: "ConfigMap" }, false],
    ["a setting called sops", { ...secret({}), sops: false }, true],
  ] as const)("%s: %s", (_what, object, expected) => {
    expect(concernsSops(manifest(object as KubeObject))).toBe(expected);
  });
});

describe("rendered objects need one verified file that vouches for them", () => {
  const tree = () => memoryTree({ "db.yaml": text });

  async function verify(object: KubeObject, content = text): Promise<void> {
    const verified = createVerifiedFiles();
    const files = decryptingTree(memoryTree({ "db.yaml": content }), keys, verified);
    await refuseUnverified([manifest(object)], files, verified);
  }

  test("which is read for it where it was not yet", async () => {
    await expect(verify(encrypted)).resolves.toBeUndefined();
    const verified = createVerifiedFiles();
    await expect(
      refuseUnverified([manifest(encrypted, "gone.yaml")], decryptingTree(tree(), keys, verified), verified),
    ).rejects.toThrow("holds encrypted values that do not come from one file with a valid MAC");
  });

  test("and as the kind that it says", async () => {
    await expect(verify({ ...encrypted, kind: "ConfigMap" })).rejects.toMatchObject({ code: "SealInvalid" });
  });

  test("with values out of it alone", async () => {
    const foreign = /ENC\[[^\]]*type:str\]/.exec(sopsFixture("two.yaml").encrypted.toString())?.[0] ?? "";
    const object = changed((copy) => {
      copy.stringData.password = foreign;
    });
    await expect(verify(object)).rejects.toMatchObject({ code: "SealInvalid" });
  });

  test("and a MAC that is right", async () => {
    await expect(verify(encrypted, text.replace("namespace: shop", "namespace: other"))).rejects.toThrow("sops.mac");
  });

  test("others need none", async () => {
    await expect(verify(secret({ a: "b" }), "a: b\n")).resolves.toBeUndefined();
  });
});
