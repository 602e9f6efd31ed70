import { generateKeyPairSync, type KeyObject } from "node:crypto";
import sodium from "libsodium-wrappers";
import { beforeAll, expect, test } from "vitest";
import { type BoxKey, boxKeyOf, boxKeyPem, openBox, sealBox } from "./sealed-box.ts";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
let key: BoxKey;

beforeAll(async () => {
  await sodium.ready;
  key = await boxKeyOf(pemOf(privateKey));
});

const pemOf = (rsa: KeyObject, type: "pkcs1" | "pkcs8" = "pkcs1") => rsa.export({ type, format: "pem" }).toString();

/** 1, the label's length in two bytes, the label, the value: as docs/secrets.md has it. */
const layouts: readonly (readonly [label: string, value: string, plaintext: string])[] = [
  ["shop/db", "hunter2", "\x01\x00\x07shop/dbhunter2"],
  ["shop", "", "\x01\x00\x04shop"],
  ["", "x", "\x01\x00\x00x"],
];

test.each(layouts)("a value for '%s' is a box that libsodium opens", async (label, value, plaintext) => {
  const box = await sealBox(key.publicKey, Buffer.from(value), label);
  expect(Buffer.from(sodium.crypto_box_seal_open(box, key.publicKey, key.privateKey)).toString()).toBe(plaintext);
  expect(box.length).toBe(48 + plaintext.length);
});

test.each(layouts)("a box that libsodium made for '%s' opens", async (label, value, plaintext) => {
  const box = sodium.crypto_box_seal(Buffer.from(plaintext), key.publicKey);
  expect(await openBox(box, key)).toEqual({ label, value: Buffer.from(value) });
});

test.each(["", "\x01", "\x01\x00\x07shop", "\x02\x00\x00x"])(
  "a box of another layout (%j) does not open",
  async (plaintext) => {
    expect(await openBox(sodium.crypto_box_seal(Buffer.from(plaintext), key.publicKey), key)).toBeUndefined();
  },
);

test("a box for another key does not open", async () => {
  const box = await sealBox(key.publicKey, Buffer.from("x"), "");
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  expect(await openBox(box, await boxKeyOf(pemOf(other)))).toBeUndefined();
});

test("the key is the same however the RSA key is written down", async () => {
  expect(await boxKeyOf(pemOf(privateKey, "pkcs8"))).toEqual(key);
});

test("the public key is the one that OpenSSL reads", () => {
  // RFC 8410: MCowBQYDK2VuAyEA is the DER in front of the 32 bytes of an X25519 key, in base64.
  expect(boxKeyPem(Buffer.alloc(32, 0x41))).toBe(
    `-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEA${Buffer.alloc(32, 0x41).toString("base64")}\n-----END PUBLIC KEY-----\n`,
  );
});
