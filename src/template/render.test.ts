import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../test/support/properties/property-runs.ts";
import { templateOptions, templateValues } from "../../test/support/templates.ts";
import { renderTemplate, type TemplateLimits } from "./index.ts";

const values = new Map(Object.entries(templateValues).map(([name, value]) => [name, Buffer.from(value)]));
const render = (source: string, options = templateOptions) => renderTemplate(Buffer.from(source), values, options);
const limited = (limits: Partial<TemplateLimits>) => ({
  ...templateOptions,
  limits: { ...templateOptions.limits, ...limits },
});

test("bytes that are not UTF-8 pass unchanged", () => {
  const binary = Buffer.from([0xff, 0x00, 0xfe, 0x41]);
  const rendered = renderTemplate(Buffer.from("<{{ .b }}>"), new Map([["b", binary]]), templateOptions);
  expect(rendered).toEqual({ text: Buffer.from([0x3c, 0xff, 0x00, 0xfe, 0x41, 0x3e]) });
});

test("names that objects have are names like any other", () => {
  const odd = new Map([["__proto__", Buffer.from("a")]]);
  const text = (source: string) => renderTemplate(Buffer.from(source), odd, templateOptions);
  expect(text("{{ .__proto__ }}|{{ .constructor }}|{{ .toString }}")).toEqual({
    text: Buffer.from("a|<no value>|<no value>"),
  });
});

describe("a problem tells whether the values decided it", () => {
  test.each([
    ["{{ .user", false],
    ["{{ nosuch }}", false],
    ['{{ if eq .user "nobody" }}{{ upper }}{{ end }}', undefined],
    ['{{ if eq .user "nobody" }}{{ upper }}{{ end }}{{ fail "x" }}', false],
    ["{{ .user | 5 }}", false],
    ["{{ .user.name }}", true],
    ['{{ fail "x" }}', true],
    ["{{ div 1 (len .empty) }}", true],
    ["{{ (list (upper)) }}", false],
    ["{{ range (upper) }}{{ end }}", false],
    ["{{ with true }}{{ else }}{{ upper }}{{ end }}{{ div 1 0 }}", false],
  ] as const)("%s: %s", (source, overValues) => {
    const rendered = render(source);
    expect("problem" in rendered ? rendered.overValues : undefined).toBe(overValues);
  });
});

test("fail says its message, unless values are to be hidden", () => {
  const source = '{{ fail (printf "user is %s" .user) }}';
  expect(render(source)).toEqual({ problem: "user is admin", overValues: true });
  expect(render(source, { ...templateOptions, hidesValues: true })).toEqual({
    problem: "the template stopped itself with fail",
    overValues: true,
  });
});

describe("limits", () => {
  test.each([
    ["output, copied", "x".repeat(11), { output: 10 }, "the template writes too much"],
    ["output, printed", "{{ range 6 }}ab{{ end }}", { output: 10 }, "the template writes too much"],
    ["one long string", '{{ repeat 11 "a" }}', { output: 10 }, "repeat: the count is negative or too large"],
    ["one long indent", '{{ indent 11 "a" }}', { output: 10 }, "repeat: the count is negative or too large"],
    [
      "iterations, nested",
      "{{ range 4 }}{{ range 4 }}{{ end }}{{ end }}",
      { iterations: 19 },
      "the template iterates more than 19 times",
    ],
    ["a number to count to", "{{ range 20 }}{{ end }}", { iterations: 19 }, "range cannot iterate over an integer"],
    [
      "doubling",
      '{{ $x := "a" }}{{ range 9 }}{{ $x = print $x $x }}{{ end }}',
      { intermediate: 1000 },
      "the functions of the template make too much in all",
    ],
    [
      "a growing list",
      "{{ $l := list }}{{ range 99 }}{{ $l = append $l 1 }}{{ end }}",
      { intermediate: 1000 },
      "the functions of the template make too much in all",
    ],
    [
      "a growing map",
      '{{ range 99 }}{{ $m := dict "a" 1 "b" 2 "c" 3 "d" 4 "e" 5 "f" 6 "g" 7 "h" 8 "i" 9 }}{{ end }}',
      { intermediate: 900 },
      "the functions of the template make too much in all",
    ],
  ] as const)("%s", (_what, source, limits, problem) => {
    expect(render(source)).toHaveProperty("text");
    expect(render(source, limited(limits))).toEqual({ problem, overValues: true });
  });

  test("are for one run each, and what is just within them passes", () => {
    const options = limited({ output: 10, iterations: 20, intermediate: 21 });
    for (const source of ["x".repeat(10), '{{ repeat 10 "a" }}', "{{ range 4 }}{{ range 4 }}{{ end }}{{ end }}"])
      expect([source, render(source, options)]).toEqual([source, { text: expect.any(Buffer) }]);
  });
});

test("what is nested without end is refused, and long white space costs nothing", () => {
  const deep = `{{ ${"(".repeat(50_000)}1${")".repeat(50_000)} }}`;
  expect(render(deep)).toEqual({ problem: "the template is nested too deeply", overValues: false });
  expect(render(`x${" ".repeat(1_000_000)}y{{- .user }}`)).toHaveProperty("text");
});

test.each([
  '{{ env "HOME" }}',
  "{{ now }}",
  "{{ randAlphaNum 5 }}",
  '{{ genPrivateKey "rsa" }}',
  '{{ htpasswd "a" "b" }}',
  '{{ regexMatch "a" "b" }}',
  '{{ template "x" }}',
  '{{ define "x" }}{{ end }}',
  '{{ block "x" . }}{{ end }}',
  "{{ range . }}{{ break }}{{ end }}",
  "{{ range . }}{{ continue }}{{ end }}",
])("%s is refused by name", (source) => {
  const name = /(?:\}\})?\{\{ (?!range)(\w+)/.exec(source)?.[1];
  expect(render(source)).toEqual({ problem: expect.stringContaining(`${name}`), overValues: false });
});

test("any sequence of words renders or is refused, and with hidden values no problem holds one", () => {
  const marks = ["{{", "}}", "{{-", "-}}", "|", "(", ")", " ", ".", "$", "$x", ":=", "=", ",", '"', "`", "'", "\\"];
  const words = [".user", ".pass", "1", "-2.5", "0x", "08", "1_", "if", "else", "end", "range", "with", "nil", "true"];
  const functions = ["upper", "printf", "index", "b64dec", "list", "dict", "toJson", "div", "fail", "int", '"%5.2f"'];
  const sequence = fc.array(fc.constantFrom(...marks, ...words, ...functions), { maxLength: 30 });
  fc.assert(
    fc.property(sequence, (parts) => {
      const rendered = render(parts.join(""), { ...templateOptions, hidesValues: true });
      if ("problem" in rendered) expect(rendered.problem).not.toMatch(/admin|w&rd/);
    }),
    { numRuns: propertyRuns(300) },
  );
});
