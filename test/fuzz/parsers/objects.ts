import { isObject } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";

/** A manifest whose keys are names of JavaScript's own. */
export const map =
  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {constructor: x}}\ndata: {__proto__: x, toString: y}\n";

/** What a text says in JSON; undefined for what is none, which is turned away before any parser of values sees it. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // That is what the docstring promises: there is nothing to say of it.
    return undefined;
  }
}

/** A ConfigMap with the data that a text in JSON says. */
export function objectOf(text: string): KubeObject {
  const data = json(text);
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: isObject(data) ? data : {} };
}
