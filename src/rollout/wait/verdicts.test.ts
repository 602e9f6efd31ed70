/** The verdicts of a wait: what is open, what is due, and how the wait stands. */
import { beforeEach, describe, expect, test } from "vitest";
import { manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { deployment, settings } from "../../../test/rollout/objects.ts";
import { formatId } from "../../model/object-id.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { KubeObjectRef } from "../target/apply-target.ts";
import { Verdicts } from "./verdicts.ts";

const refOf = (object: Parameters<typeof manifestOf>[0]): KubeObjectRef => ({
  id: manifestOf(object).id,
  apiVersion: object.apiVersion,
});
const [web, api, config] = [deployment("web"), deployment("api"), settings("config", { namespace: "office" })].map(
  refOf,
) as [KubeObjectRef, KubeObjectRef, KubeObjectRef];
const keyOf = ({ id }: KubeObjectRef) => formatId(id);
const verdict = (state: Verdict["state"]): Verdict => ({ state, message: state }) as Verdict;
const namesOf = (objects: readonly KubeObjectRef[]) => objects.map(({ id }) => id.name);

let verdicts: Verdicts;
beforeEach(() => {
  verdicts = new Verdicts([web, api, config]);
});

test("at first everything is open and nothing is due", () => {
  expect(namesOf(verdicts.open)).toEqual(["web", "api", "config"]);
  expect([verdicts.isDue, verdicts.state]).toEqual([false, "open"]);
  expect(new Verdicts([]).state).toBe("healthy");
});

test("what is due is taken once, as far as it is open", () => {
  verdicts.markOpen();
  verdicts.record(api, verdict("current"));
  expect(namesOf(verdicts.takeDue())).toEqual(["web", "config"]);
  expect(verdicts.isDue).toBe(false);
  expect(verdicts.takeDue()).toEqual([]);
});

test("evidence of a namespace concerns what is there", () => {
  verdicts.markOpen("office");
  expect(namesOf(verdicts.takeDue())).toEqual(["config"]);
});

test("what is healthy is not judged again until it changes", () => {
  verdicts.record(web, verdict("current"));
  verdicts.markOpen();
  expect(namesOf(verdicts.takeDue())).toEqual(["api", "config"]);
  expect(verdicts.reopen(keyOf(web))).toBe(true);
  expect(namesOf(verdicts.takeDue())).toEqual(["web"]);
  expect(namesOf(verdicts.open)).toContain("web");
});

test("changes of what is not waited for say nothing", () => {
  const other = keyOf(refOf(settings("other")));
  expect([verdicts.has(other), verdicts.reopen(other), verdicts.isDue]).toEqual([false, false, false]);
  expect(verdicts.has(keyOf(web))).toBe(true);
});

test.each<readonly [what: string, states: readonly Verdict["state"][], state: Verdicts["state"]]>([
  ["all are healthy", ["current", "current", "current"], "healthy"],
  ["one is on its way", ["current", "inProgress", "current"], "open"],
  ["one is being deleted", ["current", "terminating", "current"], "open"],
  ["one has failed, whatever the others are", ["failed", "inProgress", "current"], "failed"],
])("%s", (_what, states, state) => {
  for (const [index, each] of [web, api, config].entries()) verdicts.record(each, verdict(states[index] ?? "current"));
  expect(verdicts.state).toBe(state);
});

test("only the last verdict of an object counts", () => {
  for (const each of [api, config]) verdicts.record(each, verdict("current"));
  verdicts.record(web, verdict("failed"));
  verdicts.record(web, verdict("inProgress"));
  expect(verdicts.state).toBe("open");
  verdicts.record(web, verdict("current"));
  expect(verdicts.state).toBe("healthy");
});

describe("a wait that ends badly tells, in the order of the objects,", () => {
  beforeEach(() => {
    verdicts.record(config, verdict("failed"));
    verdicts.record(web, verdict("inProgress"));
    verdicts.record(api, verdict("current"));
  });

  test.each([
    ["HealthFailed", "what failed", ["config"]],
    ["HealthTimeout", "what is not healthy", ["web", "config"]],
  ] as const)("%s: %s", (code, _what, names) => {
    const { objects, ...rest } = verdicts.unhealthy(code);
    expect(rest).toEqual({ code });
    expect(objects.map(({ object }) => object.id.name)).toEqual(names);
  });

  test("nothing of what was never judged", () => {
    const unjudged = new Verdicts([web, config]);
    unjudged.record(config, verdict("terminating"));
    expect(unjudged.unhealthy("HealthTimeout").objects.map(({ object }) => object.id.name)).toEqual(["config"]);
  });
});
