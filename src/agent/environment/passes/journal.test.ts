/** What is written down while a revision is rolled out. */
import { expect, test } from "vitest";
import { type Condition, setConditions } from "../../../api/conditions.ts";
import { readEnvironment } from "../../../api/environment/environment.ts";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import type { Plan, PlannedAction } from "../../../model/plan.ts";
import type { StatusWriter } from "../decisions/decision.ts";
import { createJournal } from "./journal.ts";

const never = new AbortController().signal;
const at = { now: "2026-01-01T00:00:00Z", generation: 1 };
const healthy: Condition = {
  ...{ type: "Healthy", status: "True", reason: "Succeeded", message: "2 objects are healthy" },
  ...{ lastTransitionTime: at.now, observedGeneration: 1 },
};

function journalOn(status: EnvironmentStatus) {
  let current = status;
  const writer: Pick<StatusWriter, "current" | "write"> = {
    get current() {
      return current;
    },
    async write({ conditions = [], fields = {} }) {
      const now = { ...current, ...fields, conditions: setConditions(current.conditions ?? [], conditions, at) };
      current = now as EnvironmentStatus;
    },
  };
  const environment = readEnvironment({
    metadata: { name: "e", namespace: "n", generation: 1 },
    spec: { source: { url: "https://git.example.com/a/b.git" } },
  });
  const snapshots = { read: async () => undefined, write: async () => undefined };
  const context = { environment, status: writer, snapshots, record: () => undefined };
  return { journal: createJournal(context as unknown as Parameters<typeof createJournal>[0], never), writer };
}

const id = { group: "", kind: "Secret", namespace: "shop", name: "db" };
const created: PlannedAction = { id, version: "v1", stage: "", action: { type: "create" } };
const plan: Plan = { actions: [created], digest: "d" };
const before = { conditions: [healthy], lastHealthyRevision: "main@sha1:0" };

test("how healthy it is, is not known until it is done", async () => {
  const { journal, writer } = journalOn(before);
  await journal.begin("main@sha1:1", { entries: [] }, plan);
  expect(writer.current.conditions?.find(({ type }) => type === "Healthy")).toMatchObject({
    ...{ status: "Unknown", reason: "Progressing", message: "rolling out revision main@sha1:1" },
  });
});

test("what was to be made and came to be by itself is not for a rollback to delete", async () => {
  const { journal, writer } = journalOn(before);
  await journal.begin("main@sha1:1", { entries: [] }, plan);
  expect(writer.current.attempt).toMatchObject({ created: ["shop_db__Secret"] });
  await journal.found("main@sha1:1", { ...created, action: { type: "update", changes: [], found: true } });
  expect(journal.made().found).toEqual(["shop_db__Secret"]);
  expect(writer.current.attempt).toMatchObject({ revision: "main@sha1:1", found: ["shop_db__Secret"] });
});
