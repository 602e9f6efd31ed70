import { describe, expect, test } from "vitest";
import { readJson } from "./json-read.ts";
import { writeJson } from "./json-write.ts";

/** What `sops --decrypt` of sops 3.13.3 gives for a file that it encrypted. */
const rows: readonly (readonly [text: string, written: string])[] = [
  ["{}", "{}\n"],
  ['{"a":1}', '{\n\t"a": 1\n}\n'],
  ['{"a":1.0}', '{\n\t"a": 1\n}\n'],
  ['{"a":1.5}', '{\n\t"a": 1.5\n}\n'],
  ['{"a":1e2}', '{\n\t"a": 100\n}\n'],
  ['{"a":-0}', '{\n\t"a": 0\n}\n'],
  ['{"a":-0.0}', '{\n\t"a": -0\n}\n'],
  ['{"a":1e21}', '{\n\t"a": 1e+21\n}\n'],
  ['{"a":9007199254740993}', '{\n\t"a": 9007199254740993\n}\n'],
  ['{"a":9223372036854775807}', '{\n\t"a": 9223372036854775807\n}\n'],
  ['{"a":true,"b":null,"c":false}', '{\n\t"a": true,\n\t"b": null,\n\t"c": false\n}\n'],
  ['{"b":1,"a":2}', '{\n\t"b": 1,\n\t"a": 2\n}\n'],
  ['{"10":1,"2":2}', '{\n\t"10": 1,\n\t"2": 2\n}\n'],
  ['{"a":[]}', '{\n\t"a": []\n}\n'],
  ['{"a":{}}', '{\n\t"a": {}\n}\n'],
  ['{"a":[1,[2,{"b":3}]]}', '{\n\t"a": [\n\t\t1,\n\t\t[\n\t\t\t2,\n\t\t\t{\n\t\t\t\t"b": 3\n\t\t\t}\n\t\t]\n\t]\n}\n'],
  ['{"a":"<&>"}', '{\n\t"a": "\\u003c\\u0026\\u003e"\n}\n'],
  ['{"a":"\\u2028\\u0000\\t\\n\\"\\\\\\/"}', '{\n\t"a": "\\u2028\\u0000\\t\\n\\"\\\\/"\n}\n'],
  ['{"a":"ü🙂"}', '{\n\t"a": "ü🙂"\n}\n'],
  ['{"a":"\\ud83d\\ude42"}', '{\n\t"a": "🙂"\n}\n'],
  ['{"__proto__":1,"constructor":2}', '{\n\t"__proto__": 1,\n\t"constructor": 2\n}\n'],
  [' {"a" : 1 } ', '{\n\t"a": 1\n}\n'],
  ['{"":1}', '{\n\t"": 1\n}\n'],
  ['{"a":0.1}', '{\n\t"a": 0.1\n}\n'],
  ['{"a":1e-7}', '{\n\t"a": 1e-7\n}\n'],
  ['{"a":123456.789}', '{\n\t"a": 123456.789\n}\n'],
  ['{"a":"\\ud800"}', '{\n\t"a": "�"\n}\n'],
  ['{"a":[null]}', '{\n\t"a": [\n\t\tnull\n\t]\n}\n'],
];

/** What sops does not encrypt. */
const refused: readonly string[] = [
  "[1]",
  "1",
  '"a"',
  "",
  "{a:1}",
  '{"a":01}',
  '{"a":1,}',
  "{'a':1}",
  '{"a":"\t"}',
  '{"a":NaN}',
];

/** What sops reads but never writes. */
const notWritten: readonly string[] = ['{"a":1}x', '{"a":1}{"b":2}'];

function rewritten(text: string): string | undefined {
  const branch = readJson(text);
  return branch && writeJson(branch);
}

describe("JSON is read and written as sops does", () => {
  test.each(rows)("%j", (text, written) => {
    expect(rewritten(text)).toBe(written);
  });

  // Go reads -0 as an integer, which has no sign.
  const stable = rows.filter(([, written]) => !written.includes("-0"));
  test.each(stable)("%j comes out the same when it is read again", (_text, written) => {
    expect(rewritten(written)).toBe(written);
  });

  test.each(refused)("%j is refused", (text) => {
    expect(rewritten(text)).toBeUndefined();
  });

  test.each(notWritten)("%j is refused by Mooring alone", (text) => {
    expect(rewritten(text)).toBeUndefined();
  });
});
