import { describe, expect, test } from "vitest";
import { decodeBase64, encodeBase64 } from "./base64.ts";

describe("standard base64 with padding, as Go's StdEncoding", () => {
  test.each([
    ["", ""],
    ["Zg==", "f"],
    ["Zm8=", "fo"],
    ["Zm9v", "foo"],
    ["Zm9v\nYmFy\r\n", "foobar"],
    ["Z\ng==", "f"],
    ["+/+/", "\xfb\xff\xbf"],
  ])("%j", (text, bytes) => {
    expect(decodeBase64(text)?.toString("latin1")).toBe(bytes);
  });

  test.each(["Z", "Zg", "Zg=", "Zm9", "Zg==Zg==", "=Zg=", "Zm9v ", "Zm9v\t", "Zm-_", "Zm9v!", "ü", "===="])(
    "%j is none",
    (text) => {
      expect(decodeBase64(text)).toBeUndefined();
    },
  );

  test("long text is read in linear time", () => {
    expect(decodeBase64(`${"A".repeat(4_000_000)}!`)).toBeUndefined();
    expect(decodeBase64("A".repeat(4_000_000))).toHaveLength(3_000_000);
  });

  test("is written with padding", () => {
    expect(encodeBase64(Buffer.from([0xff]))).toBe("/w==");
  });
});
