import { canonicalJson, type Json, listAt, objectAt, stringAt } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { type FieldPath, type FieldSet, fieldsOf, toFieldsV1 } from "./field-set.ts";

/** Who owns which fields of an object, as `managedFields` says. */
export interface Manager {
  readonly name: string;
  readonly operation: "Apply" | "Update";
  readonly subresource: string;
  readonly fields: ReadonlySet<string>;
}

/** Who writes. */
export type Writer = Omit<Manager, "fields">;

/** The managers of an object, in their order. */
export function managersOf(object: KubeObject): readonly Manager[] {
  return listAt(object, "metadata", "managedFields").map((entry) => ({
    name: stringAt(entry, "manager") ?? "",
    operation: stringAt(entry, "operation") === "Apply" ? "Apply" : "Update",
    subresource: stringAt(entry, "subresource") ?? "",
    fields: new Set(pathsOf(objectAt(entry, "fieldsV1") ?? {}, [])),
  }));
}

/** The object with these managers; those that own nothing are left out. */
export function withManagers(object: KubeObject, managers: readonly Manager[]): KubeObject {
  const managedFields = managers
    .filter(({ fields }) => fields.size > 0)
    .map(({ name, operation, subresource, fields }) => ({
      manager: name,
      operation,
      apiVersion: object.apiVersion,
      fieldsType: "FieldsV1",
      fieldsV1: toFieldsV1(fields),
      ...(subresource === "" ? {} : { subresource }),
    }));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** Tells whether a manager is the one who writes. */
export function isWriter(manager: Manager, writer: Writer): boolean {
  return (
    manager.name === writer.name && manager.operation === writer.operation && manager.subresource === writer.subresource
  );
}

/** The managers after an update: what it changed or added is the writer's alone, and what it took out is nobody's. */
export function afterUpdate(before: KubeObject, after: KubeObject, writer: Writer): readonly Manager[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const changed = new Set([...now.keys()].filter((path) => !sameField(old, now, path)));
  const managers = managersOf(before);
  const others = managers.filter((manager) => !isWriter(manager, writer));
  const own = managers.find((manager) => isWriter(manager, writer))?.fields ?? new Set<string>();
  const kept = [...own].filter((path) => now.has(path));
  return [
    ...others.map((manager) => ({
      ...manager,
      fields: new Set([...manager.fields].filter((path) => now.has(path) && !changed.has(path))),
    })),
    { ...writer, fields: new Set([...kept, ...changed]) },
  ];
}

/** Tells whether a field has the same value on both sides. */
export function sameField(one: FieldSet, other: FieldSet, path: string): boolean {
  if (!one.has(path) || !other.has(path)) return false;
  const [left, right] = [one.get(path), other.get(path)];
  return left === right || canonicalJson(left) === canonicalJson(right);
}

function pathsOf(tree: Json, path: FieldPath): readonly string[] {
  const steps = Object.entries(tree ?? {});
  if (steps.length === 0) return [JSON.stringify(path)];
  return steps.flatMap(([step, inside]) => pathsOf(inside as Json, [...path, step]));
}
