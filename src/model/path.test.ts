import { expect, test } from "vitest";
import { plainPath } from "./path.ts";

// As Go's filepath.Join("/", path) has them, without the root: https://pkg.go.dev/github.com/cyphar/filepath-securejoin
test.each([
  ["", ""],
  [".", ""],
  ["./", ""],
  ["/", ""],
  ["./overlays/production", "overlays/production"],
  ["overlays//production/", "overlays/production"],
  ["/overlays/production", "overlays/production"],
  ["overlays/./production/.", "overlays/production"],
  ["overlays/staging/../production", "overlays/production"],
  ["../overlays", "overlays"],
  ["overlays/../../..", ""],
  ["overlays/..production", "overlays/..production"],
  ["overlays/pro duction", "overlays/pro duction"],
])("the plain form of %j is %j", (path, plain) => {
  expect(plainPath(path)).toBe(plain);
  expect(plainPath(plain)).toBe(plain);
});
