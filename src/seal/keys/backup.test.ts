import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../model/manifest.ts";
import { decryptBackup, encryptBackup } from "./backup.ts";

const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);

const secret: KubeObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: {
    name: "sealed-secrets-key1",
    namespace: "mooring-system",
    uid: "1",
    resourceVersion: "2",
    labels: { "sealedsecrets.bitnami.com/sealed-secrets-key": "compromised", other: "x" },
    annotations: { a: "b" },
  },
  type: "kubernetes.io/tls",
  data: { "tls.crt": "Yw==", "tls.key": "aw==" },
};

test("keys come back as they were, without what only their cluster knows", async () => {
  const text = await encryptBackup([secret, secret], { recipients: [recipient] });
  expect(text).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
  const { uid, resourceVersion, annotations, ...metadata } = secret.metadata;
  const labels = { "sealedsecrets.bitnami.com/sealed-secrets-key": "compromised" };
  const expected = { ...secret, metadata: { ...metadata, labels } };
  expect(await decryptBackup(text, { identities: [identity] }, "keys.age")).toEqual([expected, expected]);
  expect([uid, resourceVersion, annotations]).toEqual(["1", "2", { a: "b" }]);
});

test("a key without the label is active", async () => {
  const bare: KubeObject = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "k" },
    type: "kubernetes.io/tls",
    data: {},
  };
  const text = await encryptBackup([bare], { recipients: [recipient] });
  const [back] = await decryptBackup(text, { identities: [identity] }, "keys.age");
  expect(back?.metadata).toEqual({ name: "k", labels: { "sealedsecrets.bitnami.com/sealed-secrets-key": "active" } });
});

test("any of several recipients opens it", async () => {
  const other = await generateX25519Identity();
  const text = await encryptBackup([secret], { recipients: [recipient, await identityToRecipient(other)] });
  expect(await decryptBackup(text, { identities: [other] }, "f")).toHaveLength(1);
  expect(await decryptBackup(text, { identities: [other, identity] }, "f")).toHaveLength(1);
});

describe("a backup that does not open says so, with the file and without a word of it", () => {
  test("of another key, damaged, or none at all", async () => {
    const text = await encryptBackup([secret], { recipients: [recipient] });
    const other = await generateX25519Identity();
    const tries = [
      () => decryptBackup(text, { identities: [other] }, "f"),
      () => decryptBackup(text, { identities: [] }, "f"),
      () => decryptBackup(text, { passphrase: "x" }, "f"),
      () => decryptBackup(text.replace(/\n[^\n]{6}/g, "\nAAAAAA"), { identities: [identity] }, "f"),
      () => decryptBackup("kind: List", { identities: [identity] }, "f"),
      () => decryptBackup("", { identities: [identity] }, "f"),
      () => decryptBackup(text, { identities: ["not a key"] }, "f"),
    ];
    for (const attempt of tries) {
      await expect(attempt()).rejects.toMatchObject({
        code: "UnsealFailed",
        message: "f: does not open: it is not a backup, is damaged, or was made for another key or passphrase",
      });
    }
  });

  test("what is no recipient is refused by name", async () => {
    await expect(encryptBackup([secret], { recipients: [recipient, "bob"] })).rejects.toMatchObject({
      code: "UsageInvalid",
      message: '"bob" is not an age recipient (it begins with age1)',
    });
  });
});
