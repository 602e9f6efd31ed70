import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { propertyRuns } from "../../../../test/support/properties/property-runs.ts";
import { type Commit, Simulation, type Step } from "../../../../test/support/simulation/simulation.ts";

const quality = fc.constantFrom<Commit>("good", "bad", "slow", "invalid");
const move = fc.constantFrom("edit" as const, "restart" as const, "kill" as const, "outage" as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant("commit" as const), quality }) },
  { weight: 4, arbitrary: fc.record({ type: move }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("time" as const), ms: fc.integer({ min: 1, max: 8_000 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("microtasks" as const), n: fc.integer({ min: 1, max: 600 }) }),
  },
);

const runs = propertyRuns(300);

beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-01-01T00:00:00Z") }));
afterEach(() => void vi.useRealTimers());

test(`${runs} interleavings of commits, edits, timeouts, outages, restarts and kills`, {
  timeout: 3_600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const world = new Simulation();
      await world.run(steps);
      const status = await world.status();
      const { latest, commits, lastHealthy } = world;
      // Never two passes at once; a commit or an edit ends a wait at once; what failed is not tried again by itself.
      expect(world.mostAtOnce).toBe(1);
      expect(world.latestStartMs).toBe(0);
      expect(world.triedAgain).toEqual([]);
      const last = commits.at(-1);
      // The newest commit is reached; or it is known that it failed, and the last healthy one is back: all of it, and no more.
      if (last === "good") {
        expect(status.lastHealthyRevision).toBe(latest);
        expect(lastHealthy).toBe(latest);
        expect(status.failedRevision).toBeUndefined();
      } else if (last !== "invalid") expect(status.failedRevision).toBe(latest);
      if (lastHealthy !== undefined) expect(await world.live()).toEqual(world.wanted(lastHealthy));
      if (last !== "invalid" || lastHealthy !== undefined) expect(status.attempt).toBeUndefined();
    }),
    { numRuns: runs },
  );
});
