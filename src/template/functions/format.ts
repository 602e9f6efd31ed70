import { isList, isMap, kindOf, print, sortedEntries, templateError, toText, type Value } from "../value.ts";
import { fixed } from "./fixed.ts";
import { quote } from "./quote.ts";

const directive = /%(?<flags>[-+# 0]*)(?<width>\d+)?(?:\.(?<precision>\d*))?(?<verb>[\s\S]|$)/g;

/** Go takes a million for both; a precision of so many digits costs a second. */
const maxWidth = 1_000_000;
const maxPrecision = 1_000;

/**
 * `fmt.Sprintf` of Go for the verbs people use in templates: v s q d x X t f c and %%. Go marks a mistake inside the
 * text it writes (`%!d(string=…)`), which would go unnoticed; here it is an error, and so is what is not supported.
 */
export function format(pattern: string, args: readonly Value[]): string {
  let used = 0;
  const text = pattern.replace(directive, (_all, ...found) => {
    const { flags = "", width, precision, verb = "" }: Groups = found.at(-1);
    if (verb === "%") return "%";
    if (used >= args.length) throw templateError("printf: the format needs more arguments");
    return formatted(args[used++], {
      verb,
      flags,
      width: limited(width, maxWidth) ?? 0,
      precision: limited(precision, maxPrecision),
    });
  });
  if (used < args.length) throw templateError("printf: there are more arguments than the format needs");
  return text;
}

interface Groups {
  readonly flags?: string;
  readonly width?: string;
  readonly precision?: string;
  readonly verb?: string;
}

interface Directive {
  readonly verb: string;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
}

function limited(digits: string | undefined, limit: number): number | undefined {
  const value = digits === undefined ? undefined : Number(digits);
  if (value !== undefined && value > limit) throw templateError("printf: a width or precision is too large");
  return value;
}

/** A list or map with each member formatted on its own, anything else padded to the width. */
function formatted(value: Value, how: Directive): string {
  if (isList(value)) return `[${value.map((member) => formatted(member, how)).join(" ")}]`;
  if (isMap(value)) {
    const members = sortedEntries(value).map(([key, member]) => `${formatted(key, how)}:${formatted(member, how)}`);
    return `map[${members.join(" ")}]`;
  }
  const body = formatOne(value, how);
  // With a precision, the zeros of an integer come from that alone.
  const { flags, width, verb } = how;
  const zeros = flags.includes("0") && !(typeof value === "bigint" && how.precision !== undefined && verb !== "c");
  return pad(body, width, { verb, flags: zeros ? flags : flags.replaceAll("0", "") });
}

function formatOne(value: Value, how: Directive): string {
  const { verb, flags, precision } = how;
  if (flags.includes("#") || (/[xXq]/.test(verb) && /[+ ]/.test(flags)))
    throw templateError(`printf: a flag of %${verb} is not supported`);
  switch (verb) {
    case "v":
      return formatAny(value, how);
    case "s":
      return typeof value === "string" ? cutTo(value, precision) : mismatch(verb, value);
    case "q":
      return typeof value === "string" ? quote(cutTo(value, precision)) : mismatch(verb, value);
    case "d":
      return typeof value === "bigint" ? signed(digits(value, precision), flags) : mismatch(verb, value);
    case "t":
      return typeof value === "boolean" ? String(value) : mismatch(verb, value);
    case "c":
      return typeof value === "bigint" ? character(value) : mismatch(verb, value);
    case "x":
    case "X":
      return hexadecimal(value, how);
    case "f":
      return typeof value === "number" ? signed(fixed(value, precision ?? 6), flags) : mismatch(verb, value);
    default:
      throw templateError(`printf: %${verb} is not supported`);
  }
}

/** `%v`, for which a plus means something else than a sign. */
function formatAny(value: Value, { flags, precision }: Directive): string {
  const spaceOnly = flags.replaceAll("+", "");
  if (typeof value === "string") return cutTo(value, precision);
  if (typeof value === "bigint") return signed(digits(value, precision), spaceOnly);
  if (typeof value !== "number") return print(value);
  if (precision !== undefined) throw templateError("printf: a precision of %v is not supported for a float");
  return signed(print(value), spaceOnly);
}

function mismatch(verb: string, value: Value): never {
  throw templateError(`printf: %${verb} cannot format ${kindOf(value)}`);
}

/** The digits of an integer, as many as the precision asks for at least. */
function digits(value: bigint, precision = 0, base = 10): string {
  const [sign, size] = value < 0n ? ["-", -value] : ["", value];
  return sign + size.toString(base).padStart(precision, "0");
}

function signed(text: string, flags: string): string {
  if (text.startsWith("-")) return text;
  if (flags.includes("+")) return `+${text}`;
  return flags.includes(" ") ? ` ${text}` : text;
}

/** Go writes U+FFFD for what is no code point. */
function character(value: bigint): string {
  const valid = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn);
  return Buffer.from(valid ? String.fromCodePoint(Number(value)) : "\ufffd").toString("latin1");
}

function hexadecimal(value: Value, { verb, precision }: Directive): string {
  const bytes = (text: string) => Buffer.from(text.slice(0, precision), "latin1").toString("hex");
  const text =
    typeof value === "string"
      ? bytes(value)
      : typeof value === "bigint"
        ? digits(value, precision, 16)
        : mismatch(verb, value);
  return verb === "X" ? text.toUpperCase() : text;
}

/** A precision counts runes, not bytes. */
function cutTo(text: string, precision: number | undefined): string {
  if (precision === undefined) return text;
  return Buffer.from([...toText(text)].slice(0, precision).join("")).toString("latin1");
}

function pad(text: string, width: number, { flags, verb }: Pick<Directive, "flags" | "verb">): string {
  const missing = Math.max(0, width - [...toText(text)].length);
  if (flags.includes("-")) return text + " ".repeat(missing);
  if (!flags.includes("0")) return " ".repeat(missing) + text;
  const sign = /[dvfxX]/.test(verb) ? (/^[+ -]/.exec(text)?.[0] ?? "") : "";
  return sign + "0".repeat(missing) + text.slice(sign.length);
}
