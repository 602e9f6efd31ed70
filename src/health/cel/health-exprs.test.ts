import { expect, test } from "vitest";
import { alone, now, object } from "../../../test/health/objects.ts";
import type { JsonObject } from "../../model/json/json.ts";
import { assess, compileHealthExprs, type HealthExpr, needsWatch } from "../index.ts";

const failure = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (thrown) {
    return thrown;
  }
};

// The form the cheat sheet of Flux gives for most kinds (fluxcd.io/flux/cheatsheets/cel-healthchecks).
const readyExpr = "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')";
const shop: HealthExpr = {
  apiVersion: "shop.test/v1",
  kind: "Shop",
  inProgress: "has(status.phase) && status.phase == 'Building'",
  failed: "status.conditions.exists(e, e.type == 'Ready' && e.status == 'False')",
  current: readyExpr,
};

const conditions = (status: string): JsonObject => ({
  conditions: [{ type: "Ready", status, reason: "Why", message: "so" }],
});

const rows: readonly (readonly [string, JsonObject, string, string])[] = [
  ["current", conditions("True"), "current", "the health expression is true"],
  ["failed", conditions("False"), "failed", "Why: so"],
  [
    "inProgress before failed",
    { phase: "Building", ...conditions("False") },
    "inProgress",
    "in progress by its health expression",
  ],
  ["none is true", conditions("Unknown"), "inProgress", "no health expression is true yet"],
  [
    "the generation is old",
    { observedGeneration: 1, ...conditions("True") },
    "inProgress",
    "generation 2 not seen by the controller yet (1 is)",
  ],
  ["a field is not there yet", {}, "inProgress", "its health expression cannot be evaluated yet"],
];

test.each(rows)("%s", (_, status, state, message) => {
  const rules = compileHealthExprs([shop]);
  const verdict = assess(alone(object("shop.test/v1", "Shop", { status })), now, rules);
  expect([verdict.state, verdict.message]).toEqual([state, message]);
});

test("an expression that cannot be evaluated is named as the cause", () => {
  const rules = compileHealthExprs([{ apiVersion: "shop.test/v1", kind: "Shop", current: "status.open" }]);
  const verdictOf = (status: JsonObject) => assess(alone(object("shop.test/v1", "Shop", { status })), now, rules);
  expect(verdictOf({})).toMatchObject({
    state: "inProgress",
    cause: { reason: "HealthExprError", message: "current: No such key: open" },
  });
  expect(verdictOf({ open: "yes" })).toMatchObject({
    cause: { message: "current: `status.open` does not give a bool" },
  });
  expect(verdictOf({ open: true }).state).toBe("current");
});

test("a failed expression without a Ready condition is told by itself", () => {
  const rules = compileHealthExprs([
    { apiVersion: "shop.test/v1", kind: "Shop", failed: "status.broken", current: "true" },
  ]);
  const verdict = assess(alone(object("shop.test/v1", "Shop", { status: { broken: true } })), now, rules);
  expect(verdict.message).toBe("HealthExprFailed: `status.broken` is true");
});

test("whole numbers are int: they compare with and add to literals", () => {
  const current = "status.ready >= spec.replicas - 1 && status.ready == 2 && size(status.list) == 1";
  const rules = compileHealthExprs([{ apiVersion: "apps/v1", kind: "StatefulSet", current }]);
  const set = object("apps/v1", "StatefulSet", { spec: { replicas: 3 }, status: { ready: 2, list: [0.5] } });
  expect(assess(alone(set), now, rules).state).toBe("current");
});

test("optional fields and the string functions of Flux work", () => {
  const current =
    "status.?conditions.orValue([]).size() == 0 && metadata.name.startsWith('we') && metadata.name.split('e')[0] == 'w'";
  const rules = compileHealthExprs([{ apiVersion: "shop.test/v1", kind: "Shop", current }]);
  expect(assess(alone(object("shop.test/v1", "Shop", { status: {} })), now, rules).state).toBe("current");
});

test("an expression replaces the rule of its kind, whatever the version", () => {
  const rules = compileHealthExprs([{ apiVersion: "v1", kind: "ConfigMap", current: "has(data.ready)" }]);
  const verdictOf = (parts: JsonObject) => assess(alone(object("v1", "ConfigMap", parts)), now, rules).state;
  expect(verdictOf({ data: {} })).toBe("inProgress");
  expect(verdictOf({ data: { ready: "" } })).toBe("current");
  expect(needsWatch("", "ConfigMap", rules)).toBe(true);
  const newer = compileHealthExprs([{ apiVersion: "shop.test/v1beta1", kind: "Shop", current: "false" }]);
  expect(assess(alone(object("shop.test/v1", "Shop")), now, newer).state).toBe("inProgress");
});

test("all that does not compile is named at once", () => {
  const broken: readonly HealthExpr[] = [
    { apiVersion: "shop.test/v1", kind: "Shop", current: "status.ready ==" },
    { apiVersion: "shop.test/v1", kind: "Till", current: "true", failed: "1 + 'x' == 2", inProgress: "'text'" },
  ];
  expect(failure(() => compileHealthExprs(broken))).toMatchObject({
    code: "SpecInvalid",
    problems: [
      {
        field: "spec.healthCheckExprs[0].current",
        message: "the CEL expression for Shop (shop.test/v1) does not compile: Unexpected token: EOF",
      },
      {
        field: "spec.healthCheckExprs[1].inProgress",
        message: "the CEL expression for Till (shop.test/v1) does not compile: must be a bool, is string",
      },
      {
        field: "spec.healthCheckExprs[1].failed",
        message: "the CEL expression for Till (shop.test/v1) does not compile: no such overload: int + string",
      },
    ],
  });
});
