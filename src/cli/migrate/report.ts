import type { Problem } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";

/** An object of Flux, and the file that it is in. */
export interface FluxObject {
  readonly object: KubeObject;
  readonly file: string;
}

/** What has no equivalent, or means something else here: told as it is found. */
export type Tell = (problem: Problem) => void;

/** `Kustomization/apps/shop`: how an object is named in the report. */
export function nameOf({ kind, metadata }: KubeObject): string {
  return [kind, metadata.namespace, metadata.name].filter((part) => part !== undefined).join("/");
}

/** Tells of each field of an object, of those that are there, that is not among the known ones. */
export function tellUnknown(
  from: FluxObject,
  fields: { readonly of: object; readonly prefix: string; readonly known: readonly string[] },
  tell: Tell,
): void {
  for (const key of Object.keys(fields.of)) {
    if (fields.known.includes(key)) continue;
    tell({
      file: from.file,
      object: nameOf(from.object),
      field: `${fields.prefix}.${key}`,
      message: "has no equivalent",
    });
  }
}
