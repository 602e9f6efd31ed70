/**
 * Puts a secret together from parts of Shamir's secret sharing over GF(2^8), as SOPS cuts a data key for several key
 * groups (`shamir/shamir.go`, from Vault): byte by byte the value at zero of the polynomial through the parts, whose last
 * byte is the x of each one. Undefined where the parts do not belong together.
 */
export function combineShares(parts: readonly Uint8Array[]): Uint8Array | undefined {
  const [first] = parts;
  if (first === undefined || first.length < 2 || parts.some((part) => part.length !== first.length)) return undefined;
  const places = parts.map((part) => part.at(-1) ?? 0);
  if (new Set(places).size !== places.length) return undefined;
  const weights = places.map((place) => {
    const others = places.filter((other) => other !== place);
    return others.reduce((weight, other) => multiply(weight, multiply(other, inverse(place ^ other))), 1);
  });
  return first.subarray(0, -1).map((_byte, index) => {
    return parts.reduce((sum, part, which) => sum ^ multiply(part[index] ?? 0, weights[which] ?? 0), 0);
  });
}

/** In the field of AES: modulo x^8 + x^4 + x^3 + x + 1. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    const carried = product & 0x80 ? (product << 1) ^ 0x11b : product << 1;
    product = (b >> bit) & 1 ? carried ^ a : carried;
  }
  return product;
}

/** a^254, since a^255 is one. */
function inverse(a: number): number {
  let power = a;
  let result = 1;
  for (let step = 0; step < 7; step++) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
}
