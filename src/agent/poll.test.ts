import { describe, expect, it } from "vitest";
import { pauseAfter } from "./poll.ts";

describe("the pause until Git is asked again", () => {
  it.each([
    [0, 60_000, 54_000, 66_000],
    [1, 60_000, 500, 1_500],
    [2, 60_000, 1_000, 3_000],
    [5, 60_000, 8_000, 24_000],
    [7, 60_000, 30_000, 90_000],
    [5_000, 60_000, 30_000, 90_000],
    [1, 300, 150, 450],
  ])("after %i failures, with an interval of %i ms, is from %i to %i ms", (failures, intervalMs, least, most) => {
    expect(pauseAfter({ failures, intervalMs }, 0)).toBe(least);
    expect(pauseAfter({ failures, intervalMs }, 1)).toBeCloseTo(most, 6);
  });
});
