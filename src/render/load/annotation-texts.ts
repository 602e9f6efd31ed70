import { isScalar, mapAt, type ValueMap, writtenText } from "../value.ts";
import { isBlank, spellingOf } from "../yaml/index.ts";

/**
 * Makes the annotations of an object texts, which they are in the cluster: `1.10` is the text `1.10`, not the number 1.1,
 * and `2001-01-01` no point in time.
 * kustomize writes all annotations as texts in the end, and keeps how they were written until then.
 */
export function annotationsAsTexts(object: ValueMap): void {
  const annotations = mapAt(object, "metadata", "annotations");
  if (annotations === undefined) return;
  for (const key in annotations) {
    const value = annotations[key];
    if (value === null) annotations[key] = isBlank(annotations, key) ? "" : (spellingOf(annotations, key) ?? "null");
    else if (isScalar(value)) annotations[key] = writtenText(annotations, key);
  }
}
