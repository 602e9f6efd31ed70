import { expect, test } from "vitest";
import type { Condition } from "../../../api/conditions.ts";
import { type Environment, readEnvironment } from "../../../api/environment/environment.ts";
import { checkDependencies, isReady } from "./dependencies.ts";

type Readiness = "ready" | "failing" | "stale" | "new";

const ready = (status: Condition["status"], observedGeneration: number): Condition => ({
  ...{ type: "Ready", status, reason: "Succeeded", message: status === "True" ? "applied" : "Deployment crashes" },
  ...{ lastTransitionTime: "2026-01-01T00:00:00Z", observedGeneration },
});
const conditions: Readonly<Record<Readiness, readonly Condition[]>> = {
  ready: [ready("True", 2)],
  failing: [ready("False", 2)],
  // Its spec was edited since.
  stale: [ready("True", 1)],
  new: [],
};

const environment = (name: string, dependsOn: readonly string[] = [], readiness: Readiness = "ready"): Environment =>
  readEnvironment({
    metadata: { name, namespace: "shop", generation: 2 },
    spec: { source: { url: "https://git.invalid/e" }, dependsOn: dependsOn.map((each) => ({ name: each })) },
    status: { conditions: conditions[readiness] },
  });

/** What keeps `app` from being rolled out. */
function blocked(...all: readonly Environment[]): string | undefined {
  const app = all.find(({ metadata }) => metadata.name === "app") ?? environment("app");
  try {
    checkDependencies(app, (namespace, name) =>
      namespace === "shop" ? all.find(({ metadata }) => metadata.name === name) : undefined,
    );
    return undefined;
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: "DependencyNotReady", problems: [{ field: "spec.dependsOn" }] });
    return (thrown as { problems: { message: string }[] }).problems[0]?.message;
  }
}

test.each<readonly [string, readonly Environment[], string | undefined]>([
  ["it depends on nothing", [environment("app")], undefined],
  ["all are ready", [environment("app", ["db", "dns"]), environment("db"), environment("dns")], undefined],
  ["one is missing", [environment("app", ["db"])], "Environment shop/db does not exist"],
  [
    "one fails",
    [environment("app", ["db"]), environment("db", [], "failing")],
    "Environment shop/db is not ready: Deployment crashes",
  ],
  [
    "one was edited, and is ready for its spec of before",
    [environment("app", ["db"]), environment("db", [], "stale")],
    "Environment shop/db is not ready: applied",
  ],
  [
    "one is new",
    [environment("app", ["db"]), environment("db", [], "new")],
    "Environment shop/db is not ready: it has not been reconciled yet",
  ],
  [
    "the first of several that are not ready is named",
    [environment("app", ["db", "dns"]), environment("db", [], "new"), environment("dns", [], "failing")],
    "Environment shop/db is not ready: it has not been reconciled yet",
  ],
  ["it depends on itself", [environment("app", ["app"])], "circular dependency: app → app"],
  [
    "it depends on itself by way of others",
    [environment("app", ["db"]), environment("db", ["net"]), environment("net", ["app"])],
    "circular dependency: app → db → net → app",
  ],
  [
    "a circle that it is no part of is for those in it",
    [environment("app", ["db"]), environment("db", ["net"]), environment("net", ["db"])],
    undefined,
  ],
  [
    "two ways to the same dependency are no circle",
    [environment("app", ["a", "b"]), environment("a", ["c"]), environment("b", ["c"]), environment("c")],
    undefined,
  ],
])("%s", (_what, all, expected) => {
  expect(blocked(...all)).toBe(expected);
});

test.each<readonly [Readiness, boolean]>([
  ["ready", true],
  ["failing", false],
  ["stale", false],
  ["new", false],
])("an Environment that is %s: %s", (readiness, expected) => {
  expect(isReady(environment("db", [], readiness))).toBe(expected);
});
