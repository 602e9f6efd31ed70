import { isMap, mapAt, textOf, type Value, type ValueMap } from "../value.ts";
import type { YamlDocument } from "../yaml/index.ts";

/** Where an object stands: in which document, and at which path in it. */
export interface ObjectPlace {
  readonly document: YamlDocument;
  readonly path: readonly (string | number)[];
}

/**
 * Makes the annotations of an object texts, which they are in the cluster: `1.10` is the text `1.10`, not the number 1.1,
 * and `2001-01-01` no point in time.
 * kustomize writes all annotations as texts in the end, and keeps how they were written until then.
 */
export function annotationsAsTexts(object: ValueMap, { document, path }: ObjectPlace): void {
  const annotations = mapAt(object, "metadata", "annotations");
  if (annotations === undefined) return;
  for (const key in annotations) {
    const value = annotations[key] ?? null;
    if (Array.isArray(value) || isMap(value) || !mayDifferFromWritten(value)) continue;
    // How it was written cannot be found where it is merged by `<<` or an alias.
    annotations[key] = document.writtenAt([...path, "metadata", "annotations", key]) ?? textOf(value);
  }
}

/** Of texts, only those that were made of points in time can read otherwise than they are written. */
const mayDifferFromWritten = (value: Value): boolean =>
  typeof value !== "string" || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value);
