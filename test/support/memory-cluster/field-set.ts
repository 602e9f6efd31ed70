import { isObject, type Json, type JsonObject } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";

/** The way to a field in the words of FieldsV1: `f:<name>`, `k:<keys as JSON>` for an item, `v:<value>` for a set's, `.` for an item itself. */
export type FieldPath = readonly string[];

/** Fields by their path as JSON, with the values that stand there. */
export type FieldSet = ReadonlyMap<string, Json>;

/** Lists that are merged item by item, by the fields that name an item ("Merge strategy" in Kubernetes' server-side apply). */
const itemKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ["containers", ["name"]],
  ["initContainers", ["name"]],
  ["env", ["name"]],
  ["volumes", ["name"]],
  ["volumeMounts", ["mountPath"]],
  ["ownerReferences", ["uid"]],
  ["conditions", ["type"]],
]);

/** Lists that are merged value by value. */
const setLists: ReadonlySet<string> = new Set(["finalizers"]);

/** What no manager owns. */
const unowned: ReadonlySet<string> = new Set(
  [
    ["f:apiVersion"],
    ["f:kind"],
    ...["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp"].map(
      (name) => ["f:metadata", `f:${name}`],
    ),
  ].map((path) => JSON.stringify(path)),
);

/** The fields that an object sets. */
export function fieldsOf(object: KubeObject): FieldSet {
  const { managedFields: _, ...metadata } = object.metadata;
  const found = new Map<string, Json>();
  collect({ ...object, metadata }, { path: [], json: "" }, found);
  for (const path of unowned) found.delete(path);
  return found;
}

/** A path, and its steps as JSON, which is put together step by step. */
interface Place {
  readonly path: FieldPath;
  readonly json: string;
}

function collect(value: Json, at: Place, found: Map<string, Json>): void {
  const children = childrenOf(value, at.path);
  if (children === undefined || children.length === 0) {
    found.set(`[${at.json}]`, value);
    return;
  }
  for (const [step, child] of children) {
    const inside = placeIn(at, step);
    if (step.startsWith("k:")) found.set(`[${inside.json},"."]`, null);
    collect(child, inside, found);
  }
}

function placeIn({ path, json }: Place, step: string): Place {
  return { path: [...path, step], json: `${json}${json === "" ? "" : ","}${JSON.stringify(step)}` };
}

/** What is merged one by one within a value, by the step that leads there; undefined for what is one field as a whole. */
export function childrenOf(value: Json | undefined, path: FieldPath): readonly (readonly [string, Json])[] | undefined {
  if (Array.isArray(value)) {
    const keys = keysAt(path);
    if (isSetAt(path)) return value.map((item) => [`v:${JSON.stringify(item)}`, item] as const);
    return keys && value.map((item) => [itemStep(item, keys), item] as const);
  }
  if (!isObject(value)) return undefined;
  return Object.entries(value).flatMap(([name, child]) => (child === undefined ? [] : [[`f:${name}`, child] as const]));
}

const listName = (path: FieldPath): string => path.at(-1)?.slice(2) ?? "";
const keysAt = (path: FieldPath): readonly string[] | undefined => itemKeys.get(listName(path));
const isSetAt = (path: FieldPath): boolean => setLists.has(listName(path));

function itemStep(item: Json, keys: readonly string[]): string {
  const named = isObject(item) ? keys.map((key) => [key, item[key] ?? null] as const) : [];
  return `k:${JSON.stringify(Object.fromEntries(named))}`;
}

/** A field set as `managedFields` has it. */
export function toFieldsV1(paths: Iterable<string>): JsonObject {
  const root: FieldTree = {};
  for (const path of paths) {
    let at = root;
    for (const step of JSON.parse(path) as FieldPath) {
      at[step] ??= {};
      at = at[step];
    }
  }
  return root;
}

interface FieldTree {
  [step: string]: FieldTree;
}
