import { isInt64 } from "../../encryption/value.ts";
import { type Leaf, Timestamp } from "../../tree.ts";

const words: ReadonlyMap<string, boolean | number | null> = new Map<string, boolean | number | null>([
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, Number.NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Infinity] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, -Infinity] as const),
]);

const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|0([0-7]+)|(0|[1-9][0-9]*))$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/**
 * What a plain scalar says to go-yaml v3 (`resolve.go`), which knows dates and octals of YAML 1.1 but none of its other
 * words for yes and no. An integer beyond 64 bits stays one here; SOPS refuses it.
 */
export function resolvePlain(text: string): Exclude<Leaf, Buffer> {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (/^\.[0-9]/.test(text)) return finite(text) ?? text;
  if (!/^[-+0-9]/.test(text)) return text;
  const time = timestampOf(text);
  if (time !== undefined) return time;
  const plain = text.replaceAll("_", "");
  return integerOf(plain) ?? finite(plain) ?? text;
}

function integerOf(plain: string): bigint | undefined {
  const [, sign = "", hex, octal, binary, old, digits] = integer.exec(plain) ?? [];
  const written =
    hex !== undefined
      ? `0x${hex}`
      : (octal ?? old) !== undefined
        ? `0o${octal ?? old}`
        : binary !== undefined
          ? `0b${binary}`
          : digits;
  if (written === undefined || written.length > 70) return undefined;
  const value = BigInt(written) * (sign === "-" ? -1n : 1n);
  // Beyond 64 bits it is read as a float, and so is one with a plus beyond 63.
  return isInt64(value) || (sign === "" && BigInt.asUintN(64, value) === value) ? value : undefined;
}

const timestamp =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:([Tt])|( ))(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)?)?$/;

/** Source: `parseTimestamp` in `resolve.go` of go-yaml, over Go's `time.Parse`. */
function timestampOf(text: string): Timestamp | undefined {
  const [whole, year = "", month = "", day = "", letter, space, ...clock] = timestamp.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const [hour = "0", minute = "0", second = "0", fraction = "", zone] = clock;
  // A zone follows the letter, and only it.
  if ((letter !== undefined) !== (zone !== undefined) || (space !== undefined && zone !== undefined)) return undefined;
  if (!isDay(Number(year), Number(month), Number(day)) || !isTime(Number(hour), Number(minute), Number(second)))
    return undefined;
  const two = (part: string) => part.padStart(2, "0");
  const nanos = fraction.slice(0, 9).replace(/(?<!0)0+$/, "");
  const offset = zone === undefined || /[-+]00:00/.test(zone) ? "Z" : zone;
  const date = `${year}-${two(month)}-${two(day)}`;
  const time = `${two(hour)}:${two(minute)}:${two(second)}${nanos === "" ? "" : `.${nanos}`}`;
  return new Timestamp(`${date}T${time}${offset}`);
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
}

const isTime = (hour: number, minute: number, second: number): boolean => hour < 24 && minute < 60 && second < 60;

/** A number that is too large is text to Go. */
function finite(text: string): number | undefined {
  const value = float.test(text) ? Number(text) : Infinity;
  return Number.isFinite(value) ? value : undefined;
}
