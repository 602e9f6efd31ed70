import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  certificateBundle,
  changeItems,
  type NewSealingKey,
  newSealingKey,
  type OpeningKeys,
  openingKeys,
  readCertificate,
  resealDocument,
  type SealingCertificate,
  sealedDocuments,
  sealingKey,
  sealValue,
  sealValues,
  unsealObject,
} from "../index.ts";

let older: NewSealingKey;
let newer: NewSealingKey;
let keys: OpeningKeys;
let text: string;
let oldCertificate: SealingCertificate;
let newCertificate: SealingCertificate;

const empty = `# Two tiers share this.
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db # the database
  namespace: shop
spec:
  encryptedData:
    # set by hand
`;

beforeAll(async () => {
  const make = (year: number) => newSealingKey(new Date(Date.UTC(year, 0)), { bits: 2048 });
  [older, newer] = await Promise.all([make(2025), make(2026)]);
  keys = { keys: openingKeys(older.privateKeyPem + newer.privateKeyPem, "keys.pem") };
  const bundle = (key: NewSealingKey) => certificateBundle(sealingKey(key.certificatePem, key.privateKeyPem));
  oldCertificate = readCertificate(await bundle(older));
  newCertificate = readCertificate(await bundle(newer));
  const unrecorded = await sealValue(Buffer.from("from kubeseal"), "shop/db", oldCertificate, "rsa");
  const current = await sealValue(Buffer.from("fresh"), "shop/db", newCertificate, "rsa");
  const start = `${empty}    raw: ${unrecorded.text} # pasted\n    fresh: ${current.text}\n`;
  const set = await sealValues(new Map([["password", Buffer.from("hunter2")]]), {
    label: "shop/db",
    certificate: oldCertificate,
    algorithm: "rsa",
  });
  text = changeItems(start, theDocument(start), { set });
});

function theDocument(source: string) {
  const [document] = sealedDocuments(source, "db.yaml");
  return document ?? expect.unreachable("no SealedSecret in the text");
}

const reseal = (source: string, algorithm?: "rsa" | "x25519") =>
  resealDocument(source, theDocument(source), {
    keys,
    certificate: newCertificate,
    ...(algorithm === undefined ? {} : { algorithm }),
  });

/** A text with the sealed values and the record blanked: what must never change. */
const rest = (source: string) =>
  source.replace(/^( *(?:raw|password): )\S+/gm, "$1").replace(/^( *mooring.dev.sealed: ).*/m, "$1");

const plain = async (source: string, from = keys) => (await unsealObject(parse(source), from)).data;

test("only stale values change, and every other byte stays", async () => {
  const resealed = await reseal(text);
  expect([...resealed.items].sort()).toEqual(["password", "raw"]);
  expect(rest(resealed.text)).toBe(rest(text));
  const onlyNew = { keys: openingKeys(newer.privateKeyPem, "new.pem") };
  expect(await plain(resealed.text, onlyNew)).toEqual(await plain(text));
});

test("a second time nothing changes, and no key is needed", async () => {
  const once = await reseal(text);
  const twice = await reseal(once.text);
  expect(twice).toEqual({ text: once.text, items: [] });
});

test("to x25519 and back", async () => {
  const boxed = await reseal(text, "x25519");
  expect([...boxed.items].sort()).toEqual(["fresh", "password", "raw"]);
  expect(boxed.text).toContain("mooring.dev/algorithm: x25519");
  expect(await plain(boxed.text)).toEqual(await plain(text));
  const back = await reseal(boxed.text, "rsa");
  expect(back.text).not.toContain("mooring.dev/algorithm");
  expect(await plain(back.text)).toEqual(await plain(text));
});

describe("a value that does not open stops the whole", () => {
  test("named, with file and line", async () => {
    const damaged = text.replace(/^( *raw: )\S+/m, "$1AgAA");
    const how = { keys, certificate: newCertificate, file: "db.yaml" };
    await expect(resealDocument(damaged, theDocument(damaged), how)).rejects.toMatchObject({
      problems: [{ file: "db.yaml", field: "spec.encryptedData.raw", message: "is too short to be a sealed value" }],
    });
  });

  test("also where the template asks for a wider scope (CVE-2026-22728)", async () => {
    const widened = `${text}  template:\n    metadata:\n      annotations:\n        sealedsecrets.bitnami.com/cluster-wide: "true"\n`;
    await expect(reseal(widened)).rejects.toThrow("request the scope cluster-wide");
  });
});

describe("x25519", () => {
  test("is bound to its label, and says what it was sealed for", async () => {
    const boxed = (await reseal(text, "x25519")).text.replace("namespace: shop", "namespace: prod");
    await expect(plain(boxed)).rejects.toThrow("is sealed for shop/db (strict), but this object is prod/db (strict)");
  });

  test("is small", async () => {
    const [rsa, box] = await Promise.all(
      (["rsa", "x25519"] as const).map((algorithm) =>
        sealValue(Buffer.from("hunter2"), "shop/db", newCertificate, algorithm),
      ),
    );
    expect(rsa?.text.length).toBeGreaterThan(4 * (box?.text.length ?? 0));
  });

  test("needs the key beside the certificate", async () => {
    const bare = readCertificate(newer.certificatePem);
    await expect(sealValue(Buffer.from("x"), "", bare, "x25519")).rejects.toThrow("no X25519 key beside it");
  });

  test("is refused where the key beside the certificate is damaged, and passes over a key of another kind", () => {
    const block = (text: string) => `-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----\n`;
    const damaged = `${newer.certificatePem}\n${block("bm8ga2V5")}`;
    expect(() => readCertificate(damaged)).toThrow("the X25519 key beside the certificate cannot be read");
    const { publicKey } = generateKeyPairSync("ed25519");
    const other = `${newer.certificatePem}\n${publicKey.export({ type: "spki", format: "pem" })}`;
    expect(readCertificate(other)).not.toHaveProperty("boxKey");
  });
});
