import { describe, expect, test } from "vitest";
import { rendered } from "../../../test/support/templates.ts";

/** What Go 1.26.8 gives, with sprig 3.2.3, over the same values. */
const rows: readonly (readonly [source: string, text: string])[] = [
  [
    '{{ eq 1 1 }} {{ eq 1 2 }} {{ eq "a" "a" }} {{ eq true true }} {{ eq 1.5 1.5 }} {{ eq 1 2 3 1 }}',
    "true false true true true true",
  ],
  ['{{ ne 1 2 }} {{ ne "a" "a" }} {{ ne true false }}', "true false true"],
  ['{{ lt 1 2 }} {{ lt 2 1 }} {{ lt "a" "b" }} {{ lt 1.5 2.5 }}', "true false true true"],
  ['{{ le 1 1 }} {{ gt 2 1 }} {{ ge 1 2 }} {{ ge "b" "a" }}', "true true false true"],
  ["{{ eq nil nil }} {{ eq .missing nil }} {{ eq .user nil }}", "true true false"],
  ['{{ lt "Z" "a" }} {{ lt "é" "z" }}', "true false"],
  ['{{ not 0 }} {{ not 1 }} {{ not nil }} {{ not "" }}', "true false true true"],
  [
    '{{ default "d" "" }} {{ default "d" "x" }} {{ default 5 0 }} {{ default "d" nil }} {{ default "d" false }} {{ default "d" list }} {{ default "d" }}',
    "d x 5 d d d d",
  ],
  ['{{ empty "" }} {{ empty 0 }} {{ empty list }} {{ empty "a" }} {{ empty nil }}', "true true true false true"],
  ['{{ coalesce "" 0 "a" "b" }} {{ coalesce "" }} {{ coalesce }}', "a <no value> <no value>"],
  ['{{ ternary "a" "b" true }} {{ ternary "a" "b" false }} {{ true | ternary 1 2 }}', "a b 1"],
  ["{{ eq (len .user) 5 }} {{ if and (eq 1 1) (ne 1 2) }}y{{ end }}", "true y"],
  ["{{ eq 1 1 1 }}", "true"],
  ["{{ ne 1.5 1.5 }}", "false"],
  ['{{ eq "a" .missing }}', "false"],
];

/** What both refuse, and how Mooring words it. */
const refused: readonly (readonly [source: string, problem: string])[] = [
  ['{{ eq 1 "1" }}', "an integer cannot be compared with a string"],
  ["{{ eq 1 1.0 }}", "an integer cannot be compared with a float"],
  ['{{ lt 1 "a" }}', "an integer cannot be compared with a string"],
  ["{{ lt true false }}", "a boolean cannot be compared with a boolean"],
  ["{{ eq 1 true }}", "an integer cannot be compared with a boolean"],
  ["{{ eq (list 1) (list 1) }}", "a list cannot be compared with a list"],
  ["{{ eq (dict) (dict) }}", "a map cannot be compared with a map"],
  ["{{ lt nil 1 }}", "nil cannot be compared with an integer"],
  ["{{ eq 1 }}", "wrong number of arguments for eq: 1"],
  ["{{ ternary 1 2 3 }}", "a boolean is needed, not an integer"],
  ["{{ not }}", "wrong number of arguments for not: 0"],
  ["{{ lt 1 }}", "wrong number of arguments for lt: 1"],
  ["{{ gt (list) 1 }}", "a list cannot be compared with an integer"],
];

describe("comparisons, logic and defaults, as in Go", () => {
  test.each(rows)("%s", (source, text) => {
    expect(rendered(source)).toBe(text);
  });

  test.each(refused)("%s is refused", (source, problem) => {
    expect(rendered(source)).toBe(`! ${problem}`);
  });
});
