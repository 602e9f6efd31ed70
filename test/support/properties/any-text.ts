import fc from "fast-check";

/**
 * Any character of Unicode. fast-check has the same as the unit "binary", and takes half a second to prepare each string of
 * it.
 */
const character = fc
  .integer({ min: 0, max: 0x10ffff - 0x800 })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800));

/** Texts of any characters of Unicode. */
export const anyText = (constraints: { readonly maxLength?: number } = {}) =>
  fc.string({ ...constraints, unit: character });
