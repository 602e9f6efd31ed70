import { describe, expect, test } from "vitest";
import { rendered } from "../../../test/support/templates.ts";

/** What Go 1.26.8 gives, with sprig 3.2.3, over the same values. */
const rows: readonly (readonly [source: string, text: string])[] = [
  ["{{ .missing }}", "<no value>"],
  ['{{ .missing | default "d" }}', "d"],
  ['{{ index . "missing" }}', ""],
  ["{{ if .missing }}a{{ else }}b{{ end }}", "b"],
  ["{{ if .empty }}a{{ else }}b{{ end }}", "b"],
  ['{{ if 0 }}a{{ end }}{{ if 0.0 }}b{{ end }}{{ if list }}c{{ end }}{{ if dict }}d{{ end }}{{ if "" }}e{{ end }}', ""],
  ['{{ if "0" }}a{{ end }}{{ if -1 }}b{{ end }}{{ if list 0 }}c{{ end }}{{ if dict "a" 0 }}d{{ end }}', "abcd"],
  ["{{ with .user }}{{ . }}{{ $.number }}{{ end }}", "admin42"],
  ["{{ with $x := .user }}{{ $x }}{{ end }}", "admin"],
  ["{{ if $x := .user }}{{ $x }}{{ end }}", "admin"],
  ['{{ $x := "a" }}{{ with .user }}{{ $x = . }}{{ end }}{{ $x }}', "admin"],
  ['{{ $x := "a" }}{{ with .user }}{{ $x := . }}{{ $x }}{{ end }}{{ $x }}', "admina"],
  ['{{ range $i, $v := list "a" "b" }}{{ $i }}{{ $v }}{{ end }}', "0a1b"],
  ["{{ range $v := list 1 2 }}{{ $v }}{{ end }}", "12"],
  ["{{ range list 1 2 }}{{ . }}{{ end }}", "12"],
  ['{{ range $k, $v := dict "b" 1 "a" 2 }}{{ $k }}{{ $v }}{{ end }}', "a2b1"],
  ['{{ range dict "b" 1 "a" 2 }}{{ . }}{{ end }}', "21"],
  ["{{ range 3 }}{{ . }}{{ end }}", "012"],
  ["{{ range $i := 3 }}{{ $i }}{{ end }}", "012"],
  ["{{ range 0 }}a{{ else }}b{{ end }}", "b"],
  ["{{ $x := 0 }}{{ range list 1 2 }}{{ $x = . }}{{ end }}{{ $x }}", "2"],
  ["{{ $v := 9 }}{{ range $v = list 1 2 }}{{ end }}{{ $v }}", "2"],
  ['{{ range list 1 2 }}{{ range list "a" "b" }}{{ . }}{{ end }}{{ . }}{{ end }}', "ab1ab2"],
  ["{{ range .missing }}a{{ else }}b{{ end }}", "b"],
  ['{{ and 1 0 2 }} {{ and 1 2 }} {{ or 0 3 4 }} {{ or 0 "" }} {{ and true }} {{ or false }}', "0 2 3  true false"],
  ['{{ or .user (fail "x") }}', "admin"],
  ['{{ and .empty (fail "x") }}|', "|"],
  ["{{ 5 | and 1 }} {{ 5 | or 0 }} {{ 5 | and 0 }}", "5 5 0"],
  ['{{ len (index (dict "a" (list 1 2)) "a") }}', "2"],
  ['{{ (index (list (dict "k" "v")) 0).k }}', "v"],
  ['{{ $d := dict "a" nil }}{{ $d.a }}|{{ $d.b }}', "<no value>|<no value>"],
  [
    '{{ list nil }} {{ dict "a" nil }} {{ list 1 "a" 2.5 true (list) (dict) }}',
    "[<nil>] map[a:<nil>] [1 a 2.5 true [] map[]]",
  ],
  [
    "{{ 1e6 }} {{ 1e20 }} {{ 1e21 }} {{ 123456789.0 }} {{ 1e-4 }} {{ 1e-5 }} {{ -0.0 }} {{ 100000.5 }} {{ 2097152.5 }}",
    "1e+06 1e+20 1e+21 1.23456789e+08 0.0001 1e-05 -0 100000.5 2.0971525e+06",
  ],
  ["{{ . | len }}", "7"],
  ["{{ range $k, $v := . }}{{ $k }};{{ end }}", "csv;empty;json;number;pass;user;with-dash;"],
  ["{{ print . | len }}", "126"],
  ["{{ print .missing }}", "<nil>"],
  ["{{ list .missing }}", "[<nil>]"],
  ['{{ printf "%v" .missing }}', "<nil>"],
  ["{{ .missing | print }}", "<nil>"],
  ["{{ toString .missing }}", "<nil>"],
  ['{{ quote .missing }}|{{ squote .missing }}|{{ cat .missing "a" }}', "||a"],
  ["{{ toJson .missing }}", "null"],
  ["{{ $x := .missing }}{{ $x }}", "<no value>"],
  ['{{ index (dict "a" 1) "b" }}', "<no value>"],
  ['{{ (dict "a" 1).b }}', "<no value>"],
  ['{{ get (dict) "a" }}|', "|"],
  ["{{ slice (list) 0 0 }}", "<no value>"],
  ["{{ first (list) }}", "<no value>"],
  ["{{ last (list) }}", "<no value>"],
  ['{{ fromJson "null" }}', "<no value>"],
  ['{{ fromJson "[null]" }}', "[<nil>]"],
  [
    "{{ eq .missing nil }} {{ eq nil nil }} {{ eq .user nil }} {{ eq (list) nil }} {{ ne nil 1 }}",
    "true true false false true",
  ],
  ["{{ coalesce }}", "<no value>"],
  ["{{ with .missing }}a{{ else }}b{{ end }}", "b"],
  ["{{ list nil .missing | toJson }}", "[null,null]"],
  ['{{ dict "a" nil | toJson }}', '{"a":null}'],
  ['{{ default .missing "" }}', "<no value>"],
  ["{{ and nil 1 }}", "<no value>"],
  ["{{ or nil nil }}", "<no value>"],
  ["{{ ternary nil 1 true }}", "<no value>"],
  ['{{ $x := index (dict) "a" }}{{ print $x }}', "<nil>"],
  ["{{ rest (list) }}", "[]"],
  ["{{ initial (list) }}", "[]"],
  ["{{ uniq (list) }}", "[]"],
  ["{{ print (rest (list)) }}", "[]"],
  ["{{ $l := rest (list) }}{{ $l }}{{ len $l }}", "[]0"],
];

