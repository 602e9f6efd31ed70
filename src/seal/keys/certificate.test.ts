import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { kubesealFixtures } from "../../../test/support/kubeseal-files.ts";
import { certificateBundle, opensAll } from "../ciphertext/bundle.ts";
import { readCertificate, readCertificates, usableCertificate } from "./certificate.ts";
import { sealingKey } from "./key-ring.ts";
import { openingKeys } from "./opening-keys.ts";

const { certificate, privateKey } = kubesealFixtures;
const key = sealingKey(certificate, privateKey);
const box = generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "pem" }).toString();
const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .publicKey.export({ type: "spki", format: "pem" })
  .toString();

describe("a certificate", () => {
  test("belongs to the key that has its fingerprint", () => {
    const read = readCertificate(certificate);
    expect(read.id).toBe(openingKeys(privateKey, "key.pem")[0]?.id);
    expect(read.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(read.boxKey).toBeUndefined();
  });

  test.each([
    ["text before it", `Bag Attributes\n${certificate}`],
    ["a private key before it", `${privateKey}${certificate}`],
    ["CRLF", certificate.replaceAll("\n", "\r\n")],
    ["a public key of another kind behind it", `${certificate}${elliptic}`],
  ])("is found with %s", (_what, pem) => {
    expect(readCertificate(pem)).toMatchObject({ id: key.id });
    expect(readCertificate(pem).boxKey).toBeUndefined();
  });

  test("has the X25519 key that stands beside it, before or behind", () => {
    expect(readCertificate(`${certificate}${box}`).boxKey).toHaveLength(32);
    expect(readCertificate(`${box}${certificate}`).boxKey).toHaveLength(32);
  });

  test.each([
    ["nothing", "", "no certificate found"],
    ["a private key", privateKey, "no certificate found"],
    ["no end", certificate.replace("-----END CERTIFICATE-----", ""), "no certificate found"],
    [
      "damaged content",
      certificate.replace(/\n.{10}/, "\nAAAAAAAAAA"),
      "the certificate cannot be read: its content is damaged",
    ],
    [
      "a damaged key beside it",
      `${certificate}${box.replace(/\n.{10}/, "\nAAAAAAAAAA")}`,
      "the X25519 key beside the certificate cannot be read",
    ],
  ])("is refused: %s", (_what, pem, message) => {
    expect(() => readCertificate(pem)).toThrow(message);
  });

  test("several are read in order, none is none", () => {
    expect(readCertificates(certificate + certificate).map(({ id }) => id)).toEqual([key.id, key.id]);
    expect(readCertificates("")).toEqual([]);
  });

  test("that expired is refused for sealing, at its last second it is not", () => {
    const { notAfter } = readCertificate(certificate);
    expect(usableCertificate(certificate, notAfter).id).toBe(key.id);
    const later = new Date(notAfter.getTime() + 1000);
    expect(() => usableCertificate(certificate, later)).toThrow(
      `the certificate expired on ${notAfter.toISOString().slice(0, 10)} (fetch the newest one with \`mooring cert\`)`,
    );
  });
});

describe("a bundle is a certificate and the X25519 key that belongs to it", () => {
  test("and opens all that is sealed with it", async () => {
    const bundle = await certificateBundle(key);
    expect(bundle.startsWith(certificate.trimEnd())).toBe(true);
    const read = readCertificate(bundle);
    expect(await opensAll({ keys: [key] }, read)).toBe(true);
    expect(await opensAll({ keys: [key] }, readCertificate(certificate))).toBe(true);
    expect(await opensAll({ keys: [] }, read)).toBe(false);
    expect(await opensAll({ keys: [key] }, readCertificate(certificate + box))).toBe(false);
  });

  test("the same every time", async () => {
    expect(await certificateBundle(key)).toBe(await certificateBundle(sealingKey(certificate, privateKey)));
  });
});
