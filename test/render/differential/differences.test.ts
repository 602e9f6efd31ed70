import { describe, expect, test } from "vitest";
import { goMissing } from "../../toolchain/tools.ts";
import { difference } from "./compare.ts";
import { differences } from "./differences.ts";

describe.skipIf(goMissing() !== undefined)(
  "what was once built otherwise than by the real kustomize (skipped without Go)",
  () => {
    test.each(Object.entries(differences))("%s", async (_, environment) => {
      expect(await difference(environment)).toBeUndefined();
    });
  },
);
