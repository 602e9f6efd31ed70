import { describe, expect, test } from "vitest";
import type { KubeObject } from "../model/manifest.ts";
import { applyPolicy, directivesOf, forceEnabled, pruneDisabled, reconcileDisabled, whyKept } from "./annotations.ts";

const flux = "kustomize.toolkit.fluxcd.io";
const own = "mooring.dev";

type Texts = Readonly<Record<string, string>>;

const object = (labels: Texts, annotations: Texts): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", labels, annotations },
});

/** What is documented at https://fluxcd.io/flux/components/kustomize/kustomizations/, and its values in other cases. */
const documented: readonly (readonly [string, string, (said: KubeObject) => unknown, unknown])[] = [
  ["prune", "disabled", pruneDisabled, true],
  ["prune", "Disabled", pruneDisabled, true],
  ["prune", "enabled", pruneDisabled, false],
  ["prune", "false", pruneDisabled, false],
  ["reconcile", "disabled", reconcileDisabled, true],
  ["reconcile", "enabled", reconcileDisabled, false],
  ["force", "enabled", forceEnabled, true],
  ["force", "Enabled", forceEnabled, true],
  ["force", "disabled", forceEnabled, false],
  ["force", "true", forceEnabled, false],
  ["ssa", "Override", applyPolicy, "Override"],
  ["ssa", "Merge", applyPolicy, "Merge"],
  ["ssa", "merge", applyPolicy, "Merge"],
  ["ssa", "IfNotPresent", applyPolicy, "IfNotPresent"],
  ["ssa", "ifNotPresent", applyPolicy, "IfNotPresent"],
  ["ssa", "Ignore", applyPolicy, "Ignore"],
  ["ssa", "IGNORE", applyPolicy, "Ignore"],
  ["ssa", "Replace", applyPolicy, "Override"],
];

describe.each([flux, own])("under %s", (prefix) => {
  test.each(documented)("%s: %s on a label or an annotation", (name, value, read, expected) => {
    const said = { [`${prefix}/${name}`]: value };
    expect(read(object(said, {}))).toBe(expected);
    expect(read(object({}, said))).toBe(expected);
  });
});

test("an object whose labels and annotations are named and empty says nothing", () => {
  // As YAML reads `annotations:` with nothing behind it.
  const empty: KubeObject = JSON.parse(
    '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": null, "annotations": null}}',
  );
  expect([whyKept(empty), applyPolicy(empty), directivesOf(empty)]).toEqual([
    undefined,
    "Override",
    { labels: {}, annotations: {} },
  ]);
});

test("a label and an annotation that disagree: what keeps the object as it is counts", () => {
  expect(pruneDisabled(object({ [`${flux}/prune`]: "enabled" }, { [`${flux}/prune`]: "disabled" }))).toBe(true);
  expect(pruneDisabled(object({ [`${flux}/prune`]: "disabled" }, { [`${flux}/prune`]: "enabled" }))).toBe(true);
  expect(applyPolicy(object({ [`${flux}/ssa`]: "Merge" }, { [`${flux}/ssa`]: "IfNotPresent" }))).toBe("IfNotPresent");
  expect(applyPolicy(object({ [`${flux}/ssa`]: "Ignore" }, { [`${flux}/ssa`]: "IfNotPresent" }))).toBe("Ignore");
});

test("Mooring's own name counts before Flux's, wherever they stand, unless its value means nothing", () => {
  const disabled = { [`${flux}/prune`]: "disabled" };
  expect(pruneDisabled(object(disabled, { [`${own}/prune`]: "enabled" }))).toBe(false);
  expect(pruneDisabled(object({ [`${own}/prune`]: "enabled" }, disabled))).toBe(false);
  expect(pruneDisabled(object({ [`${own}/prune`]: "" }, disabled))).toBe(true);
  expect(pruneDisabled(object({ [`${own}/prune`]: "no" }, disabled))).toBe(true);
});

test("what an object says against its deletion", () => {
  expect(whyKept(object({ [`${flux}/prune`]: "disabled" }, {}))).toBe("prune: disabled");
  expect(whyKept(object({ [`${flux}/reconcile`]: "disabled" }, {}))).toBe("reconcile: disabled");
  expect(whyKept(object({ [`${flux}/ssa`]: "Ignore" }, {}))).toBe("ssa: Ignore");
  expect(whyKept(object({ [`${flux}/ssa`]: "IfNotPresent" }, {}))).toBeUndefined();
});
