import { isScalar, mapAt, nullText, type ValueMap, writtenText } from "../value.ts";

/**
 * Makes the annotations of an object texts, which they are in the cluster: `1.10` is the text `1.10`, not the number 1.1,
 * and `2001-01-01` no point in time.
 * kustomize writes all annotations as texts in the end, and keeps how they were written until then.
 */
export function annotationsAsTexts(object: ValueMap): void {
  const annotations = mapAt(object, "metadata", "annotations");
  for (const key in annotations) {
    if (isScalar(annotations[key])) annotations[key] = writtenText(annotations, key);
  }
}

/** Makes the annotations that are null texts: `null` or `~` as it is written, or nothing. */
export function nullAnnotationsAsTexts(object: ValueMap): void {
  const annotations = mapAt(object, "metadata", "annotations");
  for (const key in annotations) if (annotations[key] === null) annotations[key] = nullText(annotations, key);
}
