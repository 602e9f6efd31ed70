import { describe, expect, test } from "vitest";
import { referencedKeys } from "./references.ts";

const required: readonly (readonly [source: string, keys: readonly string[]])[] = [
  ["no action", []],
  ["{{ .a }}{{ .b }}", ["a", "b"]],
  ["{{ $.a }}", ["a"]],
  ["{{ .a.b }}", ["a"]],
  ['{{ index . "with-dash" }}', ["with-dash"]],
  ['{{ index $ "a" | upper }}', ["a"]],
  ['{{ "a" | index . }}', ["a"]],
  ["{{ upper (printf .a .b) }}", ["a", "b"]],
  ["{{ if true }}{{ .a }}{{ else }}{{ .b }}{{ end }}", ["a", "b"]],
  ["{{ $all := . }}{{ $all.a }}", ["a"]],
  ['{{ $key := "a" }}{{ index . $key }}', ["a"]],
  ["{{ range list 1 }}{{ $.a }}{{ end }}", ["a"]],
];

test.each(required)("%s requires %j", (source, keys) => {
  expect([...referencedKeys(source).required].toSorted()).toEqual(keys);
});

const optional: readonly (readonly [source: string, why: string])[] = [
  ["{{ if .a }}{{ .a }}{{ end }}", "it is checked before"],
  ['{{ .a | default "x" }}', "it has a default"],
  ['{{ default "x" .a }}', "it has a default"],
  ['{{ coalesce .a "x" }}', "there is another one"],
  ["{{ with .a }}{{ . }}{{ end }}", "with skips it"],
  ["{{ range .a }}{{ . }}{{ end }}", "range skips it"],
  ['{{ if hasKey . "a" }}{{ .a }}{{ end }}', "it is looked for"],
  ['{{ get . "a" }}', "get has an empty string instead"],
  ['{{ ternary "x" "y" (empty .a) }}', "only its absence counts"],
  ['{{ and .a "x" }}', "and stops at it"],
];

test.each(optional)("%s may refer to a, and does without it: %s", (source) => {
  const keys = referencedKeys(source);
  expect([...keys.required]).toEqual([]);
  expect(keys.mayReference("a")).toBe(true);
});

describe("what is not a key of the values", () => {
  test.each([
    "{{ with .x }}{{ .a }}{{ end }}",
    "{{ range .x }}{{ .a }}{{ end }}",
    '{{ (dict "a" 1).a }}',
    '{{ "a" }}',
    "a",
    '{{ index (fromJson .x) "a" }}',
    "{{ range $v := . }}{{ $v.a }}{{ end }}",
    "{{ range $v := list . }}{{ $v.a }}{{ end }}",
  ])("%s does not refer to a", (source) => {
    const keys = referencedKeys(source);
    expect(keys.mayReference("a")).toBe(false);
    expect(keys.required.has("a")).toBe(false);
  });
});

test("where a key is computed, every string may be one", () => {
  const keys = referencedKeys('{{ $k := printf "%s" "a" }}{{ index . $k }}{{ upper "b" }}');
  expect([keys.mayReference("a"), keys.mayReference("b"), keys.mayReference("c")]).toEqual([true, true, false]);
  expect([...keys.required]).toEqual([]);
});

test("where a template does not parse, every word may be one, also one with dots and dashes", () => {
  const keys = referencedKeys("{{ .user | tls.key with-dash");
  const names = ["user", "tls.key", "tls", "with-dash", "dash"];
  expect(names.map((name) => keys.mayReference(name))).toEqual(names.map(() => true));
  expect([keys.mayReference("key2"), keys.required.size]).toEqual([false, 0]);
});
