import { expect, test } from "vitest";
import type { AccessReview, Cluster } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";
import { createRights } from "./rights.ts";

const signal = new AbortController().signal;
const db = { group: "", resource: "secrets", namespace: "shop", name: "db" };

function asking(answer: (deed: AccessReview) => boolean | Failure) {
  const asked: AccessReview[] = [];
  const allowed: Cluster["allowed"] = async (deed) => {
    asked.push(deed);
    const said = answer(deed);
    if (said instanceof Failure) throw said;
    return said;
  };
  // Nothing else of a cluster is asked for.
  return { rights: createRights({ allowed } as unknown as Cluster, "somebody"), asked };
}

test("one question answers for every object of a namespace, also for those who ask at the same time", async () => {
  const { rights, asked } = asking(() => true);
  const names = Array.from({ length: 20 }, (_, index) => ({ ...db, name: `s${index}` }));
  const answers = await Promise.all(names.map((each) => rights.allow(["create", "patch"], each, signal)));
  expect(answers.every(Boolean)).toBe(true);
  expect(asked).toEqual([
    { verb: "create", group: "", resource: "secrets", namespace: "shop" },
    { verb: "patch", group: "", resource: "secrets", namespace: "shop" },
  ]);
});

test("who may not do it everywhere is asked about the one by its name", async () => {
  const { rights } = asking(({ name }) => name === "db");
  expect(await rights.allow(["patch"], db, signal)).toBe(true);
  expect(await rights.allow(["patch"], { ...db, name: "other" }, signal)).toBe(false);
  expect(await rights.allow(["patch"], { ...db, namespace: "elsewhere", name: "x" }, signal)).toBe(false);
});

test("what could not be asked is an error, not an answer, and is asked again", async () => {
  const answers = [new Failure("ClusterUnreachable", { message: "gone" }), true] as const;
  let next = 0;
  const { rights } = asking(() => answers[next++] ?? false);
  await expect(rights.allow(["patch"], db, signal)).rejects.toMatchObject({ code: "ClusterUnreachable" });
  expect(await rights.allow(["patch"], db, signal)).toBe(true);
});
