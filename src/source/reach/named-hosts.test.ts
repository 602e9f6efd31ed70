import { describe, expect, test } from "vitest";
import { entryFor, readNamedHost } from "./named-hosts.ts";

describe("--remote-host", () => {
  test.each([
    ["git.example.com", { type: "name", host: "git.example.com", port: undefined }],
    ["Git.Example.COM.", { type: "name", host: "git.example.com", port: undefined }],
    ["git.example.com:3000", { type: "name", host: "git.example.com", port: 3000 }],
    ["git.example.com:*", { type: "name", host: "git.example.com", port: undefined }],
    ["*.example.com", { type: "below", host: "example.com", port: undefined }],
    ["*.example.com:443", { type: "below", host: "example.com", port: 443 }],
    ["10.1.2.3", { type: "address", host: "10.1.2.3", port: undefined }],
    ["10.1.2.3:65535", { type: "address", host: "10.1.2.3", port: 65_535 }],
    ["167838211", { type: "address", host: "10.1.2.3", port: undefined }],
    ["::1", { type: "address", host: "::1", port: undefined }],
    ["[::1]:8080", { type: "address", host: "::1", port: 8080 }],
    ["FD00::0001", { type: "address", host: "fd00::1", port: undefined }],
    ["*", { type: "any", host: "", port: undefined }],
    ["localhost", { type: "name", host: "localhost", port: undefined }],
  ])("%s is %j", (text, named) => {
    expect(readNamedHost(text)).toEqual(named);
  });

  test.each([
    "git.example.com:65536",
    "git.example.com:-1",
    "git.example.com:http",
    "git.example.com:",
    "*.*.example.com",
    "a*.example.com",
    "*.[::1]",
    "[::1",
    "[git.example.com]:80",
    "git.example.com/",
    "git.example.com?x",
    "//",
  ])("%j is refused, and said what would be one", (text) => {
    expect(() => readNamedHost(text)).toThrow(`--remote-host: "${text}" is not a host (such as git.example.com`);
  });
});

describe("of the hosts that were named counts what says most", () => {
  const all = ["*", "*.example.com", "git.example.com", "git.example.com:3000", "10.1.2.3", "10.1.2.3:443"].map(
    readNamedHost,
  );
  test.each([
    ["git.example.com", 3000, { type: "name", port: 3000 }],
    ["git.example.com", 443, { type: "name", port: undefined }],
    ["other.example.com", 443, { type: "below" }],
    ["a.b.example.com", 443, { type: "below" }],
    ["example.com", 443, { type: "any" }],
    ["evilexample.com", 443, { type: "any" }],
    ["10.1.2.3", 443, { type: "address", port: 443 }],
    ["10.1.2.3", 80, { type: "address", port: undefined }],
    ["10.1.2.4", 80, { type: "any" }],
  ])("%s at %i", (host, port, entry) => {
    expect(entryFor(all, host, port)).toMatchObject(entry);
  });

  test("and nothing where none fits", () => {
    const some = ["git.example.com:3000", "*.example.org"].map(readNamedHost);
    for (const host of ["git.example.com", "example.org", "example.net"]) {
      expect(entryFor(some, host, 443)).toBeUndefined();
    }
  });
});
