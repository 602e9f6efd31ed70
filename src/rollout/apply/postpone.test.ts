/** What is refused is tried again at the end of its stage where something still to come may mend it, and only there. */
import { expect, test } from "vitest";
import { manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { deployment } from "../../../test/rollout/objects.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import type { Wave } from "../../plan/index.ts";
import { postpone } from "./postpone.ts";
import type { StageWrites } from "./stage-writes.ts";

const admission = "admissionregistration.k8s.io/v1";
const role: KubeObject = {
  ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role" },
  metadata: { name: "r", namespace: "shop" },
};
const hook: KubeObject = { apiVersion: admission, kind: "ValidatingWebhookConfiguration", metadata: { name: "hook" } };
const web = deployment("web");

function writesOf(objects: readonly (readonly [KubeObject, Action["type"]])[]): StageWrites {
  const manifests = objects.map(([object]) => manifestOf(object));
  const actions = objects.map(([object, type]): PlannedAction => {
    const action: Action =
      type === "update" ? { type, changes: [] } : type === "create" ? { type } : { type: "unchanged" };
    return { id: manifestOf(object).id, version: "v1", stage: "", action };
  });
  return {
    actions,
    manifests: new Map(manifests.map((each) => [formatId(each.id), each])),
    objects: new Map(manifests.map((each) => [formatId(each.id), each.object])),
    deferred: new Set(),
    force: false,
    seen: { observed: new Map(), left: new Map(), at: 0, isFirst: true },
    by: { owner: { name: "own", namespace: "mooring-system" }, owned: new Set() },
  };
}

const denied = new Failure("AdmissionDenied", { message: "no" });
const forbidden = new Failure("Forbidden", { message: "no" });
const keyOf = (object: KubeObject) => formatId(manifestOf(object).id);

const table: readonly (readonly [
  what: string,
  postponed: boolean,
  objects: readonly (readonly [KubeObject, Action["type"]])[],
  wave: Wave,
  failure: Failure,
])[] = [
  [
    "a webhook of a later wave",
    true,
    [
      [web, "create"],
      [hook, "update"],
    ],
    "workloads",
    denied,
  ],
  [
    "a webhook that stays as it is",
    false,
    [
      [web, "create"],
      [hook, "unchanged"],
    ],
    "workloads",
    denied,
  ],
  ["nothing else", false, [[web, "create"]], "workloads", denied],
  [
    "a role of a wave that is over",
    false,
    [
      [web, "create"],
      [role, "create"],
    ],
    "workloads",
    forbidden,
  ],
  [
    "a role of the same wave",
    true,
    [
      [web, "create"],
      [role, "create"],
    ],
    "access",
    forbidden,
  ],
  [
    "a role, for another reason",
    false,
    [
      [web, "create"],
      [role, "create"],
    ],
    "access",
    new Failure("ObjectInvalid", { message: "no" }),
  ],
];

test.each(table.map((row) => [row[0], row[1], row] as const))(
  "refused beside %s: postponed %s",
  async (_, isPostponed, row) => {
    const [, , objects, wave, failure] = row;
    const postponed: PlannedAction[] = [];
    const refused = new Map([[keyOf(web), failure]]);
    const final = await postpone({ writes: writesOf(objects), postponed }, wave, refused);
    expect(postponed.map(({ id }) => id.name)).toEqual(isPostponed ? ["web"] : []);
    expect([...final.keys()]).toEqual(isPostponed ? [] : [keyOf(web)]);
  },
);

test("what is refused itself mends nothing", async () => {
  const postponed: PlannedAction[] = [];
  const refused = new Map([
    [keyOf(web), denied],
    [keyOf(hook), denied],
  ]);
  const writes = writesOf([
    [web, "create"],
    [hook, "update"],
  ]);
  expect([...(await postpone({ writes, postponed }, "workloads", refused)).keys()]).toEqual([keyOf(web), keyOf(hook)]);
  expect(postponed).toEqual([]);
});
