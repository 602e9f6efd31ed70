import { expect, test } from "vitest";
import { nextKeyDue, type RenewalPolicy } from "../index.ts";

const renewalPeriod = 30 * 24 * 60 * 60 * 1000;
const day = (count: number) => new Date(Date.UTC(2026, 0, count));
const key = (created: Date) => ({ id: "SHA256:x", certificatePem: "", privateKeyPem: "", created });

// Thirty days by default, from the newest certificate's beginning: initKeyRenewal of the sealed-secrets controller.
const cases: readonly (readonly [string, readonly number[], number, RenewalPolicy, Date | undefined])[] = [
  ["no key at all", [], 5, { period: renewalPeriod }, day(5)],
  ["a young key", [1], 5, { period: renewalPeriod }, day(31)],
  ["an old key", [1], 50, { period: renewalPeriod }, day(31)],
  ["the newest of several", [20, 1], 21, { period: renewalPeriod }, day(50)],
  ["no period", [1], 500, { period: 0 }, undefined],
  ["made before the cutoff", [1], 5, { period: renewalPeriod, cutoff: day(3) }, day(5)],
  ["made after the cutoff", [4], 5, { period: renewalPeriod, cutoff: day(3) }, day(34)],
  ["a cutoff still to come", [1], 5, { period: renewalPeriod, cutoff: day(9) }, day(31)],
];

test.each(cases)("%s", (...[, created, now, policy, due]) => {
  expect(nextKeyDue({ keys: created.map((at) => key(day(at))), problems: [] }, day(now), policy)).toEqual(due);
});
