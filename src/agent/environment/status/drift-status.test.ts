import { describe, expect, test } from "vitest";
import type { FieldChange, PlannedAction } from "../../../model/plan.ts";
import { driftCondition, driftEntries } from "./drift-status.ts";

const now = "2026-01-01T00:00:00Z";
const earlier = "2025-12-31T00:00:00Z";
const id = (name: string) => ({ group: "apps", kind: "Deployment", namespace: "shop", name });
const planned = (name: string, action: PlannedAction["action"]): PlannedAction => ({
  ...{ id: id(name), version: "v1", stage: "", action },
});
const changed = (name: string, ...changes: FieldChange[]) => planned(name, { type: "update", changes });
const replicas: FieldChange = { path: "/spec/replicas", from: 5, to: 2, manager: "kubectl" };

describe("the condition", () => {
  test.each<readonly [string, readonly PlannedAction[], string]>([
    ["nothing drifted", [], "False NoDrift: "],
    [
      "one object",
      [changed("web", replicas)],
      "True Drifted: 1 objects differ from the repository: Deployment/shop/web",
    ],
    [
      "more than it names",
      Array.from({ length: 12 }, (_, index) => changed(`w${index}`, replicas)),
      `True Drifted: 12 objects differ from the repository: ${Array.from({ length: 10 }, (_, n) => `Deployment/shop/w${n}`).join(", ")}`,
    ],
  ])("%s", (_what, drifted, expected) => {
    const { status, reason, message } = driftCondition(drifted);
    expect(`${status} ${reason}: ${message}`).toBe(expected);
  });
});

describe("the fields", () => {
  const entry = { object: "Deployment/shop/web", path: "/spec/replicas", want: "2", live: "5", manager: "kubectl" };

  test("say what the repository wants, what is there, and who changed it", () => {
    expect(driftEntries([changed("web", replicas)], [], now)).toEqual([{ ...entry, since: now }]);
  });

  test("leave out what is absent on either side", () => {
    const added = changed(
      "web",
      { path: "/a", from: "x", to: undefined },
      { path: "/b", from: undefined, to: { c: 1 } },
    );
    expect(driftEntries([added], [], now)).toEqual([
      { object: entry.object, path: "/a", live: "x", since: now },
      { object: entry.object, path: "/b", want: '{"c":1}', since: now },
    ]);
  });

  test("name an object that is gone by an empty path", () => {
    expect(driftEntries([planned("web", { type: "create" })], [], now)).toEqual([
      { object: entry.object, path: "", since: now },
    ]);
  });

  test.each([
    ["the same field", [{ ...entry, since: earlier }], earlier],
    ["another field", [{ ...entry, path: "/spec/paused", since: earlier }], now],
    ["another object", [{ ...entry, object: "Deployment/shop/api", since: earlier }], now],
  ])("keep the time of %s: %j", (_what, before, since) => {
    expect(driftEntries([changed("web", replicas)], before, now)[0]?.since).toBe(since);
  });

  test("an object that is still gone keeps its time", () => {
    const before = [{ object: entry.object, path: "", since: earlier }];
    expect(driftEntries([planned("web", { type: "create" })], before, now)[0]?.since).toBe(earlier);
  });

  test("are a hundred at most, and values and paths are cut", () => {
    const fields = Array.from({ length: 70 }, (_, index) => ({ ...replicas, path: `/spec/${index}` }));
    expect(driftEntries([changed("a", ...fields), changed("b", ...fields)], [], now)).toHaveLength(100);
    const long = changed("web", { path: `/${"k".repeat(2_000)}`, from: "v".repeat(2_000), to: undefined });
    const [first] = driftEntries([long], [], now);
    expect([first?.path.length, first?.live?.length]).toEqual([500, 200]);
    // It is the same field next time, although its path was cut.
    expect(
      driftEntries([long], [{ ...first, object: entry.object, path: first?.path ?? "", since: earlier }], now)[0]
        ?.since,
    ).toBe(earlier);
  });
});
