import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePattern, literalPattern, PatternInvalid } from "./pattern.ts";

describe("regular expressions", () => {
  // By hand, from the syntax of RE2.
  test.each([
    ["^(?:web)$", "web", true],
    ["^(?:web)$", "web2", false],
    ["web|api", "an api", true],
    ["^w.*b$", "wxyzb", true],
    ["^w.b$", "w\nb", false],
    ["(?s)^w.b$", "w\nb", true],
    ["^(?i)WEB$", "web", true],
    ["^(?:app-[0-9]{1,3})$", "app-12", true],
    ["^(?:app-[0-9]{1,3})$", "app-1234", false],
    ["^[^a-c]+$", "xyz", true],
    ["^[^a-c]+$", "xbz", false],
    ["^[[:alpha:]]+$", "abc", true],
    ["^[[:^alpha:]]+$", "12", true],
    ["^\\d+\\.\\d+$", "1.10", true],
    ["^\\pL+$", "é", true],
    ["^\\p{Greek}$", "α", true],
    ["\\bweb\\b", "a web b", true],
    ["\\bweb\\b", "cobweb", false],
    ["^[]a]+$", "]a", true],
    ["^[a\\-z]+$", "a-z", true],
    ["^a{2}$", "aa", true],
    ["^a{2,}$", "aaa", true],
    ["^(a|b)*c?$", "abba", true],
    ["^\\Qa.b\\E$", "a.b", true],
    ["^\\Qa.b\\E$", "axb", false],
    ["^\\x41\\x{42}$", "AB", true],
    ["^(?P<name>x)(?:y)$", "xy", true],
    ["", "anything", true],
    ["^a{,2}$", "a{,2}", true],
  ])("%s on %s: %s", (pattern, text, matches) => {
    expect(compilePattern(pattern).test(text)).toBe(matches);
  });

  test.each([
    "[",
    "(",
    ")",
    "a**",
    "*a",
    "a{2,1}",
    "a{1001}",
    "\\",
    "\\y",
    "(?=a)",
    "(?<!a)b",
    "[z-a]",
    "\\p{Nowhere}",
  ])("%s is none", (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(PatternInvalid);
  });

  test("what explodes elsewhere takes no time, or is refused", () => {
    expect(compilePattern("^(a+)+$").test(`${"a".repeat(5_000)}b`)).toBe(false);
    expect(compilePattern("^(a|aa)+$").test(`${"a".repeat(5_000)}b`)).toBe(false);
    expect(compilePattern("(x+x+)+y").test("x".repeat(5_000))).toBe(false);
    expect(() => compilePattern("((a{100}){100}){100}")).toThrow("invalid repeat count");
    expect(() => compilePattern("(".repeat(10_000))).toThrow(PatternInvalid);
  });

  test("a text that is too long for the pattern is refused, not matched for minutes", () => {
    const pattern = compilePattern("(a|b)*a(a|b){300}[cd]");
    expect(() => pattern.test("ab".repeat(100_000))).toThrow("a text of 200000 characters is too long");
    expect(() => compilePattern("a".repeat(10_001))).toThrow("expression is too long");
  });

  test("a literal pattern means its text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(compilePattern(`^(?:${literalPattern(text)})$`).test(text)).toBe(true);
      }),
    );
    expect(compilePattern(`^${literalPattern("a.b")}$`).test("axb")).toBe(false);
  });

  test("agrees with the engine's own on simple expressions", () => {
    const piece = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "a*", "b+", "(a|b)", "(?:ab)?", "^", "$", "b{1,2}");
    const pattern = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(pattern, fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 }), (source, text) => {
        expect(compilePattern(source).test(text)).toBe(new RegExp(source, "u").test(text));
      }),
    );
  });
});
