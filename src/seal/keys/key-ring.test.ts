import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { sealingKeyLabel } from "../../api/sealed-secret.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { keyRing, type NewSealingKey, newSealingKey, openingKeys, privateKeyId, sealingKeySecret } from "../index.ts";

let older: NewSealingKey;
let newer: NewSealingKey;

beforeAll(async () => {
  const make = (year: number) => newSealingKey(new Date(Date.UTC(year, 0)), { bits: 2048 });
  [older, newer] = await Promise.all([make(2025), make(2026)]);
});

const secretOf = (pair: NewSealingKey) => sealingKeySecret(pair, "mooring-system");

function labelled(secret: KubeObject, value: string | undefined): KubeObject {
  const labels: Record<string, string> = value === undefined ? {} : { [sealingKeyLabel]: value };
  return { ...secret, metadata: { ...secret.metadata, labels } };
}

function withData(secret: KubeObject, data: Readonly<Record<string, string>>): KubeObject {
  return { ...secret, data: Object.fromEntries(Object.entries(data).map(([name, text]) => [name, btoa(text)])) };
}

test("a key's Secret is named and labelled as the sealed-secrets controller does", () => {
  const { metadata, type } = secretOf(newer);
  expect(metadata.name).toMatch(/^sealed-secrets-key[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  expect(metadata.labels).toEqual({ "sealedsecrets.bitnami.com/sealed-secrets-key": "active" });
  expect(type).toBe("kubernetes.io/tls");
});

test("the newest key comes first, whatever the order of the Secrets, and none twice", () => {
  const ids = [newer, older].map((pair) => privateKeyId(pair.privateKeyPem));
  expect(keyRing([secretOf(older), secretOf(newer), secretOf(older)]).keys.map((key) => key.id)).toEqual(ids);
});

test.each([["compromised"], [""], [undefined]])("a Secret whose label is %s is passed over", (value) => {
  expect(keyRing([labelled(secretOf(newer), value)])).toEqual({ keys: [], problems: [] });
});

describe("what is no key is reported, and does not spoil the others", () => {
  test.each<[string, () => Readonly<Record<string, string>>, string]>([
    ["no key", () => ({ "tls.crt": newer.certificatePem }), "is missing from the key's Secret"],
    ["no certificate", () => ({ "tls.key": newer.privateKeyPem }), "is missing from the key's Secret"],
    [
      "another key",
      () => ({ "tls.crt": newer.certificatePem, "tls.key": older.privateKeyPem }),
      "does not belong to the key",
    ],
    ["damage", () => ({ "tls.crt": newer.certificatePem, "tls.key": "-----BEGIN" }), "the private key cannot be read"],
    ["a damaged certificate", () => ({ "tls.crt": "x", "tls.key": newer.privateKeyPem }), "no certificate found"],
    ["an elliptic key", () => ({ "tls.crt": newer.certificatePem, "tls.key": elliptic() }), "sealing needs an RSA key"],
  ])("%s", (_what, data, message) => {
    const bad = withData(secretOf(newer), data());
    const { keys, problems } = keyRing([bad, secretOf(older)]);
    expect(keys).toHaveLength(1);
    expect(problems).toEqual([
      expect.objectContaining({
        object: `Secret/mooring-system/${bad.metadata.name}`,
        message: expect.stringContaining(message),
      }),
    ]);
    expect(problems[0]?.message).not.toContain("BEGIN");
  });
});

describe("private keys of files", () => {
  test.each<[string, () => string, number]>([
    ["PEM", () => newer.privateKeyPem, 1],
    ["several PEM blocks", () => newer.privateKeyPem + newer.certificatePem + older.privateKeyPem, 2],
    ["a Secret in JSON", () => JSON.stringify(secretOf(newer)), 1],
    ["a List", () => JSON.stringify({ apiVersion: "v1", kind: "List", items: [secretOf(newer), secretOf(older)] }), 2],
    [
      "JSON objects one after another",
      () => `${JSON.stringify(secretOf(newer))}\n${JSON.stringify(secretOf(older))}`,
      2,
    ],
  ])("%s", (_what, text, count) => {
    expect(openingKeys(text(), "keys")).toHaveLength(count);
  });

  test.each([
    ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "holds no private key"],
    ["apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n", "is not a backup of sealing keys"],
    ["hunter2", "is not a Kubernetes object"],
  ])("%s is refused", (text, message) => {
    expect(() => openingKeys(text, "keys.pem")).toThrow(`keys.pem`);
    expect(() => openingKeys(text, "keys.pem")).toThrow(message);
  });
});

function elliptic(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
