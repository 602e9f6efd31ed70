import { describe, expect, test } from "vitest";
import { secretKeys, secretName, secretText } from "./secret-texts.ts";

const encoded = (bytes: string | Uint8Array) => Buffer.from(bytes).toString("base64");
const secret = (members: object) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "git-auth", namespace: "shop" },
  ...members,
});

describe("a value of a Secret", () => {
  test.each([
    ["in base64", { data: { a: encoded("text") } }, "text"],
    ["with other characters than ASCII", { data: { a: encoded("Schlüssel 鍵") } }, "Schlüssel 鍵"],
    ["that is empty", { data: { a: "" } }, ""],
    ["as people write it", { stringData: { a: "text" } }, "text"],
    ["in both: what the API server would take", { data: { a: encoded("one") }, stringData: { b: "two" } }, "one"],
    ["that is not there", { data: { b: encoded("text") } }, undefined],
    ["of a Secret without any", {}, undefined],
    ["that is no text", { data: { a: 1 } }, undefined],
    ["by a name that objects have anyway", { data: {} }, undefined],
  ])("%s", (_, members, text) => {
    expect(secretText(secret(members), "a")).toBe(text);
  });

  test("is looked up among its own keys", () => {
    for (const key of ["constructor", "__proto__", "toString"])
      expect(secretText(secret({ data: {} }), key)).toBe(undefined);
  });

  test("that is not UTF-8 is named, and not shown", () => {
    expect(() => secretText(secret({ data: { a: encoded(Uint8Array.of(0xc3, 0x28)) } }), "a")).toThrow(
      "Secret/shop/git-auth: data.a: is not text in UTF-8",
    );
  });

  test.each(["identity", "password", "known_hosts"])("has a limit: %s", (key) => {
    const longest = "x".repeat(64 * 1024);
    expect(secretText(secret({ stringData: { [key]: longest } }), key)).toBe(longest);
    expect(() => secretText(secret({ stringData: { [key]: `${longest}x` } }), key)).toThrow(
      `Secret/shop/git-auth: data.${key}: has more than 65536 characters`,
    );
  });

  test.each(["ca.crt", "caFile"])("may be a long bundle of certificates: %s", (key) => {
    const bundle = "x".repeat(300 * 1024);
    expect(secretText(secret({ data: { [key]: encoded(bundle) } }), key)).toBe(bundle);
  });
});

test("the keys of a Secret are those of both maps, each once, sorted", () => {
  expect(secretKeys(secret({ data: { b: "", a: "" }, stringData: { c: "", a: "" } }))).toEqual(["a", "b", "c"]);
  expect(secretKeys(secret({}))).toEqual([]);
});

test("a Secret is named with its namespace, where it has one", () => {
  expect(secretName(secret({}))).toBe("Secret/shop/git-auth");
  expect(secretName({ apiVersion: "v1", kind: "Secret", metadata: { name: "a" } })).toBe("Secret/a");
});
