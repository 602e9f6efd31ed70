import { describe, expect, test } from "vitest";
import { readYaml } from "./read.ts";
import { writeYaml } from "./write.ts";

/** What `sops --decrypt` of sops 3.13.3 gives for a file that it encrypted. */
const rows: readonly (readonly [text: string, written: string])[] = [
  ["a: b\n", "a: b\n"],
  ["a: 1\n", "a: 1\n"],
  ["a: 1.50\n", "a: 1.5\n"],
  ["a: 0x1F\n", "a: 31\n"],
  ["a: 0o17\n", "a: 15\n"],
  ["a: 017\n", "a: 15\n"],
  ["a: 1_000\n", "a: 1000\n"],
  ["a: 1e3\n", "a: 1000\n"],
  ["a: .5\n", "a: 0.5\n"],
  ["a: yes\n", 'a: "yes"\n'],
  ['a: "yes"\n', 'a: "yes"\n'],
  ["a: true\n", "a: true\n"],
  ["a: True\n", "a: true\n"],
  ["a: ~\n", "a: null\n"],
  ["a: null\n", "a: null\n"],
  ["a:\n", "a: null\n"],
  ['a: ""\n', 'a: ""\n'],
  ["a: '1'\n", 'a: "1"\n'],
  ["a: 12:30:45\n", 'a: "12:30:45"\n'],
  ["a: 2020-01-01\n", "a: 2020-01-01T00:00:00Z\n"],
  ["a: 2001-12-14T21:59:43.10-05:00\n", "a: 2001-12-14T21:59:43.1-05:00\n"],
  ["a: .inf\n", "a: .inf\n"],
  ["a: .nan\n", "a: .nan\n"],
  ["a: -.inf\n", "a: -.inf\n"],
  ["a: 1e400\n", "a: 1e400\n"],
  ['a: "x\\ny"\n', "a: |-\n    x\n    y\n"],
  ["a: |\n  x\n  y\n", "a: |\n    x\n    y\n"],
  ["a: |-\n  x\n  y\n", "a: |-\n    x\n    y\n"],
  ["a: |+\n  x\n\n", "a: |+\n    x\n\n"],
  ["a: >\n  x\n  y\n", "a: |\n    x y\n"],
  ['a: " x"\n', "a: ' x'\n"],
  ['a: "x "\n', "a: 'x '\n"],
  ['a: "a: b"\n', "a: 'a: b'\n"],
  ['a: "a #b"\n', "a: 'a #b'\n"],
  ['a: "#b"\n', "a: '#b'\n"],
  ["a: '- b'\n", "a: '- b'\n"],
  ['a: "-b"\n', "a: -b\n"],
  ["a: '*b'\n", "a: '*b'\n"],
  ["a: '&b'\n", "a: '&b'\n"],
  ["a: '!b'\n", "a: '!b'\n"],
  ["a: '%b'\n", "a: '%b'\n"],
  ["a: '@b'\n", "a: '@b'\n"],
  ['a: "\\u00e9\\t"\n', 'a: "é\\t"\n'],
  ['a: "\\x00"\n', 'a: "\\0"\n'],
  ["a: '{b'\n", "a: '{b'\n"],
  ["a: b,c\n", "a: b,c\n"],
  ["a: [b, c]\n", "a:\n    - b\n    - c\n"],
  ["a: {b: c}\n", "a:\n    b: c\n"],
  ["a: []\n", "a: []\n"],
  ["a: {}\n", "a: {}\n"],
  ["a:\n  - b\n  - c: d\n    e: f\n", "a:\n    - b\n    - c: d\n      e: f\n"],
  ["a:\n- b\n", "a:\n    - b\n"],
  ['"1": b\n', '"1": b\n'],
  ["? a\n: b\n", "a: b\n"],
  ["a: !!str 1\n", 'a: "1"\n'],
  ["<<: {a: b}\n", "!!merge <<:\n    a: b\n"],
  ["a: b\n---\nc: d\n", "a: b\n---\nc: d\n"],
  ["---\na: b\n", "a: b\n"],
  ["a: b\n...\n", "a: b\n"],
  ["a: 'it''s'\n", "a: it's\n"],
  ["a: it's\n", "a: it's\n"],
  ['a: "it\'s \\"q\\""\n', 'a: it\'s "q"\n'],
  ["a: =\n", "a: =\n"],
  ["a: y\n", 'a: "y"\n'],
  ["a: n\n", 'a: "n"\n'],
  ["a: on\n", 'a: "on"\n'],
  ["a: 08\n", "a: 8\n"],
  ["a: +1\n", "a: 1\n"],
  ["a: -1\n", "a: -1\n"],
  ["a: 1.\n", "a: 1\n"],
  ["a: 123456789012345678901\n", "a: 1.2345678901234568e+20\n"],
  ["a: 1000000.0\n", "a: 1e+06\n"],
  ["a: 100000.0\n", "a: 100000\n"],
  ["a: 0.0001\n", "a: 0.0001\n"],
  ["a: 0.00001\n", "a: 1e-05\n"],
  ["a: 🙂\n", 'a: "\\U0001F642"\n'],
  ['a: "\\u2028"\n', "a: ' '\n"],
  ["a: x  y\n", "a: x  y\n"],
  ["# c\na: b\n", "# c\na: b\n"],
  ["a:\n  # c\n  b: c\n", "a:\n    # c\n    b: c\n"],
  ["a: b\n# foot\n", "a: b\n# foot\n"],
  ['a: "2020-01-01"\n', 'a: "2020-01-01"\n'],
  ['a: "0x1F"\n', 'a: "0x1F"\n'],
  ['a: "null"\n', 'a: "null"\n'],
  ['a: "1e3"\n', 'a: "1e3"\n'],
  ["a: '?'\n", "a: '?'\n"],
  ['a: ":"\n', "a: ':'\n"],
  ["a: 'a\\b'\n", "a: a\\b\n"],
  ['a: "\\ufeffx"\n', 'a: "\\uFEFF\\x78"\n'],
  ["a: 190:20:30\n", 'a: "190:20:30"\n'],
  ['a: "+"\n', "a: +\n"],
];

/** What sops does not encrypt. */
const refused: readonly string[] = ["- a\n", "a\n", "1: b\n", "true: b\n", "a: b\na: c\n", "a: ?\n", "a: -\n"];

/** What sops reads but never writes. */
const notWritten: readonly string[] = ["a: &x b\nc: *x\n", "a: !foo b\n"];

function rewritten(text: string): string | undefined {
  const branches = readYaml(text);
  return branches && writeYaml(branches);
}

describe("YAML is read and written as sops does", () => {
  test.each(rows)("%j", (text, written) => {
    expect(rewritten(text)).toBe(written);
  });

  test.each(rows)("%j comes out the same when it is read again", (_text, written) => {
    expect(rewritten(written)).toBe(written);
  });

  test.each(refused)("%j is refused", (text) => {
    expect(() => rewritten(text) ?? expect.unreachable()).toThrow();
  });

  test.each(notWritten)("%j is refused by Mooring alone", (text) => {
    expect(() => rewritten(text) ?? expect.unreachable()).toThrow();
  });
});
