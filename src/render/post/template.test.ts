import { describe, expect, test } from "vitest";
import { expandTemplate, VariableNotSet } from "./template.ts";
import { TemplateInvalid } from "./template-invalid.ts";

const variables = new Map([
  ["name", "bash.string.txt"],
  ["path", "/path/to/file"],
  ["word", "abcABC123ABCabc"],
  ["empty", ""],
]);
const lookUp = (name: string) => variables.get(name);
const open = "$".concat("{");
/** An expression, as it stands in a file. */
const ask = (inside: string) => `$\{${inside}}`;

describe("templates", () => {
  // By hand, from the forms of bash that Flux documents.
  test.each([
    ["text alone", "text alone"],
    [`a ${ask("word")} b`, "a abcABC123ABCabc b"],
    [ask("#word"), "15"],
    [ask("word^"), "AbcABC123ABCabc"],
    [ask("word^^"), "ABCABC123ABCABC"],
    [ask("word,,"), "abcabc123abcabc"],
    [ask("path:6"), "to/file"],
    [ask("path:6:2"), "to"],
    [ask("none:-fallback"), "fallback"],
    [ask("none:=fallback"), "fallback"],
    [ask("none=fallback"), "fallback"],
    [ask("empty:-fallback"), "fallback"],
    [ask("word:-fallback"), "abcABC123ABCabc"],
    [ask(`none:=x-${ask("word")}-y`), "x-abcABC123ABCabc-y"],
    // What Flux's library printed.
    [ask("none:=\\n"), "\\n"],
    [ask("none:=\\d"), "\\d"],
    [ask("word%*"), "abcABC123ABCab"],
    [ask("word#*"), "bcABC123ABCabc"],
    [ask("word#[a-l]"), "bcABC123ABCabc"],
    [ask("none:-https://example.com/$"), "https://example.com/$"],
    [ask("name#*."), "string.txt"],
    [ask("name##*."), "txt"],
    [ask("name%.*"), "bash.string"],
    [ask("name%%.*"), "bash"],
    [ask("path#*/"), "path/to/file"],
    [ask("word/abc/xyz"), "xyzABC123ABCabc"],
    [ask("word//abc/xyz"), "xyzABC123ABCxyz"],
    [ask("word/#abc/xyz"), "xyzABC123ABCabc"],
    [ask("word/%abc/xyz"), "abcABC123ABCxyz"],
    [ask("path//\\//-"), "-path-to-file"],
    [ask("word/abc/"), "ABC123ABCabc"],
    [`$${ask("word")}`, ask("word")],
    ["$word $(word) $5 $", "$word $(word) $5 $"],
    ["$$word", "$word"],
  ])("%s becomes %s", (text, expanded) => {
    expect(expandTemplate(text, lookUp)).toBe(expanded);
  });

  test("all variables that are not set are named, also those that an operator asks for", () => {
    const text = [ask("one"), ask("two^^"), ask("three:-x"), ask("#four"), ask("one")].join(" ");
    const expansion = () => expandTemplate(text, lookUp);
    expect(expansion).toThrow(VariableNotSet);
    expect(expansion).toThrow("one, two, four");
  });

  test.each([open, `${open}}`, `${open}a`, ask("a b"), ask("-a"), ask("word-x")])("%s is none", (text) => {
    expect(() => expandTemplate(text, lookUp)).toThrow(TemplateInvalid);
  });

  test("expressions nested without end are refused", () => {
    expect(() => expandTemplate(`${open}a:-`.repeat(10_000), lookUp)).toThrow("nested too deeply");
  });
});
