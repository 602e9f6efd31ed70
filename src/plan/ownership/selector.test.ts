import { describe, expect, test } from "vitest";
import { readSelector } from "./selector.ts";

const labels = { app: "web", tier: "front", "example.com/team": "blue" };

describe("readSelector", () => {
  test.each([
    ["", true],
    ["app=web", true],
    ["app==web", true],
    ["app=api", false],
    ["app!=api", true],
    ["app != web", false],
    ["gone!=x", true],
    ["app", true],
    ["gone", false],
    ["!gone", true],
    ["!app", false],
    ["app in (api, web)", true],
    ["app in (api)", false],
    ["app notin (api,db)", true],
    ["gone notin (a)", true],
    ["gone in (a)", false],
    ["app in (api,web),tier=front", true],
    ["app=web,tier=back", false],
    ["example.com/team=blue", true],
    ["gone=", false],
  ])("%s: %s", (selector, expected) => {
    expect(readSelector(selector)(labels)).toBe(expected);
  });

  test("finds nothing in labels that are named and empty", () => {
    expect(readSelector("app=web")(null)).toBe(false);
    expect(readSelector("!app")(null)).toBe(true);
  });

  test.each(["app=web,", "app in api", "a b", "app=(x)", "=web"])("refuses %s", (selector) => {
    expect(() => readSelector(selector)).toThrow(expect.objectContaining({ code: "SpecInvalid" }));
  });
});
