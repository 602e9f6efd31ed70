import { expect, test } from "vitest";
import { eventually } from "./wait.ts";

test("the probe is asked until it answers, and may throw meanwhile", async () => {
  const answers = [
    () => undefined,
    () => null,
    () => false as const,
    () => {
      throw new Error("not yet");
    },
    () => 0,
  ];
  let asked = 0;
  const probe = () => answers[asked++]?.();
  expect(await eventually(probe, { what: "a number" })).toBe(0);
  expect(asked).toBe(5);
});

test("in the end it says what was waited for and why the probe failed", async () => {
  const probe = () => {
    throw new Error("connection refused");
  };
  const failed = await eventually(probe, { what: "the server", timeout: 1 }).catch((thrown: unknown) => thrown);
  expect(failed).toMatchObject({
    message: "waited 1 ms in vain for the server",
    cause: { message: "connection refused" },
  });
});
