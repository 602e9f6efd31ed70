import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { combineShares } from "./shamir.ts";

/** Multiplication in the field of AES by logarithms to the base 3: another way than the one that is tested. */
const powers = [1];
for (let at = 1; at < 255; at++) {
  const last = powers[at - 1] ?? 0;
  const doubled = last & 0x80 ? ((last << 1) ^ 0x1b) & 0xff : last << 1;
  powers.push(doubled ^ last);
}
const times = (a: number, b: number): number =>
  a === 0 || b === 0 ? 0 : (powers[(powers.indexOf(a) + powers.indexOf(b)) % 255] ?? 0);

/** The share at a place: for each byte the value of its polynomial, then the place. */
function share(secret: Uint8Array, coefficients: readonly Uint8Array[], place: number): Uint8Array {
  const values = [...secret].map((byte, index) => {
    let power = 1;
    return coefficients.reduce((sum, bytes) => {
      power = times(power, place);
      return sum ^ times(bytes[index] ?? 0, power);
    }, byte);
  });
  return Uint8Array.from([...values, place]);
}

test("a secret of one byte, by hand: f(x) = 5 + 3x at 1 and 2", () => {
  // 5 ^ 3 = 6, and 5 ^ 6 = 3.
  expect(combineShares([Uint8Array.of(6, 1), Uint8Array.of(3, 2)])).toEqual(Uint8Array.of(5));
});

test("any secret comes back out of enough shares, in any order", () => {
  const bytes = fc.uint8Array({ minLength: 4, maxLength: 4 });
  const places = fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 3, maxLength: 5 });
  fc.assert(
    fc.property(bytes, bytes, bytes, places, (secret, first, second, at) => {
      const shares = at.map((place) => share(secret, [first, second], place));
      expect(combineShares(shares)).toEqual(secret);
      expect(combineShares(shares.toReversed().slice(0, 3))).toEqual(secret);
    }),
    { numRuns: 50 },
  );
});

test("too few shares give something else", () => {
  const secret = Uint8Array.of(1, 2, 3, 4);
  const coefficients = [Uint8Array.of(9, 9, 9, 9), Uint8Array.of(7, 7, 7, 7)];
  const shares = [1, 2, 3].map((place) => share(secret, coefficients, place));
  expect(combineShares(shares)).toEqual(secret);
  expect(combineShares(shares.slice(0, 2))).not.toEqual(secret);
});

describe("shares that do not belong together", () => {
  test.each([
    ["none", []],
    ["an empty one", [Uint8Array.of()]],
    ["a place alone", [Uint8Array.of(1)]],
    ["other lengths", [Uint8Array.of(1, 2, 1), Uint8Array.of(1, 2)]],
    ["one place twice", [Uint8Array.of(1, 1), Uint8Array.of(2, 1)]],
  ])("%s", (_what, shares) => {
    expect(combineShares(shares)).toBeUndefined();
  });
});
