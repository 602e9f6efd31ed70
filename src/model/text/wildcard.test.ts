import { expect, test } from "vitest";
import { matchesWildcard, matchesWildcardList } from "./wildcard.ts";

// By hand, from ssh_config(5), "PATTERNS".
test.each([
  ["*.example.com", "git.example.com", true],
  ["*.example.com", "example.com", false],
  ["192.168.0.?", "192.168.0.7", true],
  ["192.168.0.?", "192.168.0.77", false],
  ["a.b", "axb", false],
  ["*", "", true],
  ["?", "", false],
  ["", "", true],
  ["a*b*c", "a1b2b3c", true],
  ["a*b*c", "a1b2b3", false],
  ["**a", "bba", true],
  ["!a", "!a", true],
  ["[git.example.com]:2222", "[git.example.com]:2222", true],
])("%s on %s: %s", (pattern, text, fits) => {
  expect(matchesWildcard(pattern, text)).toBe(fits);
});

test.each([
  ["*.example.com,!evil.example.com", "git.example.com", true],
  ["*.example.com,!evil.example.com", "evil.example.com", false],
  ["!evil.example.com", "git.example.com", false],
])("%s on %s: %s", (list, text, named) => {
  expect(matchesWildcardList(list, text)).toBe(named);
});

test("many stars take no time", () => {
  expect(matchesWildcard("*a".repeat(500), "a".repeat(499))).toBe(false);
  expect(matchesWildcard(`${"*".repeat(10_000)}b`, "a".repeat(253))).toBe(false);
});
