import { describe, expect, test } from "vitest";
import { rendered } from "../../../test/support/templates.ts";

/** What Go 1.26.8 gives, with sprig 3.2.3, over the same values. */
const rows: readonly (readonly [source: string, text: string])[] = [
  [
    '{{ toJson "a<b>&" }} {{ toRawJson "a<b>&" }} {{ toJson "é\\u2028\\u0000\\x7f" }} {{ toJson "\\xff" }}',
    '"a\\u003cb\\u003e\\u0026" "a<b>&" "é\\u2028\\u0000" "\\ufffd"',
  ],
  [
    "{{ toJson 5 }} {{ toJson 1.5 }} {{ toJson 1e21 }} {{ toJson 1e20 }} {{ toJson 1e-7 }} {{ toJson 0.000001 }} {{ toJson true }} {{ toJson nil }} {{ toJson 1.0 }}",
    "5 1.5 1e+21 100000000000000000000 1e-7 0.000001 true null 1",
  ],
  [
    '{{ toJson (list 1 "a" (dict "b" 1 "a" (list))) }} {{ toJson (dict) }} {{ toJson (list) }}',
    '[1,"a",{"a":[],"b":1}] {} []',
  ],
  [
    '{{ toPrettyJson (dict "a" (list 1 2) "b" (dict) "c" (list)) }}',
    '{\n  "a": [\n    1,\n    2\n  ],\n  "b": {},\n  "c": []\n}',
  ],
  [
    "{{ toJson . }}",
    '{"csv":"b,a,c,a","empty":"","json":"{\\"b\\":[1,2.5,\\"x\\u003cy\\"],\\"a\\":null,\\"t\\":true}","number":"42","pass":"pä$$ \\u003cw\\u0026rd\\u003e\\"\'\\\\\\n","user":"admin","with-dash":"dashed"}',
  ],
  ["{{ $j := fromJson .json }}{{ $j.b }} {{ index $j.b 2 }} {{ $j.a }} {{ $j.t }}", "[1 2.5 x<y] x<y <no value> true"],
  ['{{ (fromJson "{\\"a\\":{\\"b\\":[1,{\\"c\\":true}]}}").a }}', "map[b:[1 map[c:true]]]"],
  [
    '{{ fromJson "5" }} {{ fromJson "\\"a\\"" }} {{ fromJson "1e3" }} {{ fromJson "[]" }} {{ fromJson "12345678901234567890" }} {{ fromJson "1234567" }} {{ fromJson " 5 " }}',
    "5 a 1000 [] 1.2345678901234567e+19 1.234567e+06 5",
  ],
  ['{{ toJson "\\"\\\\/\\b\\f\\n\\r\\t" }}', '"\\"\\\\/\\b\\f\\n\\r\\t"'],
  ['{{ fromJson "{\\"__proto__\\":1}" }}', "map[__proto__:1]"],
  ['{{ toJson (fromJson "{\\"a\\":1,\\"a\\":2}") }}', '{"a":2}'],
  ["{{ toJson 123456789.0 }} {{ toJson -0.0 }}", "123456789 -0"],
  ['{{ toRawJson (list "<" ">") }}', '["<",">"]'],
  ['{{ toJson "\\u2029" }}', '"\\u2029"'],
  ["{{ toJson 1e-10 }} {{ toJson 1.5e300 }}", "1e-10 1.5e+300"],
];

/** What Mooring refuses: Go's text would go unnoticed, depends on the machine, or is not supported. */
const stricter: readonly (readonly [source: string, problem: string])[] = [
  // Go: "<no value>"
  ['{{ fromJson "{\\"a\\":1} x" }}', "fromJson: the string is not JSON"],
];

describe("JSON, as in Go", () => {
  test.each(rows)("%s", (source, text) => {
    expect(rendered(source)).toBe(text);
  });

  test.each(stricter)("%s is refused by Mooring alone", (source, problem) => {
    expect(rendered(source)).toBe(`! ${problem}`);
  });
});
