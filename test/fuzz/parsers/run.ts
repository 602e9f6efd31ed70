import assert from "node:assert/strict";
import fc from "fast-check";
import { Failure } from "../../../src/model/failure.ts";
import type { Parser } from "./parser.ts";

/** What strangers are known to write: names that every object has, signs that mean something, and what is never seen. */
const tokens = [
  ..."__proto__ constructor prototype toString hasOwnProperty valueOf a b 0 1 -1 1e999 null true key value".split(" "),
  ...": = , ; . / \\ | & * ? + ^ $ ! @ # % ~ ` ' \" ( ) [ ] { } < > << --- ... - {{ }}".split(" "),
  ...[
    "\n",
    "\r\n",
    "\t",
    " ",
    "  ",
    "\u0000",
    "\u001b[2J",
    "\u0085",
    "\u2028",
    "\u202e",
    "\u200b",
    "\ud800",
    "é",
    "😀",
    "\u1fef",
  ],
  ...["(a+)+$", "../", "http://x.test/", "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]", "9".repeat(40)],
];

/** Soup of such pieces, random bytes, and texts that the parser understands with pieces put in, cut out or repeated. */
export function texts({ seeds }: Parser): fc.Arbitrary<string> {
  const token = fc.constantFrom(...tokens);
  const seed = fc.constantFrom(...seeds);
  const soup = fc.array(token, { maxLength: 40 }).map((parts) => parts.join(""));
  const raw = fc.uint8Array({ maxLength: 120 }).map((data) => Buffer.from(data).toString("latin1"));
  const spliced = fc
    .tuple(seed, fc.nat(), fc.nat({ max: 8 }), fc.oneof(token, soup))
    .map(([text, at, length, piece]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + piece + text.slice(from + length);
    });
  const doubled = fc.tuple(spliced, seed).map(([a, b]) => `${a}\n${b}`);
  return fc.oneof(soup, raw, { arbitrary: spliced, weight: 4 }, doubled, seed);
}

/** Reads a text; only a `Failure` or a refusal of the parser's own may come of it, and nothing may be different after. */
export async function readsOrRefuses(parser: Parser, text: string): Promise<void> {
  try {
    await parser.read(text);
  } catch (thrown) {
    const expected = thrown instanceof Failure || (parser.refusals ?? []).some((refusal) => thrown instanceof refusal);
    assert.ok(expected, `throws ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
    assert.ok(!(thrown instanceof Failure) || thrown.code !== "Bug", "says that it is a bug");
  }
  assert.deepEqual(inherited(), atFirst, "changes what all objects inherit");
}

/** `__proto__` is taken away when the program starts. */
const inherited = () =>
  [Object, Function, Array, Map].map(({ prototype }) =>
    Reflect.ownKeys(prototype).filter((key) => key !== "__proto__"),
  );
const atFirst = inherited();

/** So many characters, and four times as many: the time may grow as the text does, with room for a busy machine. */
const sizes = [5_000, 20_000] as const;
const mostGrowth = 10;
/** Less than this is not told from noise, in milliseconds. */
const noise = 100;

/** Reads long texts made of one piece over and over, alone and behind what the parser understands. */
export async function staysLinear(parser: Parser): Promise<void> {
  const pieces = ["a", " ", "\n", "/", "\\", "=", "(", "[", "{", "*a", "a,", "- ", "`", "\u0000", "a: ", "&a "];
  const starts = ["", ...parser.seeds.slice(0, 1)];
  for (const start of starts) {
    for (const piece of pieces) {
      const [few, many] = sizes.map((size) => start + piece.repeat(size / piece.length));
      if ((await timeOf(parser, many ?? "")) < noise) continue;
      const [short, long] = [await fastest(parser, few ?? ""), await fastest(parser, many ?? "")];
      assert.ok(
        long < noise || long < mostGrowth * Math.max(short, 1),
        `takes ${long} ms for ${sizes[1]} and ${short} ms for ${sizes[0]} characters of ${JSON.stringify(piece)} behind ${JSON.stringify(start)}`,
      );
    }
  }
}

async function fastest(parser: Parser, text: string): Promise<number> {
  const times = [await timeOf(parser, text), await timeOf(parser, text), await timeOf(parser, text)];
  return Math.min(...times);
}

async function timeOf(parser: Parser, text: string): Promise<number> {
  const before = performance.now();
  await readsOrRefuses(parser, text);
  return performance.now() - before;
}
