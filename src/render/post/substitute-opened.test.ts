import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../model/json/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { substituteOpened } from "./substitute-opened.ts";

const open = "$".concat("{");

function manifestOf(object: KubeObject): Manifest {
  const { name } = object.metadata;
  return {
    id: { group: "", kind: object.kind, namespace: "", name },
    object,
    origin: { file: "a.yaml", line: 1, chain: [] },
    digest: "",
    sensitive: true,
    unsubstituted: object,
  };
}

describe("variables that are put into what was opened", () => {
  // The largest and smallest of 64 bits, and what no double holds.
  test.each(["9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808"])(
    "leave %s as it is, and may be such a number",
    (digits) => {
      const object = {
        apiVersion: "example.com/v1",
        kind: "Account",
        metadata: { name: "a" },
        spec: { id: BigInt(digits), ids: [BigInt(digits), 1], given: `${open}ID}`, text: `x${open}ID}` },
      };
      const variables = { ID: digits };
      const { object: put } = substituteOpened(manifestOf(object), { variables, strict: true });
      expect(canonicalJson(put.spec)).toBe(
        `{"given":${digits},"id":${digits},"ids":[${digits},1],"text":"x${digits}"}`,
      );
    },
  );
});
