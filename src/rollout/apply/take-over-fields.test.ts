/** Fields of former managers become Mooring's own, at the version that was read. */
import { expect, test } from "vitest";
import { never, settings } from "../../../test/rollout/objects.ts";
import type { Cluster, Patch } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { takeOverFields } from "./take-over-fields.ts";

const desired = settings("web", {}, { data: { a: "1" } });
const managedBy = (manager: string, operation: string, resourceVersion = "7"): KubeObject => ({
  ...desired,
  data: { a: "1", old: "x" },
  metadata: {
    ...desired.metadata,
    resourceVersion,
    managedFields: [
      {
        ...{ manager, operation, apiVersion: "v1", fieldsType: "FieldsV1" },
        fieldsV1: { "f:data": { "f:a": {}, "f:old": {} } },
      },
    ],
  },
});

/** A cluster that answers every patch with what is next in the list: a failure is thrown. */
function clusterOf(live: KubeObject | undefined, answers: readonly (Failure | "done")[] = []) {
  const sent: Patch[] = [];
  let reads = 0;
  const cluster: Pick<Cluster, "get" | "patch"> = {
    get: async () => {
      reads += 1;
      return live;
    },
    patch: async (_ref, patch) => {
      const answer = answers[sent.length];
      sent.push(patch);
      if (answer instanceof Failure) throw answer;
      return desired;
    },
  };
  return { cluster: cluster as Cluster, sent, reads: () => reads };
}

const conflict = new Failure("Conflict", { message: "has been modified" });

test("of kubectl apply, by one patch that names the version", async () => {
  const { cluster, sent } = clusterOf(managedBy("kubectl-client-side-apply", "Update"));
  await takeOverFields({ cluster }, desired, never);
  expect(sent).toHaveLength(1);
  const [{ type, body } = { type: "", body: [] }] = sent;
  expect(type).toBe("json");
  expect(body).toContainEqual(expect.objectContaining({ path: "/metadata/resourceVersion", value: "7" }));
  expect(body).toContainEqual(
    expect.objectContaining({
      path: "/metadata/managedFields",
      value: [expect.objectContaining({ manager: "mooring", operation: "Apply" })],
    }),
  );
});

test.each([
  ["an object that is gone", undefined],
  ["an object without former managers", managedBy("mooring", "Apply")],
  ["an object that a controller writes", managedBy("kube-controller-manager", "Update")],
])("%s is not patched", async (_what, live) => {
  const { cluster, sent } = clusterOf(live);
  await takeOverFields({ cluster }, desired, never);
  expect(sent).toEqual([]);
});

test("an object that moves meanwhile is read again", async () => {
  const { cluster, sent, reads } = clusterOf(managedBy("helm", "Update"), [conflict, conflict, "done"]);
  await takeOverFields({ cluster }, desired, never);
  expect([sent.length, reads()]).toEqual([3, 3]);
});

test("an object that never rests is an error after five attempts", async () => {
  const always = clusterOf(managedBy("helm", "Update"), Array(10).fill(conflict));
  await expect(takeOverFields(always, desired, never)).rejects.toBe(conflict);
  expect(always.sent).toHaveLength(5);
});

test("another failure is thrown at once", async () => {
  const refusal = new Failure("Forbidden", { message: "may not patch" });
  const { cluster, sent } = clusterOf(managedBy("helm", "Update"), [refusal]);
  await expect(takeOverFields({ cluster }, desired, never)).rejects.toBe(refusal);
  expect(sent).toHaveLength(1);
});
