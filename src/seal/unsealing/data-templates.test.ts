import { describe, expect, test } from "vitest";
import { renderTemplatesHere } from "./data-templates.ts";

const values = new Map(
  Object.entries({ user: "admin", pass: "s3cret %d", csv: "b,a", empty: "", number: "42" }).map(
    ([name, value]): [string, Uint8Array] => [name, Buffer.from(value)],
  ),
);

async function render(source: string, over: ReadonlyMap<string, Uint8Array> = values) {
  return (await renderTemplatesHere({ templates: new Map([["item", source]]), values: over })).get("item");
}

test("each item gets the text of its own template", async () => {
  const templates = new Map([
    ["url", "db://{{ .user }}"],
    ["broken", "{{ .user"],
  ]);
  const rendered = await renderTemplatesHere({ templates, values });
  expect(rendered.get("url")).toEqual({ text: Buffer.from("db://admin") });
  expect(rendered.get("broken")).toHaveProperty("problem");
});

const guess = (text: string) => `{{ if hasPrefix "${text}" .user }}{{ fail "${text}" }}{{ end }}`;

describe("what the values decide is told only in the detail", () => {
  test.each([
    [guess("adm"), "the template stopped itself with fail"],
    ['{{ index (splitList "," .csv) 7 }}', "index is out of range"],
    ['{{ if eq .user "admin" }}{{ .user.name }}{{ end }}', "a string has no field .name"],
    ["{{ div 1 (len .empty) }}", "a division by zero"],
    ["{{ fromJson .pass }}", "fromJson: the string is not JSON"],
    ["{{ b64dec .pass }}", "b64dec: the string is not base64"],
    ["{{ printf .pass }}", "printf: the format needs more arguments"],
    ['{{ range $i := int .number }}{{ repeat -1 "x" }}{{ end }}', "repeat: the count is negative or too large"],
    ["{{ fail .pass }}", "the template stopped itself with fail"],
  ])("%s", async (source, detail) => {
    expect(await render(source)).toEqual({ problem: "cannot be rendered over the opened values", detail });
  });
});

test("what is wrong whatever the values are is named, the same for all values", async () => {
  const source = '{{ if eq .user "nobody" }}{{ nosuchthing .pass }}{{ end }}{{ fail "x" }}';
  const problem = 'the function "nosuchthing" is not supported in templates';
  expect(await render(source)).toEqual({ problem });
  expect(await render(source, new Map())).toEqual({ problem });
});

test("a guess that is wrong renders to nothing, so only the item tells", async () => {
  expect(await render(guess("root"))).toEqual({ text: Buffer.alloc(0) });
});

describe("a template may not make much more than a Secret holds", () => {
  test.each([
    ["doubling", '{{ $x := "a" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}'],
    ["hoarding", '{{ $d := list }}{{ range 1000 }}{{ $d = append $d (repeat 4000000 "x") }}{{ end }}'],
    ["writing", '{{ range 5 }}{{ repeat 1000000 "x" }}{{ end }}'],
    ["iterating", "{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}"],
  ])("%s", async (_what, source) => {
    expect(await render(source)).toMatchObject({ problem: "cannot be rendered over the opened values" });
  });
});
