import { describe, expect, test } from "vitest";
import { goMissing } from "../../toolchain/tools.ts";
import { difference } from "./compare.ts";
import { kinds } from "./kinds.ts";

describe.skipIf(goMissing() !== undefined)("as the real kustomize builds or refuses it (skipped without Go)", () => {
  describe.each(kinds)("$name", ({ environments }) => {
    test.concurrent.each(environments)("%s", async (_, environment) => {
      expect(await difference(environment)).toBeUndefined();
    });
  });
});
