import { isList, kindOf, print, refusal, toText, type Value } from "../value.ts";
import { quote } from "./quote.ts";

const directive = /%(?<flags>[-+# 0]*)(?<width>\d+)?(?:\.(?<precision>\d*))?(?<verb>[\s\S]|$)/g;

/**
 * `fmt.Sprintf` of Go for the verbs people use in templates: v s q d x X t f g e c and %%. Go marks a mistake inside the
 * text it writes (`%!d(string=…)`), which would end up in a Secret; here it is refused.
 */
export function format(pattern: string, args: readonly Value[]): string {
  let used = 0;
  const text = pattern.replace(directive, (_all, ...found) => {
    const { flags = "", width, precision, verb = "" }: Groups = found.at(-1);
    if (verb === "%") return "%";
    if (used >= args.length) throw refusal("printf has fewer arguments than its format asks for");
    const body = formatOne(verb, args[used++], {
      flags,
      ...(precision === undefined ? {} : { precision: Number(precision) }),
    });
    return pad(body, Math.min(Number(width ?? 0), 4096), flags, verb);
  });
  if (used < args.length) throw refusal("printf has more arguments than its format asks for");
  return text;
}

interface Groups {
  readonly flags?: string;
  readonly width?: string;
  readonly precision?: string;
  readonly verb?: string;
}

interface Style {
  readonly flags: string;
  readonly precision?: number;
}

function formatOne(verb: string, value: Value, style: Style): string {
  switch (verb) {
    case "v":
      return signed(print(value), value, style);
    case "s":
      return cutTo(
        members(value, (member) => (typeof member === "string" ? member : mismatch(verb, member))),
        style.precision,
      );
    case "q":
      return members(value, (member) => (typeof member === "string" ? quote(member) : mismatch(verb, member)));
    case "d":
      return typeof value === "bigint" ? signed(String(value), value, style) : mismatch(verb, value);
    case "t":
      return typeof value === "boolean" ? String(value) : mismatch(verb, value);
    case "c":
      return typeof value === "bigint"
        ? Buffer.from(String.fromCodePoint(Number(value))).toString("latin1")
        : mismatch(verb, value);
    case "x":
    case "X":
      return hexadecimal(verb, value);
    case "f":
      return typeof value === "number"
        ? signed(value.toFixed(style.precision ?? 6), value, style)
        : mismatch(verb, value);
    default:
      throw refusal(`printf does not support %${verb}`);
  }
}

function members(value: Value, one: (member: Value) => string): string {
  return isList(value) ? `[${value.map(one).join(" ")}]` : one(value);
}

function mismatch(verb: string, value: Value): never {
  throw refusal(`printf cannot write a ${kindOf(value)} with %${verb}`);
}

function signed(text: string, value: Value, style: Style): string {
  if ((typeof value !== "bigint" && typeof value !== "number") || text.startsWith("-")) return text;
  if (style.flags.includes("+")) return text.startsWith("+") ? text : `+${text}`;
  return style.flags.includes(" ") ? ` ${text}` : text;
}

function hexadecimal(verb: "x" | "X", value: Value): string {
  const text =
    typeof value === "string"
      ? Buffer.from(value, "latin1").toString("hex")
      : typeof value === "bigint"
        ? value.toString(16)
        : mismatch(verb, value);
  return verb === "X" ? text.toUpperCase() : text;
}

/** A precision counts letters, not bytes. */
function cutTo(text: string, precision: number | undefined): string {
  return precision === undefined
    ? text
    : Buffer.from([...toText(text)].slice(0, precision).join("")).toString("latin1");
}

function pad(text: string, width: number, flags: string, verb: string): string {
  const missing = Math.max(0, width - [...toText(text)].length);
  if (flags.includes("-")) return text + " ".repeat(missing);
  if (!flags.includes("0")) return " ".repeat(missing) + text;
  const sign = /[dvfxX]/.test(verb) ? (/^[+-]/.exec(text)?.[0] ?? "") : "";
  return sign + "0".repeat(missing) + text.slice(sign.length);
}
