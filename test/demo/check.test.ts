import { expect, test } from "vitest";
import { createChecks, StepFailed } from "./check.ts";

const told: string[] = [];
const narrator = {
  fact: (text: string) => void told.push(text),
  waiting: <T>(_: string, work: () => Promise<T>) => work(),
};

test("what never comes true fails, with what was expected and what was seen last", async () => {
  const checks = createChecks(narrator, 100, AbortSignal.timeout(10_000));
  let looks = 0;
  const look = async () => ({ holds: false, seen: `look ${++looks}` });
  const failed = await checks.becomes("three replicas", look).catch((thrown: unknown) => thrown);
  expect(failed).toBeInstanceOf(StepFailed);
  expect(failed).toMatchObject({ message: `expected: three replicas, within 0.1 s\nseen:     look ${looks}` });
  expect(() => checks.is("a Service", { holds: false, seen: "none" })).toThrow("expected: a Service\nseen:     none");
  expect(told).toEqual([]);
});

test("what comes true is told", async () => {
  const checks = createChecks(narrator, 10_000, AbortSignal.timeout(10_000));
  let looks = 0;
  await checks.becomes("three replicas", async () => ({ holds: ++looks === 3, seen: "" }));
  checks.is("a Service", { holds: true, seen: "" });
  expect(told).toEqual(["three replicas", "a Service"]);
});
