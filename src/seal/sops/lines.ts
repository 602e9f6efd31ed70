import { Failure } from "../../model/failure.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { SopsKeys } from "./keys.ts";
import { readMetadata } from "./metadata.ts";
import { openFile } from "./opening.ts";

type Line =
  | { readonly type: "comment"; readonly text: string }
  | { readonly type: "section"; readonly name: string }
  | { readonly type: "value"; readonly section: string; readonly key: string; readonly text: string };

/** Decrypts a dotenv file as SOPS does (`stores/dotenv`), MAC included. Throws `Failure` (SealInvalid, UnsealFailed). */
export async function decryptDotenv(text: string, keys: SopsKeys): Promise<string> {
  const lines = text.split("\n").filter((line) => line !== "");
  const entries = lines.map((line): Line => {
    if (line.startsWith("#")) return { type: "comment", text: line.slice(1) };
    const at = line.indexOf("=");
    if (at < 0) throw new Failure("SealInvalid", { message: "is no dotenv file that SOPS wrote: a line has no =" });
    return { type: "value", section: "", key: line.slice(0, at), text: line.slice(at + 1).replaceAll("\\n", "\n") };
  });
  const own = (line: Line) => line.type !== "value" || !line.key.startsWith("sops_");
  const flat = entries.flatMap((line) =>
    own(line) || line.type !== "value" ? [] : [[line.key.slice(5), line.text] as const],
  );
  const opening = await openFile(readMetadata(unflattened(flat)), keys);
  const written = entries.filter(own).map((line) => {
    if (line.type !== "value") return `#${opening.comment(line.type === "comment" ? line.text : "", [])}\n`;
    const value = opening.leaf(line.text, [line.key]);
    return `${line.key}=${String(value).replaceAll("\n", "\\n")}\n`;
  });
  opening.verify();
  return written.join("");
}

/** Decrypts an INI file as SOPS does (`stores/ini`, over gopkg.in/ini.v1), MAC included. Throws `Failure` (SealInvalid, UnsealFailed). */
export async function decryptIni(text: string, keys: SopsKeys): Promise<string> {
  const lines = iniLines(text);
  const flat = lines.flatMap((line) => {
    return line.type === "value" && line.section === "sops"
      ? [[line.key, line.text.replaceAll("\\n", "\n")] as const]
      : [];
  });
  const opening = await openFile(readMetadata(unflattened(flat)), keys);
  const written: string[] = [];
  let section = defaultSection;
  for (const line of lines) {
    if (line.type === "section") section = line.name;
    if (section === "sops") continue;
    if (line.type === "section") written.push(`${written.length === 0 ? "" : "\n"}[${line.name}]\n`);
    if (line.type === "comment") written.push(`; ${opening.comment(line.text, [section])}\n`);
    if (line.type === "value") {
      written.push(`${line.key} = ${iniValue(String(opening.leaf(line.text, [section, line.key])))}\n`);
    }
  }
  opening.verify();
  return written.join("");
}

/** The section of what stands before the first one. */
const defaultSection = "DEFAULT";

function iniLines(text: string): readonly Line[] {
  let section = defaultSection;
  return text.split(/\r?\n/).flatMap((line): readonly Line[] => {
    const bare = line.trim();
    if (bare === "") return [];
    if (bare.startsWith(";") || bare.startsWith("#")) return [{ type: "comment", text: bare.replace(/^[;# ]+/, "") }];
    const header = /^\[(.*)\]$/.exec(bare)?.[1];
    if (header !== undefined) {
      section = header;
      return [{ type: "section", name: header }];
    }
    const at = bare.indexOf("=");
    if (at < 0) throw new Failure("SealInvalid", { message: "is no INI file that SOPS wrote: a line has no =" });
    return [{ type: "value", section, key: bare.slice(0, at).trim(), text: unquoted(bare.slice(at + 1).trim()) }];
  });
}

function unquoted(text: string): string {
  return /^(["'`])(.*)\1$/.exec(text)?.[2] ?? text;
}

/** Quotes a value that INI readers would otherwise cut short. */
function iniValue(value: string): string {
  if (/[\n`]/.test(value)) return `"""${value}"""`;
  return /[#;]|^\s|\s$/.test(value) ? `\`${value}\`` : value;
}

/** Puts together what SOPS wrote flat: `age__list_0__map_enc` (`stores/flatten.go`). */
function unflattened(entries: readonly (readonly [string, string])[]): Json {
  const root: Nested = new Map();
  for (const [name, value] of entries) {
    const path = name.split(/__map_|__list_/);
    const last = path.pop() ?? "";
    let at = root;
    for (const step of path) {
      const inner = at.get(step);
      const next: Nested = inner instanceof Map ? inner : new Map();
      at.set(step, next);
      at = next;
    }
    at.set(last, value);
  }
  return {
    ...membersOf(root),
    mac_only_encrypted: root.get("mac_only_encrypted") === "true",
    shamir_threshold: Number(root.get("shamir_threshold") ?? 0),
  };
}

/** Maps, for the names are a stranger's: `__proto__` is one like any other. */
type Nested = Map<string, Nested | string>;

/** Maps whose keys count from zero were lists. */
function listed(value: Nested | string): Json {
  if (typeof value === "string") return value;
  if (![...value.keys()].every((key) => /^\d+$/.test(key))) return membersOf(value);
  const members = [...value].toSorted(([a], [b]) => Number(a) - Number(b));
  return members.map(([, member]) => listed(member));
}

function membersOf(value: Nested): JsonObject {
  return Object.fromEntries([...value].map(([name, member]) => [name, listed(member)]));
}