/** What both refuse, and how Mooring words it. */
const refused: readonly (readonly [source: string, problem: string])[] = [
  ["{{ range nil | default list }}a{{ end }}", "nil is not a command"],
  ['{{ fail "no" }}', "no"],
  ["{{ upper 5 }}", "a string is needed, not an integer"],
  ["{{ .missing | upper }}", "a string is needed, not nil"],
  ["{{ range 1.5 }}{{ end }}", "range cannot iterate over a float"],
  ["{{ range true }}{{ end }}", "range cannot iterate over a boolean"],
  ['{{ range "abc" }}{{ . }}{{ end }}', "range cannot iterate over a string"],
  ["{{ (list 1).a }}", "a list has no field .a"],
  ['{{ (dict "a" 1).a.b }}', "an integer has no field .b"],
  ["{{ 1.5.a }}", "unexpected character in an action"],
  ["{{ $x := 5 }}{{ $x.a }}", "an integer has no field .a"],
  ["{{ len .missing }}", "nil has no length"],
];

/** What Mooring refuses: Go's text would go unnoticed, depends on the machine, or is not supported. */
const stricter: readonly (readonly [source: string, problem: string])[] = [
  // Go: "<no value>"
  ["{{ .missing.name }}", "nil has no field .name"],
  // Go: "<no value>"
  ['{{ fromJson "x" }}', "fromJson: the string is not JSON"],
];

/** Functions for maps of any values, which sprig refuses for the map of strings that sealed values are. */
const lenient: readonly (readonly [source: string, text: string])[] = [
  ['{{ $ | keys | sortAlpha | join "," }}', "csv,empty,json,number,pass,user,with-dash"],
  ['{{ hasKey . "user" }}', "true"],
  ['{{ get . "user" }}', "admin"],
  ["{{ keys . }}", "[user pass empty csv number with-dash json]"],
];

describe("the actions of text/template, as in Go", () => {
  test.each(rows)("%s", (source, text) => {
    expect(rendered(source)).toBe(text);
  });

  test.each(refused)("%s is refused", (source, problem) => {
    expect(rendered(source)).toBe(`! ${problem}`);
  });

  test.each(stricter)("%s is refused by Mooring alone", (source, problem) => {
    expect(rendered(source)).toBe(`! ${problem}`);
  });

  test.each(lenient)("%s is accepted by Mooring alone", (source, text) => {
    expect(rendered(source)).toBe(text);
  });
});
