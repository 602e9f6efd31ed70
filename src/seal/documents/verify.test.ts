import { beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import {
  type Expected,
  type NewSealingKey,
  newSealingKey,
  readCertificate,
  sealedDocuments,
  sealSecret,
  verifyDocument,
} from "../index.ts";

let current: NewSealingKey;
let older: NewSealingKey;
let foreign: NewSealingKey;
let expected: Expected;

beforeAll(async () => {
  const make = () => newSealingKey(new Date("2026-01-01T00:00:00Z"), { bits: 2048 });
  [current, older, foreign] = await Promise.all([make(), make(), make()]);
  expected = {
    certificates: [current, older].map((key) => readCertificate(key.certificatePem)),
    source: "seal.pem",
    others: new Map([[readCertificate(foreign.certificatePem).id, "overlays/staging/seal.pem"]]),
  };
});

async function sealedText(by: NewSealingKey = current, scope: "strict" | "namespace-wide" | "cluster-wide" = "strict") {
  const metadata = { name: "db", namespace: "shop" };
  const secret = { apiVersion: "v1", kind: "Secret", metadata, stringData: { password: "hunter2", user: "admin" } };
  return stringify(await sealSecret(secret, readCertificate(by.certificatePem), { scope }), { lineWidth: 0 });
}

function verified(text: string, against = expected) {
  return sealedDocuments(text, "db.yaml").flatMap((document) => verifyDocument(document, "db.yaml", against));
}

const messages = (text: string) => verified(text).map(({ severity, problem }) => `${severity}: ${problem.message}`);
const itemOf = (text: string, name: string) => new RegExp(`^ *${name}: (.+)$`, "m").exec(text)?.[1] ?? "";

test("what is as it was sealed gives no finding", async () => {
  expect(verified(await sealedText())).toEqual([]);
});

test.each<[string, (text: string) => string, string]>([
  [
    "wrong namespace",
    (text) => text.replaceAll("namespace: shop", "namespace: prod"),
    "is in the wrong namespace: it was sealed for shop/db (strict), but the object is prod/db (strict)",
  ],
  [
    "renamed",
    (text) => text.replaceAll("name: db", "name: cache"),
    "was renamed: it was sealed for shop/db (strict), but the object is shop/cache (strict)",
  ],
  [
    "other scope",
    (text) => text.replace("annotations:", 'annotations:\n    sealedsecrets.bitnami.com/cluster-wide: "true"'),
    "does not fit the scope: it was sealed for shop/db (strict), but the object is any namespace (cluster-wide)",
  ],
])("%s", async (_what, edit, message) => {
  expect(messages(edit(await sealedText()))).toEqual([`error: ${message}`, `error: ${message}`]);
});

test.each<[string, (value: string) => string, string]>([
  ["not base64", (value) => `${value}*`, "error: is not base64"],
  ["cut off in the wrapped key", (value) => value.slice(0, 80), "error: is cut off: too short to be a sealed value"],
  ["cut off in the value", (value) => value.slice(0, -8), "error: was cut off or altered after it was sealed"],
  ["altered", (value) => value.replace(/.{8}$/, "AAAAAAA="), "error: was cut off or altered after it was sealed"],
])("%s", async (_what, damage, message) => {
  const text = await sealedText();
  const value = itemOf(text, "password");
  const [finding] = verified(text.replace(value, damage(value)));
  expect(`${finding?.severity}: ${finding?.problem.message}`).toBe(message);
  expect(finding?.problem).toMatchObject({
    file: "db.yaml",
    line: text.slice(0, text.indexOf(value)).split("\n").length,
    object: "SealedSecret/shop/db",
    field: "spec.encryptedData.password",
  });
});

test("swapped", async () => {
  const text = await sealedText();
  const [password, user] = [itemOf(text, "password"), itemOf(text, "user")];
  const swapped = text.replace(password, "<first>").replace(user, password).replace("<first>", user);
  expect(messages(swapped)).toEqual([
    "error: holds the value that was sealed as user",
    "error: holds the value that was sealed as password",
  ]);
});

test("sealed with a stale certificate, and with a foreign one", async () => {
  expect(messages(await sealedText(older))[0]).toBe(
    "error: is sealed with a stale certificate: seal.pem has a newer one",
  );
  const foreignText = await sealedText(foreign);
  expect(messages(foreignText)[0]).toBe(
    "error: is sealed with a foreign certificate: that of overlays/staging/seal.pem, not of seal.pem",
  );
  expect(verified(foreignText, { ...expected, others: new Map() })[0]?.problem.message).toContain(
    readCertificate(foreign.certificatePem).id,
  );
});

test("without any certificate only what is about the object is checked", async () => {
  expect(verified(await sealedText(foreign), { certificates: [], source: "", others: new Map() })).toEqual([]);
});

test("an item of unknown origin is a warning, never silence", async () => {
  const text = await sealedText();
  const pasted = itemOf(await sealedText(), "password");
  expect(messages(text.replace(itemOf(text, "password"), pasted))).toEqual([
    expect.stringMatching(/^warning: is of unknown origin/),
  ]);
  const withoutRecord = text.replace(/^ *mooring.dev.sealed:.*\n/m, "");
  expect(messages(withoutRecord)).toHaveLength(2);
});

test("other objects and other files are passed over", () => {
  expect(verified("kind: ConfigMap\n---\nSealedSecret: [\n")).toEqual([]);
});
