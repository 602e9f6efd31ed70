import { describe, expect, test } from "vitest";
import { readIni } from "./ini-read.ts";
import { writeIni } from "./ini-write.ts";

/** What `sops --decrypt` of sops 3.13.3 gives for a file that it encrypted. */
const rows: readonly (readonly [text: string, written: string])[] = [
  ["a=b\n", "a = b\n"],
  ["[s]\na=b\n", "[s]\na = b\n"],
  ["[s]\na = b\nlonger = c\n", "[s]\na      = b\nlonger = c\n"],
  ["[s]\n[t]\na=b\n", "[s]\n\n[t]\na = b\n"],
  ["[s]\n\na=b\n\n", "[s]\na = b\n"],
  ["; c\n[s]\na=b\n", "; c\n[s]\na = b\n"],
  ["[s]\n; c\na=b\n", "[s]\n; c\na = b\n"],
  ["[s]\n# c\na=b\n", "[s]\n; c\na = b\n"],
  ["[s]\na=b ; c\n", "[s]\n; c\na = b\n"],
  ["[s]\na=b # c\n", "[s]\n; c\na = b\n"],
  ["[s]\na=`b;c`\n", "[s]\na = `b;c`\n"],
  ['[s]\na="b"\n', "[s]\na = b\n"],
  ["[s]\na='b'\n", "[s]\na = b\n"],
  ['[s]\na="""b\nc"""\n', '[s]\na = """b\nc"""\n'],
  ["[s]\na=b\\\n c\n", "[s]\na = bc\n"],
  ["[s]\na:b\n", "[s]\na = b\n"],
  ["[s]\na=\n", "[s]\na = \n"],
  ["[s]\na=1\na=2\n", "[s]\na = 2\n"],
  ["[s]\na=1\n[s]\nb=2\n", "[s]\na = 1\n\n[s]\nb = 2\n"],
  ["[a.b]\nc=d\n", "[a.b]\nc = d\n"],
  ['[s]\n"a=b"=c\n', "[s]\n`a=b` = c\n"],
  ["[s]\n`a`=c\n", "[s]\na = c\n"],
  ["[s]\na=b=c\n", "[s]\na = b=c\n"],
  ["[s]\na= b \n", "[s]\na = b\n"],
  ["[s]\na=ü\n", "[s]\na = ü\n"],
  ["[DEFAULT]\na=b\n", "[DEFAULT]\na = b\n"],
  ["[s] ; c\na=b\n", "; c\n[s]\na = b\n"],
  ["x=1\n[s]\na=b\n", "x = 1\n\n[s]\na = b\n"],
  ["[s]\na=%(b)s\n", "[s]\na = %(b)s\n"],
  ['[s]\na="b\n', '[s]\na = "b\n'],
  ["[s]\na=b\\\n", "[s]\na = b\n"],
  ["﻿[s]\na=b\n", "[s]\na = b\n"],
  ['[s]\na=" b "\n', '[s]\na = " b "\n'],
  ['[s]\na=b"c\n', '[s]\na = b"c\n'],
  ["[s]\n[t]\n", "[s]\n\n[t]\n"],
];

/** What sops does not encrypt. */
const refused: readonly string[] = ["[s]\na\n", "[s]\n=b\n", "[s\na=b\n", "[]\na=b\n", "[s]\n-=x\n", "[s]\na=`b\n"];

function rewritten(text: string): string | undefined {
  const branch = readIni(Buffer.from(text).toString("latin1"));
  return branch && Buffer.from(writeIni(branch), "latin1").toString();
}

describe("INI is read and written as sops does", () => {
  test.each(rows)("%j", (text, written) => {
    expect(rewritten(text)).toBe(written);
  });

  test.each(rows)("%j comes out the same when it is read again", (_text, written) => {
    expect(rewritten(written)).toBe(written);
  });

  test.each(refused)("%j is refused", (text) => {
    expect(rewritten(text)).toBeUndefined();
  });
});
