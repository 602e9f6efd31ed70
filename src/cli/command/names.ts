import type { Problem } from "../../model/failure.ts";
import type { Names } from "./command.ts";

/** What keeps a text from being a name. Upstream: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export function wrongName(text: string, names: Names): Problem | undefined {
  const [shape, longest] = names === "namespace" ? [/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 63] : [subdomain, 253];
  if (text.length <= longest && shape.test(text)) return undefined;
  const allowed = names === "namespace" ? "lower-case letters, digits and -" : "lower-case letters, digits, - and .";
  const hint = `use at most ${longest} ${allowed}; begin and end with a letter or digit`;
  return { message: `"${text}" is not a valid ${names === "namespace" ? "namespace" : "object"} name`, hint };
}

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
