import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/model/failure.ts";
import { parseDocuments } from "../../../src/render/yaml/index.ts";
import { inputs } from "./inputs.ts";
import { type Printed, printedYaml, withBody } from "./kustomize-oracle.ts";

const recorded: Readonly<Record<string, Printed>> = JSON.parse(
  readFileSync(join(import.meta.dirname, "recorded.json"), "utf8"),
);

/** Where this reader differs on purpose, and why. */
const differences: Readonly<Record<string, string>> = {
  "value: a\n...\nother: b\n": "kustomize drops what stands behind the end of a document without a word",
  "%TAG ! !x\n": "the same",
};

describe("what kustomize was asked and answered", () => {
  test("is all recorded: run test/render/yaml/record.ts after a change of inputs.ts", () => {
    expect(Object.keys(recorded)).toEqual([...new Set(inputs)]);
  });

  test.each(Object.entries(recorded))("%j", (body, answer) => {
    const expectFailure = "error" in answer !== body in differences;
    if (expectFailure) expect(() => print(body)).toThrow(Failure);
    else if ("text" in answer) expect(print(body)).toBe(answer.text.replace(/name: case-\d+/, "name: case-0"));
    else expect(() => print(body)).not.toThrow();
  });
});

const print = (body: string): string =>
  parseDocuments(withBody(0, body), "case.yaml")
    .map((document) => printedYaml(document.value))
    .join("---\n");
