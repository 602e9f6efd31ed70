import { pointerTokens } from "./diff.ts";

/** A JSON pointer as people write the field: `spec.containers[0].image`, `metadata.annotations["example.com/a"]`. */
export function fieldPath(pointer: string): string {
  return pointerTokens(pointer)
    .map((token, index) => step(token, index === 0))
    .join("");
}

function step(token: string, first: boolean): string {
  if (/^\d+$/.test(token)) return `[${token}]`;
  if (!/^[\w-]+$/.test(token)) return `[${JSON.stringify(token)}]`;
  return first ? token : `.${token}`;
}
