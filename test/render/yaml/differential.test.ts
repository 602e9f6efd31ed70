import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { emitYaml, parseDocuments, type YamlValue } from "../../../src/render/yaml/index.ts";
import { goMissing, tool } from "../../toolchain/tools.ts";
import { yamlBody, yamlValue } from "./arbitrary.ts";
import { type Printed, printAll, printedYaml, withBody } from "./kustomize-oracle.ts";

const seed = 20261121;

describe.skipIf(goMissing() !== undefined)("against the real kustomize (skipped without Go)", () => {
  test("documents in any style are printed the same, or refused by both", async () => {
    const bodies = fc.sample(yamlBody, { numRuns: 400, seed });
    const answers = await printAll(await tool("kustomize"), bodies);
    expect(bodies.map(printed)).toEqual(answers.map(comparable));
  });

  test("values that are hard to write are printed the same", async () => {
    const bodies = fc.sample(yamlValue, { numRuns: 400, seed }).map((value) => `value: ${JSON.stringify(value)}\n`);
    const answers = await printAll(await tool("kustomize"), bodies);
    expect(bodies.map(printed)).toEqual(answers.map(comparable));
  });
});

describe("against the yaml package", () => {
  // The package takes U+2028 for text, as YAML 1.2 has it; kustomize drops the key "<<".
  const values = yamlValue.filter((value) => !/\u2028|"<<":/.test(JSON.stringify(value)));

  test("what is written here is read there the same", () => {
    const same = (value: YamlValue): void => {
      expect(parse(emitYaml({ value }))).toEqual(JSON.parse(JSON.stringify({ value })));
    };
    fc.assert(fc.property(values, same), { numRuns: 500, seed });
  });

  test("what is written there is read here the same", () => {
    const same = (value: YamlValue): void => {
      const [document] = parseDocuments(stringify({ value }, { defaultStringType: "QUOTE_DOUBLE" }), "value.yaml");
      expect(JSON.parse(JSON.stringify(document?.value))).toEqual(JSON.parse(JSON.stringify({ value })));
    };
    fc.assert(fc.property(values, same), { numRuns: 500, seed });
  });
});

/** What this program prints for a body, or that it refuses it. */
function printed(body: string): string {
  try {
    return parseDocuments(withBody(0, body), "case.yaml")
      .map((document) => printedYaml(document.value))
      .join("---\n");
  } catch {
    return "refused";
  }
}

const comparable = (answer: Printed): string =>
  "text" in answer ? answer.text.replace(/name: case-\d+/, "name: case-0") : "refused";
