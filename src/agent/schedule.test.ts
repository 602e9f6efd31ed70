import { describe, expect, it } from "vitest";
import { Failure } from "../model/failure.ts";
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
  it("is always open without windows", () => {
    expect(lookUp([], new Date("2026-11-21T03:00:00Z"))).toEqual({ open: true });
  });

  it.for(cases)("$what", ({ now, next }) => {
    const expected = next === undefined ? { open: true } : { open: false, next: new Date(next) };
    expect(lookUp(office, new Date(now))).toEqual(expected);
  });

  it("is open when one of several windows is, and else gives the next of all", () => {
    const both = [...office, { allow: "30 20 * * 6", duration: "1h" }];
    expect(lookUp(both, new Date("2026-11-21T21:00:00Z"))).toEqual({ open: true });
    expect(lookUp(both, new Date("2026-11-21T12:00:00Z"))).toEqual({
      open: false,
      next: new Date("2026-11-21T20:30:00.000Z"),
    });
  });

  it.for([
    { allow: "not cron", duration: "1h" },
    { allow: "0 8 * * *", duration: "1h", timeZone: "Europe/Atlantis" },
  ])("names what it cannot read: $allow $timeZone", (window) => {
    expect(() => lookUp([window], new Date("2026-11-21T12:00:00Z"))).toThrow(Failure);
    expect(() => lookUp([window], new Date("2026-11-21T12:00:00Z"))).toThrow("spec.schedule[0]");
  });
});
