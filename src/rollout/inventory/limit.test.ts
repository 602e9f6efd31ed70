import { expect, it } from "vitest";
import { refuseTooLarge } from "./limit.ts";

/** Entries of 60 bytes each in JSON: `{"id":"","v":"v1"},` are 19 of them. */
const inventory = (count: number) => ({
  entries: Array.from({ length: count }, (_, n) => ({ id: `${n}`.padStart(41, "x"), v: "v1" })),
});

it("lets pass what a status can remember", () => {
  expect(() => refuseTooLarge(inventory(20_000))).not.toThrow();
});

it("refuses more, and says how much would fit", () => {
  expect(() => refuseTooLarge(inventory(20_001))).toThrow(
    "status.inventory: 20001 objects are more than the status of one Environment can remember; about 20000 of them would fit (split it into several Environments)",
  );
});
