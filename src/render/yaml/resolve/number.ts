const maxUint64 = 18446744073709551615n;
const maxInt64 = 9223372036854775807n;

/** `0b` and 64 digits, with room for zeros in front; what is longer does not fit 64 bits. */
const longestInteger = 100;

const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/**
 * The number that go-yaml reads in a plain scalar that begins with a digit or a sign, or undefined where it reads none:
 * decimal, `0x`, `0b`, `0o` and `0` for octal, underscores anywhere, up to 64 bits; what is larger is a float, and a float
 * too large for one is a string. Source: go.yaml.in/yaml/v3 resolve.go, Go's `strconv.ParseInt` with base 0.
 */
export function resolveNumber(text: string): number | bigint | undefined {
  const plain = text.includes("_") ? text.replaceAll("_", "") : text;
  if (integer.test(plain)) {
    const value = integerValue(plain);
    if (value !== undefined) return value;
  }
  if (!float.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

/** Whether the number that a text stands for is an integer to go-yaml, and not a float. */
export function isIntegerText(text: string): boolean {
  const plain = text.replaceAll("_", "");
  return integer.test(plain) && integerValue(plain) !== undefined;
}

/** The float go-yaml reads in a plain scalar that begins with a dot; underscores may stand between digits only. */
export function resolveFraction(text: string): number | undefined {
  if (!/^\.\d(?:_?\d)*(?:[eE][-+]?\d(?:_?\d)*)?$/.test(text)) return undefined;
  const value = Number(text.replaceAll("_", ""));
  return Number.isFinite(value) ? value : undefined;
}

/** The integer that a text of the right form stands for, or undefined where it does not fit 64 bits. */
function integerValue(plain: string): number | bigint | undefined {
  const digits = plain.replace(/^[-+]/, "");
  if (digits.length > longestInteger) return undefined;
  const negative = plain.startsWith("-");
  // Go takes a 0 in front for octal, where JavaScript wants 0o.
  const literal = /^0[0-7]/.test(digits) ? `0o${digits}` : digits;
  if (digits.length <= 15) {
    const small = Number(literal);
    return negative && small !== 0 ? -small : small;
  }
  const magnitude = BigInt(literal);
  if (magnitude > largest(plain, digits)) return undefined;
  const value = negative ? -magnitude : magnitude;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** What fits: up to the largest unsigned integer where there is no sign, otherwise a signed one. */
function largest(plain: string, digits: string): bigint {
  if (plain === digits) return maxUint64;
  return plain.startsWith("-") ? maxInt64 + 1n : maxInt64;
}
