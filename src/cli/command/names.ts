import type { Problem } from "../../model/failure.ts";
import type { Names } from "./command.ts";

/** What keeps a text from being a name. Upstream: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export function wrongName(text: string, names: Names): Problem | undefined {
  const [shape, longest] = names === "namespace" ? [/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 63] : [subdomain, 253];
  if (text.length <= longest && shape.test(text)) return undefined;
  const may = names === "namespace" ? "small letters, digits and -" : "small letters, digits, - and .";
  const hint = `it has ${may}, begins and ends with a letter or digit, and is at most ${longest} long`;
  return { message: `"${text}" is no name of ${names === "namespace" ? "a namespace" : "an object"}`, hint };
}

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
