import { createCipheriv } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Comment, Timestamp } from "../tree.ts";
import { contextOf, decryptValue, looksEncrypted } from "./value.ts";

const key = Buffer.alloc(32, 7);
const context = "a:b:";

/** A value as `aes/cipher.go` of getsops/sops writes it, with a nonce of 32 bytes. */
function sealed(value: string | Buffer, type: string, boundTo = context, nonce = Buffer.alloc(32, 1)): string {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(boundTo));
  const data = Buffer.concat([cipher.update(value), cipher.final()]);
  const parts = [data, nonce, cipher.getAuthTag()].map((part) => part.toString("base64"));
  return `ENC[AES256_GCM,data:${parts[0]},iv:${parts[1]},tag:${parts[2]},type:${type}]`;
}

describe("a value has the type that is written beside it", () => {
  test.each([
    ["str", "x", "x"],
    ["str", "ü🙂", "ü🙂"],
    ["bytes", "x", "x"],
    ["str", Buffer.from([0xff, 0x00]), Buffer.from([0xff, 0x00])],
    ["int", "5", 5n],
    ["int", "-9223372036854775808", -(2n ** 63n)],
    ["int", "+5", 5n],
    ["float", "1.5", 1.5],
    ["float", "1e3", 1000],
    ["float", "-Inf", Number.NEGATIVE_INFINITY],
    ["float", "+Inf", Number.POSITIVE_INFINITY],
    ["float", "NaN", Number.NaN],
    ["bool", "True", true],
    ["bool", "False", false],
    ["bool", "true", true],
    ["bool", "0", false],
    ["time", "2020-01-01T00:00:00Z", new Timestamp("2020-01-01T00:00:00Z")],
    ["time", "2020-01-01T00:00:00.5+01:00", new Timestamp("2020-01-01T00:00:00.5+01:00")],
    ["comment", " note", new Comment(" note", false)],
  ])("%s %j", (type, value, expected) => {
    expect(decryptValue(sealed(value, type), { key, context })).toEqual(expected);
  });

  test.each([
    ["int", "1.5"],
    ["int", "9223372036854775808"],
    ["int", "99999999999999999999"],
    ["int", "0x10"],
    ["int", ""],
    ["float", "1,5"],
    ["float", "Infinity"],
    ["float", ""],
    ["bool", "yes"],
    ["bool", "constructor"],
    ["time", "yesterday"],
    ["time", "2020-01-01"],
    ["list", "x"],
    ["", "x"],
  ])("%s %j is none", (type, value) => {
    expect(decryptValue(sealed(value, type), { key, context })).toBeUndefined();
  });
});

test("an empty string is never encrypted", () => {
  expect(decryptValue("", { key, context })).toBe("");
});

test("bytes are characters in files of lines", () => {
  const bytes = Buffer.from([0xff, 0x41]);
  expect(decryptValue(sealed(bytes, "str"), { key, context, encoding: "latin1" })).toBe("\xffA");
});

test("a nonce of another length is taken, as sops has used 12 bytes too", () => {
  expect(decryptValue(sealed("x", "str", context, Buffer.alloc(12, 3)), { key, context })).toBe("x");
});

describe("a value that is not as it was encrypted does not open", () => {
  const good = sealed("hello", "str");
  const flipped = (part: string) =>
    good.replace(new RegExp(`${part}:(.)`), (_all, first) => `${part}:${first === "A" ? "B" : "A"}`);

  test.each([
    ["other data", flipped("data")],
    ["another nonce", flipped("iv")],
    ["another tag", flipped("tag")],
    ["a short tag", good.replace(/tag:[^,]+/, "tag:AAAA")],
    ["data that is not base64", good.replace(/data:[^,]+/, "data:***")],
    ["an empty nonce", good.replace(/iv:[^,]+/, "iv:=")],
    ["no form at all", "hello"],
    ["another algorithm", good.replace("AES256_GCM", "AES128_GCM")],
    ["a part left out", good.replace(/,tag:[^,]+/, "")],
    ["another order", good.replace(/(data:[^,]+),(iv:[^,]+)/, "$2,$1")],
    ["text before it", `x${good}`],
  ])("%s", (_what, text) => {
    expect(decryptValue(text, { key, context })).toBeUndefined();
  });

  test("another place, and another key", () => {
    expect(decryptValue(good, { key, context: "a:c:" })).toBeUndefined();
    expect(decryptValue(good, { key: Buffer.alloc(32, 8), context })).toBeUndefined();
    expect(decryptValue(good, { key, context })).toBe("hello");
  });
});

test.each([
  [["a"], "a:"],
  [["a", "b"], "a:b:"],
  [[], ":"],
  [["a:b"], "a:b:"],
])("%j is the context %s", (path, expected) => {
  expect(contextOf(path)).toBe(expected);
});

test.each([
  [sealed("x", "str"), true],
  [`${sealed("x", "str")} and more`, true],
  ["ENC[AES256_GCM,data:a,iv:b,tag:c,type:d]", true],
  ["ENC[AES256_GCM,data:,iv:b,tag:c,type:d]", false],
  ["ENC[AES256_GCM,data:a,iv:b,tag:c]", false],
  ["ENC[PKCS7,x]", false],
  [" ENC[AES256_GCM,data:a,iv:b,tag:c,type:d]", false],
  ["ENC[AES256_GCM,data:a\nb,iv:b,tag:c,type:d]", false],
  ["", false],
])("%s looks encrypted: %s", (text, expected) => {
  expect(looksEncrypted(text)).toBe(expected);
});
