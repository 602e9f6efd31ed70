import { describe, expect, test } from "vitest";
import { rendered } from "../../../test/support/templates.ts";

/** What Go 1.26.8 gives, with sprig 3.2.3, over the same values. */
const rows: readonly (readonly [source: string, text: string])[] = [
  [
    '{{ index (list "a" "b") 1 }} {{ index (dict "a" (list 1 2)) "a" 1 }} {{ index "abc" 1 }} {{ index (list 1) }}',
    "b 2 98 [1]",
  ],
  [
    "{{ slice (list 1 2 3) 1 3 }} {{ slice (list 1 2 3) 1 }} {{ slice (list 1 2 3) 0 0 }} {{ slice (list 1 2 3) }}",
    "[2 3] [2 3] [] [1 2 3]",
  ],
  ['{{ list }} {{ list 1 "a" }} {{ tuple 1 2 }}', "[] [1 a] [1 2]"],
  [
    "{{ first (list 1 2) }} {{ last (list 1 2) }} {{ rest (list 1 2 3) }} {{ initial (list 1 2 3) }}",
    "1 2 [2 3] [1 2]",
  ],
  [
    "{{ append (list 1) 2 }} {{ prepend (list 1) 2 }} {{ concat (list 1) (list 2 3) }} {{ concat }} {{ reverse (list 1 2 3) }}",
    "[1 2] [2 1] [1 2 3] [] [3 2 1]",
  ],
  ['{{ uniq (list 1 1 2 "1" "1" 1.0) }} {{ uniq (list (list 1) (list 1)) }}', "[1 2 1 1] [[1]]"],
  [
    '{{ has 2 (list 1 2) }} {{ has "2" (list 1 2) }} {{ has (list 1) (list (list 1)) }} {{ has 1.0 (list 1) }} {{ has nil (list nil) }}',
    "true false true false true",
  ],
  ['{{ dict "b" 1 "a" 2 }} {{ dict }} {{ dict "a" }} {{ dict 1 2 }}', "map[a:2 b:1] map[] map[a:] map[1:2]"],
  [
    '{{ get (dict "a" 1) "a" }} {{ get (dict "a" 1) "b" }}| {{ hasKey (dict "a" nil) "a" }} {{ hasKey (dict) "a" }}',
    "1 | true false",
  ],
  ['{{ values (dict "a" 1) }} {{ keys (dict "a" 1) (dict "b" 2) | sortAlpha }} {{ keys (dict) }}', "[1] [a b] []"],
  ["{{ $l := list 1 2 }}{{ $m := append $l 3 }}{{ $l }} {{ $m }}", "[1 2] [1 2 3]"],
  ['{{ (dict "a" (dict "b" (list 1 2))).a.b }}', "[1 2]"],
  ['{{ range $i, $e := concat (list "a") (list "b") }}{{ $i }}{{ $e }}{{ end }}', "0a1b"],
  ['{{ dict "__proto__" 1 "constructor" 2 }} {{ (dict "__proto__" 1).__proto__ }}', "map[__proto__:1 constructor:2] 1"],
  ['{{ (dict).constructor }}|{{ hasKey (dict) "toString" }}', "<no value>|false"],
  ["{{ has 1 nil }}", "false"],
  ['{{ dict "a" 1 "a" 2 }}', "map[a:2]"],
  ["{{ index (list (list 1 2)) 0 1 }}", "2"],
];

/** What both refuse, and how Mooring words it. */
const refused: readonly (readonly [source: string, problem: string])[] = [
  ['{{ first "" }}', "a list is needed, not a string"],
  ["{{ index (list 1) 1 }}", "index is out of range"],
  ["{{ index (list 1) -1 }}", "index is out of range"],
  ['{{ index (list 1) "a" }}', "an integer is needed, not a string"],
  ['{{ index (dict "a" 1) 1 }}', "a string is needed, not an integer"],
  ["{{ index nil 1 }}", "nil cannot be indexed"],
  ["{{ index 5 1 }}", "an integer cannot be indexed"],
  ["{{ index .user 99 }}", "index is out of range"],
  ["{{ slice (list 1) 0 5 }}", "slice is out of range"],
  ["{{ slice (list 1) 1 0 }}", "slice is out of range"],
  ["{{ slice .user 1 2 }}", "a list is needed, not a string"],
  ["{{ first 5 }}", "a list is needed, not an integer"],
  ["{{ append 5 1 }}", "a list is needed, not an integer"],
  ["{{ concat 5 }}", "a list is needed, not an integer"],
  ['{{ get (list) "a" }}', "a map is needed, not a list"],
  ['{{ hasKey 5 "a" }}', "a map is needed, not an integer"],
  ["{{ keys 5 }}", "a map is needed, not an integer"],
  ["{{ has 1 5 }}", "a list is needed, not an integer"],
  ["{{ index }}", "wrong number of arguments for index: 0"],
  ["{{ reverse 5 }}", "a list is needed, not an integer"],
  ["{{ slice (list 1 2) -1 }}", "slice is out of range"],
  ["{{ get (dict) 1 }}", "a string is needed, not an integer"],
];

describe("lists and maps, as in Go", () => {
  test.each(rows)("%s", (source, text) => {
    expect(rendered(source)).toBe(text);
  });

  test.each(refused)("%s is refused", (source, problem) => {
    expect(rendered(source)).toBe(`! ${problem}`);
  });
});
