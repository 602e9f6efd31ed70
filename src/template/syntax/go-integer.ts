/** An integer literal of Go without its sign: a prefix for the base, underscores between digits, octal behind a zero. */
export const goInteger = /^0[xX](?:_?[0-9a-fA-F])+$|^0[bB](?:_?[01])+$|^0[oO]?(?:_?[0-7])+$|^0$|^[1-9](?:_?\d)*$/;

/** The value of such a literal. */
export function valueOfInteger(digits: string): bigint {
  const bare = digits.replaceAll("_", "");
  return BigInt(/^0\d/.test(bare) ? `0o${bare}` : bare);
}
