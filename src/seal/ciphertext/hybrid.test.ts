import { createPrivateKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { kubesealFixtures } from "../../../test/support/kubeseal-files.ts";
import { stringAt } from "../../model/json/json.ts";
import { readCertificate } from "../keys/certificate.ts";
import { openBody, readEnvelope, sealHybrid, unwrapKey } from "./hybrid.ts";
import { labelHash, wrappedLabelHash } from "./oaep.ts";

const { certificate, privateKey, files } = kubesealFixtures;
const { publicKey } = readCertificate(certificate);
const cryptoKey = createPrivateKey(privateKey).toCryptoKey({ name: "RSA-OAEP", hash: "SHA-256" }, false, ["decrypt"]);

async function open(bytes: Uint8Array, label: string): Promise<string | undefined> {
  const envelope = readEnvelope(bytes);
  const sessionKey = envelope && (await unwrapKey(envelope, cryptoKey, label));
  return envelope && sessionKey && openBody(envelope, sessionKey)?.toString();
}

const labels = { strict: "shop/db", "namespace-wide": "shop", "cluster-wide": "" };

describe("what kubeseal sealed opens with its label, and no other", () => {
  test.each(files)("$scope", async ({ scope, sealed }) => {
    const bytes = Buffer.from(stringAt(parse(sealed), "spec", "encryptedData", "password") ?? "", "base64");
    expect(await open(bytes, labels[scope])).toBe("hunter2");
    expect(await open(bytes, "other/db")).toBeUndefined();
    const wrapped = readEnvelope(bytes)?.wrappedKey ?? Buffer.alloc(0);
    expect(wrappedLabelHash(wrapped, privateKey)).toBe(labelHash(labels[scope]));
  });
});

test("two times the same value are two ciphertexts, of the length that kubeseal's have", async () => {
  const [one, two] = [1, 2].map(() => sealHybrid(publicKey, Buffer.from("hunter2"), "shop/db"));
  expect(one).not.toEqual(two);
  expect(one).toHaveLength(2 + 256 + 7 + 16);
  expect(await open(one ?? Buffer.alloc(0), "shop/db")).toBe("hunter2");
});

test("an empty value is a value", async () => {
  expect(await open(sealHybrid(publicKey, Buffer.alloc(0), "a"), "a")).toBe("");
});

describe("hostile bytes", () => {
  const sealed = sealHybrid(publicKey, Buffer.from("hunter2"), "a");
  const changed = (at: number) => {
    const copy = Buffer.from(sealed);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };

  test.each([
    ["none", Buffer.alloc(0)],
    ["one", Buffer.of(1)],
    ["a length alone", Buffer.of(1, 0)],
    ["a length of nothing", Buffer.of(0, 0)],
    ["a length beyond the end", Buffer.concat([Buffer.of(0xff, 0xff), Buffer.alloc(300)])],
    ["a tag that is cut off", sealed.subarray(0, 2 + 256 + 15)],
  ])("%s are no envelope", (_what, bytes) => {
    expect(readEnvelope(bytes)).toBeUndefined();
  });

  test("an envelope without content is one", () => {
    expect(readEnvelope(Buffer.concat([Buffer.of(0, 1), Buffer.alloc(17)]))).toEqual({
      wrappedKey: Buffer.alloc(1),
      body: Buffer.alloc(16),
    });
  });

  test.each([
    ["the wrapped key", 10],
    ["the content", 2 + 256],
    ["the tag", 2 + 256 + 7 + 15],
  ])("a bit of %s changed does not open", async (_what, at) => {
    expect(await open(changed(at), "a")).toBeUndefined();
  });

  test("a session key of another length does not open", () => {
    const envelope = readEnvelope(sealed);
    expect(envelope && openBody(envelope, Buffer.alloc(16))).toBeUndefined();
    expect(envelope && openBody(envelope, Buffer.alloc(0))).toBeUndefined();
  });

  test("the label of a wrapped key that is none is unknown", () => {
    expect(wrappedLabelHash(Buffer.alloc(256, 1), privateKey)).toBeUndefined();
    expect(wrappedLabelHash(Buffer.alloc(3), privateKey)).toBeUndefined();
  });
});
