/** The shortest digits that identify a number, and the position of the point. */
interface Digits {
  readonly sign: string;
  readonly digits: string;
  /** The number of digits before the point; may be negative, or more than there are. */
  readonly point: number;
}

/** All digits, without an exponent: `strconv.FormatFloat(value, 'f', -1, 64)`. */
export function decimal(value: number): string {
  const found = shortest(value);
  if (found === undefined) return special(value);
  const { sign, digits, point } = found;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  const fraction = digits.slice(point);
  return `${sign}${digits.padEnd(point, "0").slice(0, point)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** With an exponent where that is shorter by Go's measure: `strconv.FormatFloat(value, 'g', -1, 64)`. */
export function general(value: number): string {
  const found = shortest(value);
  if (found === undefined) return special(value);
  const { sign, digits, point } = found;
  const exponent = point - 1;
  if (exponent >= -4 && exponent < 6) return decimal(value);
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function special(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value < 0 ? "-Inf" : "+Inf";
}

/** JavaScript writes the shortest digits as well; undefined for what is no finite number. */
function shortest(value: number): Digits | undefined {
  if (!Number.isFinite(value)) return undefined;
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa = "", exponent = "0"] = Math.abs(value).toExponential().split("e");
  return { sign, digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}
