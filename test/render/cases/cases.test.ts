import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/model/failure.ts";
import { render, renderYaml } from "../../../src/render/index.ts";
import { directoryTree } from "../../../src/source/index.ts";
import { sharedFolder } from "../shared.ts";
import { type Case, readCases } from "./cases.ts";
import { errorFacts } from "./error-facts.ts";

const corpus = sharedFolder("kustomize-cases");
const cases = corpus === undefined ? [] : readCases(corpus);
const succeeding = cases.filter(({ error }) => error === undefined);
const failing = cases.filter(({ error }) => error !== undefined);

function build({ files, root, unrestricted, managedByLabel }: Case, order: "none" | "legacy") {
  return render(directoryTree(files), root, {
    order,
    managedByLabel,
    loadRestrictor: unrestricted ? "none" : "rootOnly",
  });
}

/** What a build fails with. */
async function failureOf(failing: Case): Promise<Failure> {
  const outcome = await build(failing, "legacy").catch((thrown: unknown) => thrown);
  if (outcome instanceof Failure) return outcome;
  throw new Error(`expected a Failure, got ${outcome instanceof Error ? outcome.stack : "an answer"}`);
}

describe.skipIf(corpus === undefined)("kustomize's own cases (skipped without ../shared/kustomize-cases)", () => {
  test.each(succeeding.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    for (const { order, output } of one.expected) expect(renderYaml(await build(one, order)), order).toBe(output);
  });

  test.each(failing.map((one) => [one.name, one] as const))("%s fails, and says why", async (name, one) => {
    const facts = errorFacts[name] ?? ["a list of facts in error-facts.ts"];
    const { code, message } = await failureOf(one);
    expect(code).not.toBe("Bug");
    for (const fact of facts) expect(message).toContain(fact);
  });
});
