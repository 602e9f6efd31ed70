import { expect, test } from "vitest";
import { oneLine } from "./one-line.ts";

test.each([
  ["admission webhook denied the request", "admission webhook denied the request"],
  ["  first\n\n\tsecond \r\n", "first second"],
  ["red \u001b[31mtext\u0007", "red [31mtext"],
  ["right to left \u202eabc", "right to left abc"],
  ["zugelassen für Jörg, 許可", "zugelassen für Jörg, 許可"],
  ["half \ud800 a character", "half a character"],
  ["", ""],
  ["\n", ""],
])("%j is %j on one line", (words, line) => {
  expect(oneLine(words)).toBe(line);
});

test("the middle of long words is left out, and no character is cut in half", () => {
  expect(oneLine("a".repeat(400))).toBe("a".repeat(400));
  expect(oneLine(`${"a".repeat(300)}${"b".repeat(300)}`)).toBe(`${"a".repeat(199)} … ${"b".repeat(198)}`);
  expect(oneLine(`${"a".repeat(198)}${"😀".repeat(200)}`).isWellFormed()).toBe(true);
});
