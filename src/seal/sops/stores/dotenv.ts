import { Branch, Comment, List } from "../tree.ts";
import { lineText } from "./lines.ts";

/**
 * A dotenv file as SOPS reads it (`stores/dotenv/store.go` of getsops/sops), byte for byte. Undefined where the text is not dotenv.
 */
export function readDotenv(text: string): Branch | undefined {
  const lines = text.split("\n").filter((line) => line !== "");
  const items = lines.map((line) => {
    if (line.startsWith("#")) return new Comment(line.slice(1), false);
    const at = line.indexOf("=");
    return at < 0 ? undefined : { key: line.slice(0, at), value: line.slice(at + 1).replaceAll("\\n", "\n") };
  });
  const known = items.filter((item) => item !== undefined);
  return known.length < items.length ? undefined : new Branch(known);
}

/** The same, written. */
export function writeDotenv({ items }: Branch): string {
  const lines = items.map((item) => {
    if (item instanceof Comment) return `#${item.text}\n`;
    const { key, value } = item;
    if (value instanceof Branch || value instanceof List || value instanceof Comment) return "";
    return `${key}=${typeof value === "string" ? value.replaceAll("\n", "\\n") : lineText(value)}\n`;
  });
  return lines.join("");
}
