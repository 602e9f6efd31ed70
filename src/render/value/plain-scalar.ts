import { parseDocuments } from "../yaml/index.ts";
import type { Value } from "./value.ts";

/** What a text means where it stands in YAML without quotes: a number, a boolean, null, or itself. */
export function plainScalar(text: string): Value {
  if (text === "") return null;
  return /^[-+.\w~][-+.\w~: ]*$/.test(text) && !/[: ]$/.test(text) ? resolved(text) : text;
}

function resolved(text: string): Value {
  // Only what could be a number, a boolean or null is worth reading as YAML.
  if (!/^[-+.\d~]/.test(text) && !/^(?:true|false|null)$/i.test(text)) return text;
  if (text.startsWith("-") && text.length === 1) return text;
  const value = parseDocuments(text, "")[0]?.value ?? null;
  return typeof value === "object" && value !== null ? text : value;
}
