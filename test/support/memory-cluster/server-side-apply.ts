import { ConflictFailure } from "../../../src/cluster/index.ts";
import type { Json } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { type FieldPath, fieldsOf } from "./field-set.ts";
import { isWriter, type Manager, managersOf, sameField, type Writer, withManagers } from "./managers.ts";
import { merged, without } from "./merge.ts";

/**
 * What server-side apply makes of an object: what the manager wants is put in, what it wants no more and nobody else owns
 * is taken out. Throws `ConflictFailure` where another manager owns a field with another value, unless forced.
 */
export function applied(
  live: KubeObject,
  wanted: KubeObject,
  { manager, force }: { readonly manager: string; readonly force: boolean },
): KubeObject {
  const writer: Writer = { name: manager, operation: "Apply", subresource: "" };
  const [before, fields] = [fieldsOf(live), fieldsOf(wanted)];
  const all = managersOf(live);
  const others = all.filter((each) => !isWriter(each, writer));
  const own = all.find((each) => isWriter(each, writer))?.fields ?? new Set<string>();
  const differs = (path: string) => fields.has(path) && before.has(path) && !sameField(before, fields, path);
  const conflicts = others.flatMap(({ name, fields: owned }) =>
    [...owned].filter(differs).map((path) => ({ field: shown(JSON.parse(path) as FieldPath), manager: name })),
  );
  if (conflicts.length > 0 && !force) throw new ConflictFailure(nameOf(wanted), conflicts);
  const left = others.map((each) => ({
    ...each,
    fields: new Set([...each.fields].filter((path) => !differs(path))),
  }));
  const dropped = [...own].filter((path) => !fields.has(path) && !left.some((each) => each.fields.has(path)));
  const now = dropped.reduce<Json>(
    (value, path) => without(value, JSON.parse(path) as FieldPath) ?? value,
    merged(live, wanted),
  );
  const managers: readonly Manager[] = [...left, { ...writer, fields: new Set(fields.keys()) }];
  return withManagers(now as KubeObject, managers);
}

function nameOf({ kind, metadata }: KubeObject): string {
  return [kind, metadata.namespace, metadata.name].filter((part) => part !== undefined).join("/");
}

/** As people read it: `data.key`, `spec.containers[name="app"].image`. */
function shown(path: FieldPath): string {
  return path
    .filter((step) => step !== ".")
    .map((step) => {
      if (!step.startsWith("k:")) return `.${step.slice(2)}`;
      const keys = Object.entries(JSON.parse(step.slice(2)) as Record<string, Json>);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
    })
    .join("")
    .slice(1);
}
