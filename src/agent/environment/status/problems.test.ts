import { expect, test } from "vitest";
import type { PlannedAction } from "../../../model/plan.ts";
import { driftEntries } from "./drift-status.ts";
import { toStatusProblems } from "./problems.ts";

const long = "x".repeat(100_000);

/** An object may have 1.5 MiB, its inventory included. */
const room = 250_000;

test("problems have room in a status, whatever strangers put into their parts", () => {
  const many = Array.from({ length: 1_000 }, () => long);
  const problem = {
    message: long,
    object: long,
    field: long,
    file: long,
    line: 7,
    chain: many,
    hint: long,
    logs: many,
  };
  const problems = toStatusProblems(Array.from({ length: 1_000 }, () => problem));
  expect(problems).toHaveLength(10);
  expect(JSON.stringify(problems).length).toBeLessThan(room);
  expect(problems[0]).toMatchObject({
    message: `${"x".repeat(999)}…`,
    object: `${"x".repeat(499)}…`,
    field: `${"x".repeat(499)}…`,
    file: `${"x".repeat(499)}…`,
    hint: `${"x".repeat(999)}…`,
    line: 7,
  });
});

test("a problem that has room is told as it is", () => {
  const problem = {
    ...{ message: "must be a number", object: "Deployment/shop/web", field: "spec.replicas", file: "a.yaml", line: 3 },
    ...{ chain: ["overlays/prod", "base"], hint: "write 3", logs: ["starting", "no database"] },
  };
  expect(toStatusProblems([problem])).toEqual([problem]);
});

test("what drifted has room in a status, and keeps its time however long its path is", () => {
  const change = { path: `/data/${long}`, from: long, to: long, manager: long };
  const id = { group: "", kind: "ConfigMap", namespace: "shop", name: "web" };
  const drifted: PlannedAction = { id, version: "v1", stage: "", action: { type: "update", changes: [change] } };
  const all = Array.from({ length: 1_000 }, () => drifted);
  const first = driftEntries(all, [], "2026-11-20T07:00:00.000Z");
  expect(first).toHaveLength(100);
  expect(JSON.stringify(first).length).toBeLessThan(room);
  const [again] = driftEntries([drifted], first, "2026-11-20T08:00:00.000Z");
  expect(again?.since).toBe("2026-11-20T07:00:00.000Z");
});
