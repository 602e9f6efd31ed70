import type { IgnoreRule } from "../api/environment-spec.ts";
import { Failure } from "../model/failure.ts";
import { isObject, type Json, type JsonObject, valueAt } from "../model/json.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { type ObjectId, versionOf } from "../model/object-id.ts";
import { pointerTokens } from "./diff.ts";
import { ownedByMooring } from "./managed-fields.ts";
import { selects } from "./selector.ts";

/**
 * The rules that hold without being written: an autoscaler of the environment owns the replicas of what it scales.
 */
export function autoscalerRules(manifests: readonly Manifest[]): readonly IgnoreRule[] {
  return manifests
    .filter(({ id }) => id.kind === "HorizontalPodAutoscaler")
    .flatMap(({ object, id }) => {
      const target = valueAt(object, "spec", "scaleTargetRef");
      if (!isObject(target) || typeof target.kind !== "string" || typeof target.name !== "string") return [];
      return [
        {
          target: {
            kind: escapePattern(target.kind),
            name: escapePattern(target.name),
            namespace: escapePattern(id.namespace),
          },
          paths: ["/spec/replicas"],
        },
      ];
    });
}

/** The JSON pointers of one object that are left to others. Throws `Failure` (SpecInvalid) for a rule that cannot be read. */
export function ignoredPaths(object: KubeObject, id: ObjectId, rules: readonly IgnoreRule[]): readonly string[] {
  return rules.filter((rule) => matches(object, id, rule)).flatMap((rule) => rule.paths);
}

/**
 * The object without the fields that are left to others. A field that Mooring itself still owns follows the live value
 * instead: dropping it from the apply would delete it, or set it back to its default. An object that is not there yet
 * gets the value of the repository.
 */
export function leaveToOthers(object: KubeObject, live: KubeObject | undefined, paths: readonly string[]): KubeObject {
  if (live === undefined) return object;
  return paths.reduce((current: KubeObject, path) => {
    const tokens = pointerTokens(path);
    const value = ownedByMooring(live, path) ? at(live, tokens) : undefined;
    return at(current, tokens) === undefined ? current : (replace(current, tokens, value) as KubeObject);
  }, object);
}

function at(value: Json | undefined, tokens: readonly string[]): Json | undefined {
  return tokens.reduce((current: Json | undefined, token) => {
    if (Array.isArray(current)) return current[Number(token)];
    return isObject(current) ? current[token] : undefined;
  }, value);
}

function replace(value: Json | undefined, tokens: readonly string[], by: Json | undefined): Json | undefined {
  const [token, ...rest] = tokens;
  if (token === undefined) return by;
  if (Array.isArray(value))
    return value.flatMap((item, index) => (index === Number(token) ? keep(replace(item, rest, by)) : [item]));
  if (!isObject(value)) return value;
  const changed: JsonObject = { ...value, [token]: replace(value[token], rest, by) };
  return changed[token] === undefined ? without(changed, token) : changed;
}

function keep(value: Json | undefined): readonly Json[] {
  return value === undefined ? [] : [value];
}

function without(object: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

function matches(object: KubeObject, id: ObjectId, rule: IgnoreRule): boolean {
  const { target } = rule;
  if (target === undefined) return true;
  const pairs: readonly (readonly [string | undefined, string])[] = [
    [target.group, id.group],
    [target.version, versionOf(object.apiVersion)],
    [target.kind, id.kind],
    [target.name, id.name],
    [target.namespace, id.namespace],
  ];
  return (
    pairs.every(([pattern, value]) => pattern === undefined || fits(pattern, value)) &&
    selects(target.labelSelector ?? "", object.metadata.labels) &&
    selects(target.annotationSelector ?? "", object.metadata.annotations)
  );
}

/** As kustomize and Flux read the patterns of a target: a regular expression for the whole text. */
function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch (cause) {
    const message = `"${pattern}" is not a regular expression`;
    throw new Failure("SpecInvalid", { field: "spec.ignore", message }, { cause });
  }
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
