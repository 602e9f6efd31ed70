import { expect, test } from "vitest";
import type { JsonObject } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { storedForm } from "./string-data.ts";

const object = (kind: string, rest: JsonObject): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "a" },
  ...rest,
});

test.each([
  [
    "takes the place of data",
    { data: { a: "eA==", b: "eA==" }, stringData: { a: "ü" } },
    { data: { a: "w7w=", b: "eA==" } },
  ],
  ["stands alone", { stringData: { a: "x" } }, { data: { a: "eA==" } }],
  ["may be empty", { data: { a: "eA==" }, stringData: {} }, { data: { a: "eA==" } }],
  ["is left when it is wrong", { stringData: { a: 1 } }, { stringData: { a: 1 } }],
  ["need not be there", { data: {} }, { data: {} }],
])("stringData %s", (_what, from, to) => {
  expect(storedForm(object("Secret", from))).toEqual(object("Secret", to));
});

test("only Secrets have one", () => {
  const map = object("ConfigMap", { stringData: { a: "x" } });
  expect(storedForm(map)).toBe(map);
});
