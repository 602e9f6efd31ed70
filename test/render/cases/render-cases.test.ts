import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/model/failure.ts";
import { render, renderYaml } from "../../../src/render/index.ts";
import { directoryTree } from "../../../src/source/index.ts";
import { sharedFolder } from "../shared.ts";
import { readAnswers } from "./cases.ts";

const folder = sharedFolder("render-cases");
const answers = folder === undefined ? [] : readAnswers(folder);

/** What kustomize builds and Mooring refuses, and the words that say why: docs/kustomize.md has the list for users. */
const refused: Readonly<Record<string, string>> = {
  "env-file-line-over-64k": "a line of an env file must be shorter than 64 KiB",
  "json-patch-copy-annotations-leak": "the patch copies metadata.annotations as a whole",
  "merge-key-null": "an item has a null name",
  "nesting-over-1000": "nested deeper than 1000 levels",
  "yaml-text-crash-two-documents": "the text holds more than one YAML document",
  "text-after-document-end": "behind the end of the document",
};

const build = (files: string) => render(directoryTree(files), "").then(renderYaml);

/** What a build fails with; a crash is no Failure. */
async function failureOf(files: string): Promise<Failure> {
  const outcome: unknown = await build(files).catch((thrown: unknown) => thrown);
  if (outcome instanceof Failure && outcome.code !== "Bug") return outcome;
  throw new Error(`expected a Failure, got ${outcome instanceof Error ? outcome.stack : String(outcome)}`);
}

describe.skipIf(folder === undefined)("the last per mille (skipped without ../shared/render-cases)", () => {
  test.each(answers.map((one) => [one.name, one] as const))("%s", async (name, { files, expected }) => {
    const reason = refused[name];
    if (reason !== undefined) expect((await failureOf(files)).message).toContain(reason);
    else if (expected === undefined) await failureOf(files);
    else expect(await build(files)).toBe(expected);
  });
});
