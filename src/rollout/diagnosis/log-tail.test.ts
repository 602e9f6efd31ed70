import { describe, expect, test } from "vitest";
import { lineMask } from "../../plan/index.ts";
import { logTail as masked } from "./log-tail.ts";

const logTail = (text: string, secrets: readonly string[]) => masked(text, lineMask(secrets));

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

describe("the end of a log", () => {
  test("is what a program said last, in order", () => {
    expect(logTail("starting\nno database\n", [])).toEqual(["starting", "no database"]);
    expect(logTail("", [])).toEqual([]);
    expect(logTail("no line end", [])).toEqual(["no line end"]);
  });

  test("is ten lines, of which none may be a part", () => {
    expect(logTail(`${numbered(11).join("\n")}\n`, [])).toEqual(numbered(11).slice(1));
    expect(logTail(`${numbered(10).join("\n")}\n`, [])).toEqual(numbered(10));
  });

  test("leaves the last line out where the API server cut it off", () => {
    const text = `${"x".repeat(100)}\n`.repeat(648);
    const cut = `${text}${"y".repeat(65_536 - text.length)}`;
    expect(logTail(cut, []).at(-1)).toBe("x".repeat(100));
  });

  test("leaves a line out that a runtime may have cut, and what may be its rest", () => {
    expect(logTail(`rest\n${"z".repeat(9_000)}\nlast\n`, [])).toEqual(["last"]);
  });

  test("is fit for a status: one line each, no colours, at most 300 characters", () => {
    expect(logTail("\u001b[31merror\u001b[0m:\tno\u0000way\r\n", [])).toEqual(["error: no way"]);
    const [long = ""] = logTail("w".repeat(400), []);
    expect(long).toHaveLength(300);
    expect(long.endsWith("…")).toBe(true);
  });

  test("masks values of Secrets before it is cut, and where colours part them", () => {
    const secret = "s3cr3t-value";
    expect(logTail(`password ${secret}\n`, [secret])).toEqual(["password ***"]);
    expect(logTail(`${"v".repeat(295)}${secret}`, [secret])).toEqual([`${"v".repeat(295)}***`]);
    expect(logTail("password s3cr\u001b[1m3t-value\n", [secret])).toEqual(["password ***"]);
    expect(logTail(`first\nbasic ${btoa(`m:${secret}`)}\nlast\n`, [secret])).toEqual(["first", "last"]);
  });
});
