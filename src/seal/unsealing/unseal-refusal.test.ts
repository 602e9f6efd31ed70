import { constants, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { sealedSecretAnnotations } from "../../api/sealed-secret.ts";
import type { Failure } from "../../model/failure.ts";
import { type JsonObject, objectAt } from "../../model/json/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import {
  certificateBundle,
  type KeyRing,
  keyRing,
  type NewSealingKey,
  newSealingKey,
  readCertificate,
  sealingKey,
  sealingKeySecret,
  sealSecret,
  UnsealCache,
  unsealManifests,
  vouchAsKeyHolder,
} from "../index.ts";
import { contentId } from "./unseal-cache.ts";

const { algorithm: algorithmName, namespaceWide } = sealedSecretAnnotations;

let pair: NewSealingKey;
let foreign: NewSealingKey;
let ring: KeyRing;

beforeAll(async () => {
  const now = new Date("2026-01-01T00:00:00Z");
  [pair, foreign] = await Promise.all([newSealingKey(now, { bits: 2048 }), newSealingKey(now, { bits: 2048 })]);
  ring = keyRing([sealingKeySecret(pair, "kube-system")]);
});

async function sealed(
  scope: "strict" | "namespace-wide" = "strict",
  by: NewSealingKey = pair,
  algorithm: "rsa" | "x25519" = "rsa",
): Promise<KubeObject> {
  const metadata = { name: "db", namespace: "shop" };
  const secret = { apiVersion: "v1", kind: "Secret", metadata, stringData: { password: "hunter2" } };
  const bundle = await certificateBundle(sealingKey(by.certificatePem, by.privateKeyPem));
  return sealSecret(secret, readCertificate(bundle), { scope, algorithm });
}

/** The object without a template, and with parts of its metadata and spec replaced. */
function edited(object: KubeObject, metadata: JsonObject, spec: JsonObject = {}): KubeObject {
  return {
    ...object,
    metadata: { ...object.metadata, ...metadata, name: String(metadata.name ?? object.metadata.name) },
    spec: { ...objectAt(object, "spec"), template: {}, ...spec },
  } as KubeObject;
}

function manifest(object: KubeObject): Manifest {
  const { name, namespace = "" } = object.metadata;
  const id = { group: "bitnami.com", kind: object.kind, namespace, name };
  return { id, object, origin: { file: "db.yaml", chain: [] }, sensitive: false, digest: "d1" };
}

async function failureOf(...objects: readonly KubeObject[]): Promise<Failure> {
  return unsealManifests(vouchAsKeyHolder(objects.map(manifest)), ring).then(
    () => expect.unreachable("it was unsealed"),
    (failure) => failure,
  );
}

const items = (object: KubeObject) => objectAt(object, "spec", "encryptedData") as Readonly<Record<string, string>>;

/** So many values that nobody sealed. */
function many(count: number): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`i${n}`, "A".repeat(400)]));
}

describe("who may not hold the keys", () => {
  const label = Buffer.from("shop/db");
  /** What RSA wraps for a key, as it comes of OAEP with any label, or of any bytes at all. */
  const wrapped = (pem: string, bytes: Buffer, oaepLabel?: Buffer) => {
    const padding = oaepLabel === undefined ? constants.RSA_NO_PADDING : constants.RSA_PKCS1_OAEP_PADDING;
    const options = oaepLabel === undefined ? {} : { oaepHash: "sha256", oaepLabel };
    return publicEncrypt({ key: createPublicKey(pem), padding, ...options }, bytes);
  };
  const envelopeOf = (wrappedKey: Buffer, body = randomBytes(40)) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(wrappedKey.length);
    return Buffer.concat([length, wrappedKey, body]).toString("base64");
  };
  const withValue = (object: KubeObject, password: string, annotations: JsonObject = {}) =>
    edited(object, { annotations }, { encryptedData: { password } });

  test("hears the same of every value that does not open, whatever the keys make of it", async () => {
    const [object, boxed] = [await sealed(), await sealed("strict", pair, "x25519")];
    const ours = pair.certificatePem;
    const other = edited(await sealed("namespace-wide"), {});
    const tried = [
      // Another label, any label, an encoding that begins with another byte than 0, and one that RSA never made.
      withValue(object, items(other).password ?? ""),
      withValue(object, envelopeOf(wrapped(ours, randomBytes(32), Buffer.from("else")))),
      withValue(object, envelopeOf(wrapped(ours, Buffer.concat([Buffer.from([1]), randomBytes(255)])))),
      withValue(object, envelopeOf(wrapped(ours, Buffer.concat([Buffer.from([0]), randomBytes(255)])))),
      withValue(object, envelopeOf(wrapped(ours, Buffer.alloc(256, 0)))),
      // Another key; the right key and label and another content, or a session key that is none.
      withValue(object, items(await sealed("strict", foreign)).password ?? ""),
      withValue(object, envelopeOf(wrapped(ours, randomBytes(32), label))),
      withValue(object, envelopeOf(wrapped(ours, randomBytes(7), label))),
      // Boxes: of another key, for another place, altered.
      withValue(object, items(await sealed("strict", foreign, "x25519")).password ?? "", { [algorithmName]: "x25519" }),
      edited(
        boxed,
        { name: "db", annotations: { [algorithmName]: "x25519", [namespaceWide]: "true" } },
        { template: {} },
      ),
      withValue(object, randomBytes(90).toString("base64"), { [algorithmName]: "x25519" }),
    ];
    expect(boxed.metadata.annotations).toHaveProperty([algorithmName], "x25519");
    const failures = await Promise.all(tried.map((each) => failureOf(each)));
    const said = failures.flatMap(({ code, problems }) =>
      problems.map(({ message, hint }) => ({
        code,
        message: message.replace("namespace shop (namespace-wide)", "shop/db (strict)"),
        hint,
      })),
    );
    expect(new Set(said.map((each) => JSON.stringify(each)))).toHaveProperty("size", 1);
    expect(said[0]?.message).toBe(
      "does not open as shop/db (strict): it is sealed with another key, for another place, or is damaged",
    );
  });

  test("hears what the record says, which is the author's own text", async () => {
    const failure = await failureOf(edited(await sealed(), { name: "other" }));
    const { id } = readCertificate(pair.certificatePem);
    expect(failure.problems[0]?.message).toBe(
      `does not open as shop/other (strict): it is sealed with another key, for another place, or is damaged; by its seal annotation it was sealed for shop/db (strict) with the key ${id}, which is here`,
    );
  });

  test("hears of no more than twenty, the first ones, after which none is tried", async () => {
    const object = await sealed();
    const { password = "" } = items(object);
    const wrong = edited(object, { annotations: {} }, { encryptedData: { ...many(60), z: password } });
    const cache = new UnsealCache();
    const fields = Array.from({ length: 20 }, (_, n) => `spec.encryptedData.i${n}`);
    const manifests = vouchAsKeyHolder([manifest(wrong), manifest(edited(object, { name: "n" }))]);
    const failure: Failure = await unsealManifests(manifests, ring, cache).catch((thrown) => thrown);
    expect(failure.problems.map(({ field }) => field)).toEqual(fields);
    expect(failure.problems).toHaveLength(20);
    const key = ring.keys.filter(
      ({ id }) => cache.find(contentId("rsa", "shop/db", password), ring.keys)?.keyId === id,
    );
    expect(key).toEqual([]);
  });
});
