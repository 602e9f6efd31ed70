import { Branch, Comment, List, type Value } from "../tree.ts";
import { defaultSection } from "./ini-read.ts";
import { lineText, trim } from "./lines.ts";

/**
 * An INI file as SOPS writes it (`encodeTree` in `stores/ini/store.go` of getsops/sops, over `writeToBuffer` of
 * gopkg.in/ini.v1), byte for byte: keys padded to the longest of their section, an empty line between sections.
 */
export function writeIni({ items }: Branch): string {
  const sections = items.flatMap((item) => (item instanceof Comment ? [] : [item]));
  const texts = sections.map(({ key, value }, index) => {
    const branch = value instanceof Branch ? value : new Branch([]);
    return writeSection(key, branch, { first: index === 0, last: index === sections.length - 1 });
  });
  return texts.join("");
}

interface Key {
  readonly name: string;
  readonly value: string;
  comment: string;
}

function writeSection(
  name: string,
  { items }: Branch,
  { first, last }: { readonly first: boolean; readonly last: boolean },
): string {
  const [head, ...others] = items;
  const comment = head instanceof Comment ? head.text : "";
  const keys: Key[] = [];
  for (const item of head instanceof Comment ? others : items) {
    const key = keys.at(-1);
    if (!(item instanceof Comment)) keys.push({ name: item.key, value: valueText(item.value), comment: "" });
    else if (key !== undefined) key.comment = item.text;
  }
  const unnamed = first && name.toUpperCase() === defaultSection;
  const header = comment === "" ? "" : commentLines(comment, (line) => line);
  if (unnamed && keys.length === 0) return header;
  const width = keys.reduce((widest, key) => Math.max(widest, paddedLength(key.name)), 0);
  const lines = keys.map((key) => {
    const own = key.comment === "" ? "" : commentLines(key.comment, trim);
    return `${own}${keyText(key.name).padEnd(width)} = ${quoted(key.value)}\n`;
  });
  return `${header}${unnamed ? "" : `[${name}]\n`}${lines.join("")}${last ? "" : "\n"}`;
}

function valueText(value: Value): string {
  return value instanceof Branch || value instanceof List || value instanceof Comment ? "" : lineText(value);
}

function commentLines(comment: string, clean: (line: string) => string): string {
  const lines = comment.split("\n").map((line) => {
    const marked = line.startsWith("#") || line.startsWith(";");
    return marked ? `${line.slice(0, 1)} ${trim(line.slice(1))}\n` : `; ${clean(line)}\n`;
  });
  return lines.join("");
}

function paddedLength(name: string): number {
  if (/["=:]/.test(name)) return name.length + 2;
  return name.includes("`") ? name.length + 6 : name.length;
}

function keyText(name: string): string {
  if (/["=:]/.test(name)) return `\`${name}\``;
  return name.includes("`") ? `"""${name}"""` : name;
}

function quoted(value: string): string {
  if (/[\n`]/.test(value)) return `"""${value}"""`;
  if (/[#;]/.test(value)) return `\`${value}\``;
  return trim(value) === value ? value : `"${value}"`;
}
