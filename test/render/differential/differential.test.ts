import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { goMissing } from "../../toolchain/tools.ts";
import { unwantedDifference } from "./compare.ts";
import { environments } from "./overlays.ts";

/** Enough to meet most of what was ever found here again, in the time that a test may take. */
const runs = 300;
/** Always the same ones: `npm run fuzz` is what looks for new ones. */
const seed = 20261121;
/** As many at once as keep two cores busy. */
const batch = 4;

describe.skipIf(goMissing() !== undefined)(
  "random environments, as the real kustomize builds them (skipped without Go)",
  () => {
    test(`${runs} of them`, async () => {
      const property = fc.asyncProperty(
        fc.array(environments, { minLength: batch, maxLength: batch }),
        async (some) => {
          const differences = await Promise.all(some.map(unwantedDifference));
          for (const [index, found] of differences.entries())
            expect(found, JSON.stringify(some[index], null, 2)).toBeUndefined();
        },
      );
      await fc.assert(property, { seed, numRuns: Math.ceil(runs / batch), interruptAfterTimeLimit: 50_000 });
    });
  },
);
