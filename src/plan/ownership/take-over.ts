import { applyPolicy } from "../../api/annotations.ts";
import { fieldManager } from "../../api/names.ts";
import { isObject, type Json, type JsonObject, listAt, objectAt, ownMember, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { FieldChange } from "../../model/plan.ts";
import { escapeToken } from "../fields/diff.ts";
import { itemKeys, writtenItems } from "./item-keys.ts";
import { ownersOf } from "./managed-fields.ts";

/**
 * Tools that write whole objects, as Mooring does. What they once wrote would stay for ever although it is gone from the
 * repository, since server-side apply removes only what nobody else owns. Commands that set a single field
 * (`kubectl-rollout`, `kubectl-scale`, …) are not among them, nor are controllers.
 */
const predecessors: ReadonlySet<string> = new Set([
  "kubectl-client-side-apply",
  "kubectl-create",
  "kubectl-edit",
  "kubectl-replace",
  "kubectl",
  "before-first-apply",
  "helm",
  "flux",
  "kustomize-controller",
  "helm-controller",
]);

const managedFieldsPath = "/metadata/managedFields";

/** The live object with the fields of its former managers in Mooring's own hands. */
export interface TakeOver {
  readonly managers: readonly string[];
  readonly live: KubeObject;
  /** What goes with it, as JSON pointers into the live object: fields of the former managers that nobody wants any more. */
  readonly stuck: readonly string[];
}

/**
 * What is to be taken over before an object is applied, or undefined where nothing is. Only entries of the API version
 * that Mooring's own entry has can be joined with it; those of another follow once the versions are the same. The way
 * of Flux: https://github.com/fluxcd/pkg/blob/main/ssa/patch.go
 */
export function takeOver(live: KubeObject, desired: KubeObject): TakeOver | undefined {
  if (applyPolicy(desired) !== "Override" || applyPolicy(live) !== "Override") return undefined;
  const entries = listAt(live, "metadata", "managedFields");
  const own = entries.find(isOwn);
  const version = stringAt(own, "apiVersion") ?? desired.apiVersion;
  const taken = entries.filter((entry) => isPredecessor(entry) && stringAt(entry, "apiVersion") === version);
  const [first] = taken;
  if (!isObject(first)) return undefined;
  const fieldsV1 = union([own, ...taken].map((entry) => objectAt(entry, "fieldsV1") ?? {}));
  const mine = { ...first, ...(isObject(own) ? own : {}), manager: fieldManager, operation: "Apply", fieldsV1 };
  const joined = new Set([own, ...taken]);
  const others = entries.filter((entry) => !joined.has(entry));
  const owners = ownersOf(live, (entry) => !joined.has(entry));
  return {
    managers: [...new Set(taken.map((entry) => stringAt(entry, "manager") ?? ""))].sort(),
    live: { ...live, metadata: { ...live.metadata, managedFields: [mine, ...others] } },
    stuck: unwanted(fieldsV1, { live, desired, path: "" }).filter((path) => owners.of(path) === undefined),
  };
}

/** The JSON patch (RFC 6902) that takes over; the API server answers 409 where the object has moved since. */
export function takeOverPatch({ live }: TakeOver): readonly JsonObject[] {
  const { resourceVersion, managedFields } = live.metadata;
  return [
    { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
    { op: "replace", path: managedFieldsPath, value: managedFields },
  ];
}

/**
 * The JSON patch that takes the stuck fields away, last first so that the indices of lists stay true. Sent as a dry run it
 * tells what becomes of them: many are set again by the API server's defaults.
 */
export function withoutStuckPatch({ stuck }: TakeOver): readonly JsonObject[] {
  return stuck.map((path) => ({ op: "remove", path })).reverse();
}

/** The take-over as a plan shows it. */
export function takeOverChange({ managers }: TakeOver): FieldChange {
  return { path: managedFieldsPath, from: managers.join(", "), to: fieldManager };
}

/** Tells whether a change of a plan is a take-over. */
export function isTakeOver(change: FieldChange): boolean {
  return change.path === managedFieldsPath;
}

function isOwn(entry: Json): boolean {
  return (
    stringAt(entry, "manager") === fieldManager && stringAt(entry, "operation") === "Apply" && !ofSubresource(entry)
  );
}

function isPredecessor(entry: Json): boolean {
  return predecessors.has(stringAt(entry, "manager") ?? "") && !ofSubresource(entry);
}

function ofSubresource(entry: Json): boolean {
  return (stringAt(entry, "subresource") ?? "") !== "";
}

interface Pair {
  readonly live: Json | undefined;
  readonly desired: Json | undefined;
  readonly path: string;
}

/** The fields of a set (FieldsV1) that are there and not desired, in the order of the live object's lists. */
function unwanted(fields: JsonObject, { live, desired, path }: Pair): readonly string[] {
  const members = Object.keys(fields).filter((key) => key !== ".");
  if (live === undefined) return [];
  if (desired === undefined && (members.length === 0 || isItemKey(path, fields))) return [path];
  if (Array.isArray(live)) {
    const keys = itemKeys(members);
    const written = writtenItems(Array.isArray(desired) ? desired : []);
    return live.flatMap((item, index) => {
      const [key] = keys.naming(item, index);
      if (key === undefined) return [];
      const same = written.meantBy(key);
      return unwanted(objectAt(fields, key) ?? {}, { live: item, desired: same, path: `${path}/${index}` });
    });
  }
  if (!isObject(live)) return [];
  return members.flatMap((key) => {
    const name = key.slice("f:".length);
    const wanted = isObject(desired) ? ownMember(desired, name) : undefined;
    const inside = { live: ownMember(live, name), desired: wanted, path: `${path}/${escapeToken(name)}` };
    return unwanted(objectAt(fields, key) ?? {}, inside);
  });
}

/** An item of a list that is owned itself (`.`) goes as a whole. */
function isItemKey(path: string, fields: JsonObject): boolean {
  return /\/\d+$/.test(path) && fields["."] !== undefined;
}

/** Sets of fields (FieldsV1) as one; each field is looked at once, however many sets there are. */
function union(sets: readonly JsonObject[]): JsonObject {
  const [first = {}, ...more] = sets;
  if (more.length === 0) return first;
  const inside = new Map<string, JsonObject[]>();
  for (const [key, fields] of sets.flatMap(Object.entries)) {
    const known = inside.get(key) ?? [];
    inside.set(key, known);
    if (isObject(fields)) known.push(fields);
  }
  return Object.fromEntries([...inside].map(([key, all]) => [key, union(all)]));
}
