const maxUint64 = 18446744073709551615n;
const minInt64 = -9223372036854775808n;

/**
 * The text kustomize prints for a number: what Go's encoding/json makes of it, read back by go-yaml v2 (an integer where
 * it fits 64 bits, otherwise a float) and printed with strconv's shortest `g` format. The number must be finite.
 */
export function formatNumber(value: number | bigint): string {
  if (typeof value === "bigint") return inRange(value) ? value.toString() : formatFloat(Number(value));
  if (Number.isSafeInteger(value)) return value === 0 ? "0" : String(value);
  if (!Number.isInteger(value) || Math.abs(value) >= 1e21) return formatFloat(value);
  const digits = String(value);
  return inRange(BigInt(digits)) ? digits : formatFloat(value);
}

const inRange = (value: bigint): boolean => value >= minInt64 && value <= maxUint64;

/**
 * The shortest decimal that reads back as `value`, as Go's `strconv.FormatFloat(value, 'g', -1, 64)` writes it: with an
 * exponent of at least two digits below 1e-4 and from 1e6 on.
 */
export function formatFloat(value: number): string {
  const [mantissa = "0", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return withoutExponent(mantissa, exponent);
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function withoutExponent(mantissa: string, exponent: number): string {
  const negative = mantissa.startsWith("-");
  const digits = mantissa.replace("-", "").replace(".", "");
  const whole = exponent < 0 ? "0" : digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = exponent < 0 ? "0".repeat(-exponent - 1) + digits : digits.slice(exponent + 1);
  return `${negative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
