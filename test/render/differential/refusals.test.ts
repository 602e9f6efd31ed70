import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { goMissing } from "../../toolchain/tools.ts";
import { ourAnswer, theirAnswer } from "./compare.ts";
import { isRefusedOnPurpose, refusals } from "./refusals.ts";

const page = join(import.meta.dirname, "../../../docs/kustomize.md");

test("the page for users has a row for each, and no other", () => {
  const rows = readFileSync(page, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| "));
  expect(rows.slice(2).map((row) => row.split(" | ")[0]?.slice(2))).toEqual(refusals.map(({ what }) => what));
});

const examples = refusals.flatMap(({ what, code, examples: some }) => some.map((one) => [what, code, one] as const));

describe.skipIf(goMissing() !== undefined)(
  "kustomize builds it, and Mooring refuses it by name (skipped without Go)",
  () => {
    test.concurrent.each(examples)("%s", async (_, code, environment) => {
      const [ours, theirs] = await Promise.all([ourAnswer(environment), theirAnswer(environment)]);
      expect(theirs).toHaveProperty("output");
      expect("failure" in ours && ours.failure.code).toBe(code);
      expect("failure" in ours && isRefusedOnPurpose(environment, ours.failure)).toBe(true);
    });
  },
);
