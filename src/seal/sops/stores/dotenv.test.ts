import { describe, expect, test } from "vitest";
import { readDotenv, writeDotenv } from "./dotenv.ts";

/** What `sops --decrypt` of sops 3.13.3 gives for a file that it encrypted. */
const rows: readonly (readonly [text: string, written: string])[] = [
  ["A=b\n", "A=b\n"],
  ["A=b", "A=b\n"],
  ["A=\n", "A=\n"],
  ["A=b=c\n", "A=b=c\n"],
  ["A = b\n", "A = b\n"],
  [" A=b\n", " A=b\n"],
  ["A=b \n", "A=b \n"],
  ["\n\nA=b\n\nB=c\n", "A=b\nB=c\n"],
  ["# c\nA=b\n", "# c\nA=b\n"],
  ["#c\n", "#c\n"],
  ["A=b #c\n", "A=b #c\n"],
  ['A="b"\n', 'A="b"\n'],
  ["A='b'\n", "A='b'\n"],
  ["export A=b\n", "export A=b\n"],
  ["A=a\\nb\n", "A=a\\nb\n"],
  ["A=a\\\\nb\n", "A=a\\\\nb\n"],
  ["A=ü\n", "A=ü\n"],
  ["A=b\nA=c\n", "A=b\nA=c\n"],
  ["=b\n", "=b\n"],
  ["A=b\r\n", "A=b\r\n"],
  ["A=$B\n", "A=$B\n"],
  ["A=b\n#\n", "A=b\n#\n"],
  ["A=#b\n", "A=#b\n"],
  ["A=\t\n", "A=\t\n"],
  ["__proto__=x\n", "__proto__=x\n"],
  ["A.B-C=d\n", "A.B-C=d\n"],
];

/** What sops does not encrypt. */
const refused: readonly string[] = ["A\n", "A=b\nC\n", ";c\nA=b\n"];

function rewritten(text: string): string | undefined {
  const branch = readDotenv(Buffer.from(text).toString("latin1"));
  return branch && Buffer.from(writeDotenv(branch), "latin1").toString();
}

describe("dotenv is read and written as sops does", () => {
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
