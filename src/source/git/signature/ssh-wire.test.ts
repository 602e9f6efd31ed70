import { describe, expect, test } from "vitest";
import { sshBytes, sshReader } from "./ssh-wire.ts";

describe("the fields of an SSH message, as RFC 4251 has them", () => {
  test("are read one after another", () => {
    const reader = sshReader(Buffer.from("000000010000000474657374ff0000000000000002abcd", "hex"));
    expect(reader.uint32()).toBe(1);
    expect(reader.text()).toBe("test");
    expect(reader.raw(1).toString("hex")).toBe("ff");
    expect(reader.bytes()).toHaveLength(0);
    expect(reader.bytes().toString("hex")).toBe("abcd");
  });

  test("are written with their length", () => {
    expect(sshBytes("test").toString("hex")).toBe("0000000474657374");
    expect(sshBytes("").toString("hex")).toBe("00000000");
    expect(sshBytes(Buffer.from([255])).toString("hex")).toBe("00000001ff");
    expect(sshBytes("ü").toString("hex")).toBe("00000002c3bc");
  });

  test.each([
    ["a number", "0000", (reader: ReturnType<typeof sshReader>) => reader.uint32()],
    ["a length", "00", (reader: ReturnType<typeof sshReader>) => reader.bytes()],
    ["bytes", "00000003abcd", (reader: ReturnType<typeof sshReader>) => reader.bytes()],
    ["a text of four gigabytes", "ffffffff61", (reader: ReturnType<typeof sshReader>) => reader.text()],
  ])("end too early: %s", (_, hex, read) => {
    expect(() => read(sshReader(Buffer.from(hex, "hex")))).toThrow(RangeError);
  });
});
