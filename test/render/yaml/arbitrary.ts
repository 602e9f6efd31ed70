import fc from "fast-check";
import type { YamlValue } from "../../../src/render/yaml/index.ts";

/** Words and signs of which the text of values is made: what means something to YAML, and what does not. */
const pieces = [
  ..."a b - + : # ' \" \\ { } [ ] , & * ! | > % @ ` ? ~ = . 0 1 9 é 日 😀".split(" "),
  ...[": ", " #", " ", "  ", "\n", "\n\n", "\t", "- ", "---", "...", "<<", "\u00a0", "\u2028", "\r", "\u0001"],
  ...["yes", "no", "on", "true", "null", "0x1F", "0o7", "1e3", ".5", "1_0", "2001-01-02", "12:30", ".inf", "word word"],
];

const text = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(""));

/** Names whose order kustomize does not leave to chance: no two of them meet more than one rule of its order. */
const name = fc.constantFrom("a", "b", "B", "name", "image", "x-y", "x_y", "é", "app.io/n", "__proto__", "constructor");

const number = fc.oneof(
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.constantFrom(0, 0.1, 1e6, 1234567.8, 1e20, 1e21, 1e-5, 1e-7),
);

/** Any value that can be read, with text that is hard to write. */
export const yamlValue: fc.Arbitrary<YamlValue> = fc.letrec<{ value: YamlValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(text, text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(fc.oneof(name, name, text), tie("value")), { maxLength: 4, selector: ([key]) => key })
      .map((members) => Object.fromEntries(members)),
  ),
})).value;

/** A piece of block style: what stands behind a key or a dash in a block of a given indentation. */
type Block = (indent: number) => string;

const pad = (width: number): string => " ".repeat(width);
const quoted = (value: string): string => JSON.stringify(value);

const plain = fc.constantFrom(
  ..."foo a:b http://x/y?z=1 1 -1 1.5 0x1F 017 1_000 true null ~ yes on 2001-01-01 12:30 1e3 .5 x#y a,b x{y} é 😀 -foo ?x :x z* 100Mi".split(
    " ",
  ),
  ...[
    "bar baz",
    "2001-01-01 10:00:00",
    "it's",
    "foo - bar",
    "tail # comment",
    "",
    "&x anchored",
    "!!str 12",
    "! 5",
    "!x 5",
  ],
);
const inBrackets = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      "foo",
      "a:b",
      "1",
      "true",
      "~",
      "yes",
      "2001-01-01 10:00:00",
      "'it''s'",
      '"q"',
      "é 日",
      "foo - bar",
    ),
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc
      .array(tie("value"), { maxLength: 3 })
      .map((items) => `{${items.map((item, i) => `k${i}: ${item}`).join(",\n ")}}`),
  ),
})).value;

const line = fc.constantFrom(
  "text",
  "  more",
  " one",
  "# no comment",
  "- dash",
  "key: value",
  "",
  "tail\t",
  "日本",
  "'q'",
);

const blockScalar: fc.Arbitrary<Block> = fc
  .tuple(
    fc.constantFrom("|", "|-", "|+", ">", ">-", ">+"),
    fc.array(line, { maxLength: 6 }),
    fc.constantFrom("first", "  ", ""),
  )
  .map(([header, lines, first]) => (indent) => {
    const hint = first === "  " ? "2" : "";
    const body = [first.trim() === "" ? `${first}first` : first, ...lines];
    const head = `${header[0]}${hint}${header.slice(1)}`;
    return ` ${head}\n${body.map((content) => (content === "" ? "" : pad(indent + 2) + content)).join("\n")}`;
  });

const comment = fc.constantFrom("", "", "", "", " # comment");

const block = fc.letrec<{ node: Block }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      plain.map(
        (value): Block =>
          () =>
            ` ${value}`,
      ),
      text
        .filter((value) => !value.includes("\r") && !value.includes("\u0001"))
        .map(
          (value): Block =>
            () =>
              ` ${quoted(value)}`,
        ),
      fc.tuple(line, line).map(
        ([first, second]): Block =>
          (indent) =>
            ` '${[first, second].map((part) => part.replaceAll("'", "''")).join(`\n${pad(indent + 1)}`)}'`,
      ),
      fc.tuple(inBrackets, comment).map(
        ([value, tail]): Block =>
          () =>
            ` ${value}${tail}`,
      ),
      blockScalar,
    ),
    fc.tuple(membersOf(tie("node")), comment, fc.constantFrom(1, 2, 4)).map(
      ([members, tail, step]): Block =>
        (indent) =>
          `${tail}\n${members(indent + step)}`,
    ),
    fc.tuple(fc.array(tie("node"), { minLength: 1, maxLength: 3 }), fc.constantFrom(0, 2, 3)).map(
      ([items, step]): Block =>
        (indent) => {
          const at = Math.max(indent, 0) + step;
          return `\n${items.map((item) => `${pad(at)}-${item(at)}`).join("\n")}`;
        },
    ),
  ),
})).node;

function membersOf(node: fc.Arbitrary<Block>): fc.Arbitrary<Block> {
  const key = fc.constantFrom("name", "image", "a", "b", "x y", '"q k"', "'s k'", "app.io/n", "é");
  return fc
    .uniqueArray(fc.tuple(key, node, fc.constantFrom("", "", "", "\n", "# comment\n", "   # comment\n")), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    })
    .map(
      (members) => (indent) =>
        members.map(([name, value, above]) => `${above}${pad(indent)}${name}:${value(indent)}`).join("\n"),
    );
}

/** Members of an object in any style that YAML has, mostly valid: whole lines. */
export const yamlBody: fc.Arbitrary<string> = block.map((node) => `value:${node(0)}\n`);
