import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../model/manifest.ts";
import { lineMask, lineMaskSteps } from "./line-mask.ts";
import { secretValues } from "./secret-values.ts";

const masked = lineMask(["hunter2-is-long", "long-overlap", "p4ss", "abc"]);

describe("a line that may quote a Secret", () => {
  test.each([
    ["starting on :8080", "starting on :8080"],
    ["password is hunter2-is-long", "password is ***"],
    ["url=postgres://shop:p4ss@db:5432/shop failed", "url=postgres://shop:***@db:5432/shop failed"],
    ["hunter2-is-long-overlap", "***"],
    ["hunter2-is-longp4ss", "***"],
    ["p4ss p4ss", "*** ***"],
    [`got ${btoa("hunter2-is-long")}`, "got ***"],
    ["abcdef is no word of it", "abcdef is no word of it"],
  ])("%s", (line, shown) => {
    expect(masked(line)).toBe(shown);
  });

  test.each([
    ["a short value as a word", "user abc refused"],
    ["within something longer in base64", `authorization: Basic ${btoa("shop:hunter2-is-long")}`],
    ["behind a slash in base64", `/v1/${btoa("x hunter2-is-long")}`],
    ["in hexadecimal", `dump ${Buffer.from("xhunter2-is-long").toString("hex")}`],
    ["percent-encoded", "https://shop:%70%34ss@db/shop"],
    ["in JSON", String.raw`{"password":"p\u0034ss"}`],
  ])("is left out where it holds %s", (_, line) => {
    expect(masked(line)).toBeUndefined();
  });

  test("an escaped value is found in a line of JSON", () => {
    const value = 'quo"te\\and\nline';
    expect(lineMask([value])(`msg=${JSON.stringify({ value })}`)).toBeUndefined();
    expect(lineMask(["a b&c/d"])(`?q=${encodeURIComponent("a b&c/d")}`)).toBeUndefined();
  });

  test("never shows a value of four characters or more, whatever is around it", () => {
    const word = fc.string({ minLength: 4, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.string(), fc.string(), (values, before, after) => {
        for (const value of values) {
          for (const form of [value, btoa(encodeURIComponent(value)), Buffer.from(value).toString("base64")]) {
            const shown = lineMask(values)(before + form + after) ?? "";
            if (!value.includes("*")) expect(shown).not.toContain(value);
          }
        }
      }),
    );
  });
});

describe("what takes too much work is left out", () => {
  const alike = Array.from({ length: 30_000 }, (_, index) => `${"x".repeat(40)}${index}`);

  test("with many values, none: each place of a line is looked up once", () => {
    const mask = lineMask(Array.from({ length: 30_000 }, (_, index) => `${index}-is-a-value`));
    const lines = Array.from({ length: 200 }, (_, index) => `GET /things/${index} value=${btoa(`thing ${index}`)}`);
    expect(lines.map(mask)).toEqual(lines);
    expect(mask("sent 29999-is-a-value")).toBe("sent ***");
  });

  test("lines that begin like many values over and over, and those after them", () => {
    const mask = lineMask(alike);
    expect(mask("a line before")).toBe("a line before");
    expect(mask("x".repeat(8_000))).toBeUndefined();
    expect(mask("a line after xxxx")).toBeUndefined();
  });

  test("lines that nobody reads to their end", () => {
    const mask = lineMask(["hunter2-is-long"]);
    expect(mask("-".repeat(16_384))).toBe("-".repeat(16_384));
    expect(mask("-".repeat(16_385))).toBeUndefined();
  });

  test("all lines where the values have more than four million characters", () => {
    expect(lineMask(["v".repeat(4_194_304)])("a line")).toBe("a line");
    expect(lineMask(["v".repeat(4_194_304), "w"])("a line")).toBeUndefined();
  });

  test("a mask is made in steps, one for each value", () => {
    expect([...lineMaskSteps(alike)]).toHaveLength(alike.length);
  });
});

describe("the values of an object", () => {
  const object = (kind: string, parts: object): KubeObject => ({
    apiVersion: "v1",
    kind,
    metadata: { name: "db" },
    ...parts,
  });

  test("of a Secret: plain, as they stand, and in their parts", () => {
    const url = "postgres://shop:hunter2@db/shop";
    const file = 'user: shop\npassword: "swordfish"\n';
    const data = { file: btoa(file), url: btoa(url) };
    const values = secretValues({ object: object("Secret", { data, stringData: { pin: "1234" } }), sensitive: false });
    expect(values).toEqual(
      expect.arrayContaining([btoa(file), file.trim(), "swordfish", "user: shop", url, "hunter2", btoa(url), "1234"]),
    );
    expect(values).not.toContain("shop");
  });

  test("of another object only where it is sensitive, and not what names it", () => {
    const map = object("ConfigMap", { data: { key: "opened", port: 8080 } });
    expect(secretValues({ object: map, sensitive: false })).toEqual([]);
    const values = secretValues({ object: map, sensitive: true });
    expect(values).toEqual(expect.arrayContaining(["opened", "8080"]));
    expect(values).not.toContain("db");
  });
});
