import { Failure } from "../../model/failure.ts";
import type { VarInput } from "../kustomization/fields.ts";
import { effectiveNamespace, splitApiVersion } from "../resource/res-id.ts";
import { currentId, formerIds, isDeleted, type Resource } from "../resource/resource.ts";
import { expandVars } from "../transform/expand-vars.ts";
import { FieldPathInvalid, lookup, lookupKey, type Place, parseFieldPath } from "../value/field-path.ts";
import { isList, isMap, nodeText, type Value } from "../value/value.ts";
import { isFraction, isUntyped, plainTag } from "../yaml/index.ts";
import type { Accumulation } from "./build.ts";

/**
 * Adds vars, and notes on the objects that they read which ones those are; vars that an inner kustomization brought are
 * `bound` already. Throws `Failure` (KustomizationInvalid) where a name is there twice or means several objects.
 */
export function mergeVars(into: Accumulation, vars: readonly VarInput[], { bound = false } = {}): void {
  for (const variable of vars) {
    if (!bound) bind(into, variable);
    const name = variable.name ?? "";
    if (into.vars.has(name)) {
      throw new Failure("KustomizationInvalid", {
        message: `var '${name}' already encountered`,
        field: "vars",
        hint: "vars of all kustomizations share one namespace; replacements do not",
      });
    }
    into.vars.set(name, variable);
  }
}

function bind({ set }: Accumulation, variable: VarInput): void {
  const { apiVersion, name = "", namespace = "", ...kind } = variable.objref ?? {};
  const [group, version] = apiVersion ? splitApiVersion(apiVersion) : [kind.group ?? "", kind.version ?? ""];
  const wanted = { group, version, kind: kind.kind ?? "" };
  const matches = (resource: Resource) =>
    [...formerIds(resource), currentId(resource, set.scope)].some(
      (id) =>
        id.name === name &&
        id.group === wanted.group &&
        id.version === wanted.version &&
        id.kind === wanted.kind &&
        (namespace === "" || effectiveNamespace(id) === namespace),
    );
  const found = set.resources.filter((resource) => !isDeleted(resource) && matches(resource));
  if (found.length > 1) {
    throw new Failure("KustomizationInvalid", {
      message: `found ${found.length} resId matches for var ${variable.name ?? ""} (unable to disambiguate): ${wanted.kind}/${name}`,
      field: "vars",
      hint: "name the namespace in objref",
    });
  }
  found[0]?.vars.push(variable.name ?? "");
}

/**
 * Replaces references to vars by the values of the fields they read, as these are in the end. Returns the names of vars
 * that nothing refers to. Throws `Failure` (KustomizationInvalid) where a var reads what is not there.
 */
export function resolveVars({ set, config, vars }: Accumulation): readonly string[] {
  if (vars.size === 0) return [];
  const values = new Map<string, Value>();
  for (const name of [...vars.keys()].sort()) values.set(name, readVar(set.resources, name, vars.get(name) ?? {}));
  const used = expandVars(set, values, config.varReference);
  return [...values.keys()].filter((name) => !used.has(name));
}

function readVar(resources: readonly Resource[], name: string, variable: VarInput): Value {
  const source = resources.find((resource) => resource.vars.includes(name));
  if (source === undefined) {
    throw unreadable(name, "cannot be mapped to a field in the set of known resources");
  }
  const path = variable.fieldref?.fieldPath || "metadata.name";
  const value = valueAt(source.value, parseFieldPath(path).flatMap(withoutIndex));
  if (value !== undefined) return value;
  throw unreadable(name, `field specified in var is not found in corresponding resource: ${path}`);
}

/** `ports[0]` is the first of the `ports`. */
function withoutIndex(step: string): string[] {
  const [, field = "", index] = /^(.*)\[(\d+)\]$/.exec(step) ?? [];
  if (index === undefined) return [step];
  return field === "" ? [index] : [field, index];
}

function valueAt(value: Value, steps: readonly string[]): Value | undefined {
  try {
    const found = lookup(value, steps);
    const place = lookupKey(value, steps);
    return found === undefined || place === undefined ? found : readByGo(place, found);
  } catch (thrown) {
    if (thrown instanceof FieldPathInvalid) return undefined;
    throw thrown;
  }
}

/**
 * What Go's strconv makes of a scalar as it is written, which reads less than YAML does: of numbers only decimals, `017` as
 * 17. Undefined where it reads none. Source: kyaml/yaml/rnode.go `GetFieldValue`.
 */
function readByGo({ parent, key }: Place, value: Value): Value | undefined {
  if (isList(value) || isMap(value)) return value;
  const text = nodeText(parent, key);
  if (value === text || isUntyped(parent, key)) return text;
  const tag = isFraction(parent, key) ? "float" : plainTag(text);
  if (tag === "int") return /^[-+]?\d+$/.test(text) ? integer(BigInt(text)) : undefined;
  if (tag === "float") return /^[-+]?[\d.]+(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : undefined;
  return tag === "bool" ? value : text;
}

const integer = (value: bigint): Value | undefined => {
  if (BigInt.asIntN(64, value) !== value) return undefined;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
};

function unreadable(name: string, message: string): Failure {
  return new Failure("KustomizationInvalid", { message: `var '${name}': ${message}`, field: "vars" });
}
