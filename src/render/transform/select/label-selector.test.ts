import { describe, expect, test } from "vitest";
import { LabelSelectorInvalid, parseLabelSelector } from "./label-selector.ts";

const labels = new Map([
  ["app", "web"],
  ["example.com/tier", "front"],
  ["count", "5"],
]);

describe("label selectors", () => {
  // By hand, from the Kubernetes documentation of labels and selectors.
  test.each([
    ["", true],
    ["app=web", true],
    ["app == web", true],
    ["app!=web", false],
    ["other!=web", true],
    ["app in (web, api)", true],
    ["app notin (web)", false],
    ["other notin (web)", true],
    ["other in (web)", false],
    ["example.com/tier", true],
    ["!example.com/tier", false],
    ["!other", true],
    ["count>4", true],
    ["count < 5", false],
    ["app>1", false],
    ["app=web,count=5,!other", true],
    ["app=web,count=6", false],
    ["app in (a,b),app", false],
  ])("%s: %s", (selector, matches) => {
    expect(parseLabelSelector(selector)(labels)).toBe(matches);
  });

  test.each(["=web", "app=web,", "app in web", "a b", "app in (", "-app"])("%s is none", (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow(LabelSelectorInvalid);
  });
});
