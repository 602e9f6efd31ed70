import { objectAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { isSecret } from "../mask/mask.ts";

/**
 * A Secret with its `stringData` as `data`, which is what the API server makes of it. Server-side apply would not see that
 * a key left `stringData`, and so never delete it (https://github.com/kubernetes/kubernetes/issues/108008). What is not a
 * text is left for the API server to refuse. Every other object as it is.
 */
export function storedForm(object: KubeObject): KubeObject {
  const texts = Object.entries(objectAt(object, "stringData") ?? {});
  if (!isSecret(object) || texts.some(([, text]) => typeof text !== "string")) return object;
  const { stringData: _stringData, ...rest } = object;
  if (texts.length === 0) return rest as KubeObject;
  const encoded = texts.map(([key, text]) => [key, Buffer.from(String(text), "utf8").toString("base64")] as const);
  return { ...rest, data: { ...objectAt(object, "data"), ...Object.fromEntries(encoded) } } as KubeObject;
}
