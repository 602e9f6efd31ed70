import type { IgnoreRule } from "../api/rollout-spec.ts";
import { Failure } from "../model/failure.ts";
import { isObject, type Json, type JsonObject, ownMember, valueAt } from "../model/json.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { type ObjectId, versionOf } from "../model/object-id.ts";
import { compilePattern, literalPattern, PatternInvalid } from "../model/pattern.ts";
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
            kind: literalPattern(target.kind),
            name: literalPattern(target.name),
            namespace: literalPattern(id.namespace),
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
    return isObject(current) ? ownMember(current, token) : undefined;
  }, value);
}

function replace(value: Json | undefined, tokens: readonly string[], by: Json | undefined): Json | undefined {
  const [token, ...rest] = tokens;
  if (token === undefined) return by;
  if (Array.isArray(value))
    return value.flatMap((item, index) => (index === Number(token) ? keep(replace(item, rest, by)) : [item]));
  if (!isObject(value)) return value;
  const changed: JsonObject = { ...value, [token]: replace(ownMember(value, token), rest, by) };
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
  const fits = testsOf(target);
  return (
    fits.group(id.group) &&
    fits.version(versionOf(object.apiVersion)) &&
    fits.kind(id.kind) &&
    fits.name(id.name) &&
    fits.namespace(id.namespace) &&
    selects(target.labelSelector ?? "", object.metadata.labels) &&
    selects(target.annotationSelector ?? "", object.metadata.annotations)
  );
}

type Target = NonNullable<IgnoreRule["target"]>;
type Tests = Readonly<Record<"group" | "version" | "kind" | "name" | "namespace", (value: string) => boolean>>;

/** A rule is asked about every object, and read once. */
const knownTests = new WeakMap<Target, Tests>();

function testsOf(target: Target): Tests {
  const known = knownTests.get(target);
  if (known !== undefined) return known;
  const tests = {
    group: testOf(target.group, "group"),
    version: testOf(target.version, "version"),
    kind: testOf(target.kind, "kind"),
    name: testOf(target.name, "name"),
    namespace: testOf(target.namespace, "namespace"),
  };
  knownTests.set(target, tests);
  return tests;
}

const anything = () => true;

/** As kustomize and Flux read the patterns of a target: a regular expression for the whole text. */
function testOf(pattern: string | undefined, part: string): (value: string) => boolean {
  if (pattern === undefined) return anything;
  if (/^[\w-]*$/.test(pattern)) return (value) => value === pattern;
  try {
    return compilePattern(`^(?:${pattern})$`).test;
  } catch (cause) {
    if (!(cause instanceof PatternInvalid)) throw cause;
    const message = `"${pattern}" is not a regular expression: ${cause.message}`;
    throw new Failure("SpecInvalid", { field: `spec.ignore.target.${part}`, message }, { cause });
  }
}
