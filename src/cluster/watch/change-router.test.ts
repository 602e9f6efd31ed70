import { expect, test } from "vitest";
import type { KubeObject } from "../../model/manifest.ts";
import { createChangeRouter } from "./change-router.ts";
import type { KeysOf } from "./object-index.ts";

const object = (name: string, ...teams: readonly string[]): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, labels: Object.fromEntries(teams.map((team) => [team, ""])) },
});

/** By labels; counts how often it is asked. */
function byLabel(): { readonly keysOf: KeysOf; readonly asked: () => number } {
  let asked = 0;
  const keysOf = ({ metadata }: KubeObject) => {
    asked += 1;
    return Object.keys(metadata.labels ?? {});
  };
  return { keysOf, asked: () => asked };
}

test("a change goes to those of its keys, before and after, once, and to those who hear of everything", () => {
  const router = createChangeRouter();
  const { keysOf } = byLabel();
  const told: string[] = [];
  router.onChange(() => told.push("all"));
  for (const key of ["red", "blue", "green"]) router.onChangeOf(keysOf, key, () => told.push(key));
  router.route({ type: "added", object: object("a", "red") });
  expect(told.splice(0)).toEqual(["all", "red"]);
  router.route({ type: "modified", object: object("a", "red", "blue"), previous: object("a", "red") });
  expect(told.splice(0)).toEqual(["all", "red", "blue"]);
  router.route({ type: "modified", object: object("a"), previous: object("a", "red", "blue") });
  expect(told.splice(0).toSorted()).toEqual(["all", "blue", "red"]);
  router.route({ type: "deleted", object: object("a", "green") });
  expect(told.splice(0)).toEqual(["all", "green"]);
});

test("the cost of a change does not grow with the listeners of other keys", () => {
  const router = createChangeRouter();
  const { keysOf, asked } = byLabel();
  let told = 0;
  const count = () => {
    told += 1;
  };
  for (let each = 0; each < 500; each++) router.onChangeOf(keysOf, `team-${each}`, count);
  router.route({ type: "added", object: object("a", "team-7") });
  expect([told, asked()]).toEqual([1, 1]);
});

test("who stopped hears nothing, also when the same listener was added twice", () => {
  const router = createChangeRouter();
  const { keysOf, asked } = byLabel();
  const told: string[] = [];
  const listener = () => told.push("told");
  const stops = [router.onChangeOf(keysOf, "red", listener), router.onChangeOf(keysOf, "red", listener)];
  const stopAll = router.onChange(listener);
  stops[0]?.();
  stops[0]?.();
  router.route({ type: "added", object: object("a", "red") });
  expect(told.splice(0)).toHaveLength(2);
  stops[1]?.();
  stopAll();
  const before = asked();
  router.route({ type: "added", object: object("a", "red") });
  // Nobody is left who would need to know the keys.
  expect([told, asked() - before]).toEqual([[], 0]);
});

test("a listener that stops another one in the middle of a change spares nobody else", () => {
  const router = createChangeRouter();
  const told: string[] = [];
  router.onChange(() => stop());
  const stop = router.onChange(() => told.push("stopped"));
  router.onChange(() => told.push("last"));
  router.route({ type: "added", object: object("a") });
  expect(told).toContain("last");
});
