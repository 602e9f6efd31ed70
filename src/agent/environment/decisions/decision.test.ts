import { describe, expect, test } from "vitest";
import { showPin } from "./decision.ts";

describe("a pin", () => {
  test("shows in the Ready condition, only when it is true", () => {
    const decision = (status: "True" | "False") => ({
      status: { conditions: [{ type: "Ready", status, reason: "Succeeded", message: "applied" } as const] },
      event: undefined,
      requeueMs: undefined,
    });
    expect(showPin(decision("True")).status.conditions).toEqual([
      { type: "Ready", status: "True", reason: "Pinned", message: "applied; pinned until mooring resume" },
    ]);
    expect(showPin(decision("False"))).toEqual(decision("False"));
  });
});
