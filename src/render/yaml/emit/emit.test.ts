import { describe, expect, test } from "vitest";
import { emitYaml, type YamlValue } from "../index.ts";

// The bytes come from the rules of go.yaml.in/yaml/v2; test/render/yaml holds them to kustomize's own answers.
describe("emitYaml", () => {
  test.each<[YamlValue, string]>([
    [{}, "{}\n"],
    [[], "[]\n"],
    [null, "null\n"],
    ["text", "text\n"],
    [{ b: [{ d: 1, c: [[], {}] }], a: null }, "a: null\nb:\n- c:\n  - []\n  - {}\n  d: 1\n"],
    [[[1, [2]], "a"], "- - 1\n  - - 2\n- a\n"],
    [{ a10: 1, a9: 2, "9": 3, B: 4, "a-b": 5 }, '"9": 3\nB: 4\na-b: 5\na9: 2\na10: 1\n'],
    [
      { a: 18446744073709551615n, b: -5n, c: 1e21, d: 0.00001, e: -0 },
      "a: 18446744073709551615\nb: -5\nc: 1e+21\nd: 1e-05\ne: 0\n",
    ],
    [{ a: "yes", b: "0o7", c: "1e3", d: "12:30", e: "" }, 'a: "yes"\nb: "0o7"\nc: "1e3"\nd: "12:30"\ne: ""\n'],
    [{ a: "x: y", b: " x", c: "tab\t", d: "😀" }, "a: 'x: y'\nb: ' x'\nc: \"tab\\t\"\nd: \"\\U0001F600\"\n"],
    [{ a: "one\n two\n", b: " one\n\n" }, "a: |\n  one\n   two\nb: |2+\n   one\n\n"],
    [{ [`${"k".repeat(129)}`]: [1] }, `? ${"k".repeat(129)}\n: - 1\n`],
    [{ a: `${"word ".repeat(16)}word` }, `a: ${"word ".repeat(15)}word\n  word\n`],
  ])("value %# of the table", (value, expected) => {
    expect(emitYaml(value)).toBe(expected);
  });

  test("refuses what is nested without end", () => {
    let value: YamlValue = [];
    for (let depth = 0; depth < 2000; depth++) value = [value];
    expect(() => emitYaml(value)).toThrow("nested deeper than 1000 levels");
  });
});
