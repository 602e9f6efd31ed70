import { describe, expect, it } from "vitest";
import { Failure } from "../../../model/failure.ts";
import { lookUp } from "./schedule.ts";

const office = [{ allow: "0 8 * * 1-5", duration: "9h", timeZone: "Europe/Berlin" }];

/** Berlin is at UTC+1 in November and at UTC+2 in July; 2026-11-20 is a Friday. */
const cases: readonly { readonly what: string; readonly now: string; readonly next?: string }[] = [
  { what: "a minute before it opens", now: "2026-11-20T06:59:00Z", next: "2026-11-20T07:00:00.000Z" },
  { what: "as it opens", now: "2026-11-20T07:00:00Z" },
  { what: "a minute before it closes", now: "2026-11-20T15:59:00Z" },
  { what: "as it closes", now: "2026-11-20T16:00:01Z", next: "2026-11-23T07:00:00.000Z" },
  { what: "at the weekend", now: "2026-11-21T12:00:00Z", next: "2026-11-23T07:00:00.000Z" },
  { what: "in summer time", now: "2026-07-20T06:30:00Z" },
];

describe("lookUp", () => {
  it("is always open without windows", async () => {
    expect(await lookUp([], new Date("2026-11-21T03:00:00Z"))).toEqual({ open: true });
  });

  it.for(cases)("$what", async ({ now, next }) => {
    const expected = next === undefined ? { open: true } : { open: false, next: new Date(next) };
    expect(await lookUp(office, new Date(now))).toEqual(expected);
  });

  it("is open when one of several windows is, and else gives the next of all", async () => {
    const both = [...office, { allow: "30 20 * * 6", duration: "1h" }];
    expect(await lookUp(both, new Date("2026-11-21T21:00:00Z"))).toEqual({ open: true });
    expect(await lookUp(both, new Date("2026-11-21T12:00:00Z"))).toEqual({
      open: false,
      next: new Date("2026-11-21T20:30:00.000Z"),
    });
  });

  it.for([
    { allow: "not cron", duration: "1h" },
    { allow: "0 8 * * *", duration: "1h", timeZone: "Europe/Atlantis" },
  ])("names what it cannot read: $allow $timeZone", async (window) => {
    const looked = () => lookUp([window], new Date("2026-11-21T12:00:00Z"));
    await expect(looked).rejects.toThrow(Failure);
    await expect(looked).rejects.toThrow("spec.schedule[0]");
  });

  it.for(["0 0 30 2 *", "0 0 31 2,4,6,9,11 *"])("names a window that never opens: %s", async (allow) => {
    const failure: unknown = await lookUp(
      [...office, { allow, duration: "1h" }],
      new Date("2026-11-21T12:00:00Z"),
    ).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      code: "SpecInvalid",
      problems: [
        {
          field: "spec.schedule[1]",
          message: `"${allow}" in time zone UTC matches no date in the next eight years, so the window would never open`,
          hint: "choose a day that exists in that month, or remove the window",
        },
      ],
    });
  });

  it("waits for a leap day", async () => {
    expect(await lookUp([{ allow: "0 6 29 2 *", duration: "1h" }], new Date("2026-11-21T12:00:00Z"))).toEqual({
      open: false,
      next: new Date("2028-02-29T06:00:00.000Z"),
    });
  });
});
