import { describe, expect, test } from "vitest";
import { readEnvironment } from "../api/environment/environment.ts";
import { atPin, isPinned } from "./pin.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const pinnedTo = (pin: string) =>
  readEnvironment({
    metadata: { name: "shop", namespace: "mooring-system", annotations: { "mooring.dev/pin": pin } },
    spec: { source: { url: "https://git.example.com/shop.git", ref: { branch: "main" } } },
  });

describe("a pin", () => {
  test.each([`main@sha1:${commit}`, `sha1:${commit}`, commit])("%s takes the place of the branch", (pin) => {
    expect(isPinned(pinnedTo(pin))).toBe(true);
    expect(atPin(pinnedTo(pin)).spec.source).toEqual({ url: "https://git.example.com/shop.git", ref: { commit } });
  });

  test("is none when it is empty", () => {
    expect(isPinned(pinnedTo(""))).toBe(false);
    expect(atPin(pinnedTo(""))).toEqual(pinnedTo(""));
  });

  test.each(["main", "0123456", "sha1:xyz"])("%s is refused", (pin) => {
    expect(() => atPin(pinnedTo(pin))).toThrow(expect.objectContaining({ code: "SpecInvalid" }));
  });
});
