import { createHash } from "node:crypto";
import type { IgnoreRule } from "../../api/environment/rollout-spec.ts";
import { Failure } from "../../model/failure.ts";
import { isObject, valueAt } from "../../model/json/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { type ObjectId, versionOf } from "../../model/object-id.ts";
import { compilePattern, type Pattern, PatternInvalid } from "../../model/text/pattern.ts";
import { type FieldTree, fieldTree } from "./ignored-fields.ts";
import { readSelector } from "./selector.ts";

/** The fields of one object that the rules ignore. */
export interface IgnoredFields {
  /** Equal for the same paths, whichever rules name them; empty where nothing is ignored. */
  readonly keys: readonly string[];
  readonly trees: readonly FieldTree[];
}

/** Tells which fields of an object are ignored. */
export type IgnoreMatcher = (object: KubeObject, id: ObjectId) => IgnoredFields;

/**
 * Reads the rules of a spec, each pattern and path once, however many objects it is matched against; and one that holds without
 * being written: an autoscaler of the environment owns the replicas of what it scales. Throws `Failure` (SpecInvalid) for
 * a rule that cannot be read, and for patterns that are too large together.
 */
export function compileIgnoreRules(rules: readonly IgnoreRule[], manifests: readonly Manifest[] = []): IgnoreMatcher {
  const read = readRules(rules);
  const scaled = new Set(manifests.flatMap(scaledBy));
  return (object, id) => {
    const met = read.filter(({ fits }) => fits(object, id)).map(({ left }) => left);
    const left = scaled.has(scaleTarget(id)) ? [...met, replicas] : met;
    return { keys: left.map(({ key }) => key), trees: left.map(({ tree }) => tree) };
  };
}

interface Left {
  readonly key: string;
  readonly tree: FieldTree;
}

function leftOf(paths: readonly string[]): Left {
  const key = createHash("sha256").update(JSON.stringify(paths)).digest("base64url");
  return { key, tree: fieldTree(paths) };
}

const replicas = leftOf(["/spec/replicas"]);

/** What a manifest scales, where it is an autoscaler. */
function scaledBy({ object, id }: Manifest): readonly string[] {
  const target = id.kind === "HorizontalPodAutoscaler" ? valueAt(object, "spec", "scaleTargetRef") : undefined;
  if (!isObject(target) || typeof target.kind !== "string" || typeof target.name !== "string") return [];
  return [scaleTarget({ kind: target.kind, namespace: id.namespace, name: target.name })];
}

function scaleTarget({ kind, namespace, name }: Omit<ObjectId, "group">): string {
  return JSON.stringify([kind, namespace, name]);
}

interface ReadRule {
  readonly fits: (object: KubeObject, id: ObjectId) => boolean;
  readonly left: Left;
}

/** A spec is the same object from pass to pass. */
const knownRules = new WeakMap<readonly IgnoreRule[], readonly ReadRule[]>();

function readRules(rules: readonly IgnoreRule[]): readonly ReadRule[] {
  const known = knownRules.get(rules);
  if (known !== undefined) return known;
  refuseTooManySteps(rules);
  const patterns = new Patterns();
  const read = rules.map(({ target, paths }, index) => ({
    fits: target === undefined ? () => true : readTarget(target, `spec.ignore[${index}].target`, patterns),
    left: leftOf(paths),
  }));
  knownRules.set(rules, read);
  return read;
}

/** Steps of all paths of a spec together: people need some five each. */
const mostPathSteps = 20_000;

function refuseTooManySteps(rules: readonly IgnoreRule[]): void {
  const steps = rules.flatMap(({ paths }) => paths).reduce((sum, path) => sum + path.split("/").length - 1, 0);
  if (steps <= mostPathSteps) return;
  const message = `the paths of all rules have ${steps} steps, more than ${mostPathSteps}`;
  throw new Failure("SpecInvalid", { field: "spec.ignore", message });
}

function readTarget(target: NonNullable<IgnoreRule["target"]>, field: string, patterns: Patterns): ReadRule["fits"] {
  const [group, version, kind, name, namespace] = (["group", "version", "kind", "name", "namespace"] as const).map(
    (part) => patterns.read(target[part], `${field}.${part}`),
  );
  const labels = readSelector(target.labelSelector ?? "", `${field}.labelSelector`);
  const annotations = readSelector(target.annotationSelector ?? "", `${field}.annotationSelector`);
  return ({ apiVersion, metadata }, id) =>
    group?.(id.group) !== false &&
    version?.(versionOf(apiVersion)) !== false &&
    kind?.(id.kind) !== false &&
    namespace?.(id.namespace) !== false &&
    name?.(id.name) !== false &&
    labels(metadata.labels) &&
    annotations(metadata.annotations);
}

/** Steps of all patterns of a spec together, for each character of a name: people need some ten each. */
const mostPatternSteps = 10_000;

/** The patterns of one spec. */
class Patterns {
  #left = mostPatternSteps;

  /** As kustomize and Flux read the patterns of a target: a regular expression for the whole text. */
  read(pattern: string | undefined, field: string): ((value: string) => boolean) | undefined {
    if (pattern === undefined) return undefined;
    if (/^[\w-]*$/.test(pattern)) return (value) => value === pattern;
    const { test, steps } = compile(pattern, field);
    this.#left -= steps;
    if (this.#left >= 0) return test;
    const message = `the regular expressions of spec.ignore are too large: more than ${mostPatternSteps} steps in all`;
    throw new Failure("SpecInvalid", { field, message, hint: "shorten them, or repeat less in them" });
  }
}

function compile(pattern: string, field: string): Pattern {
  try {
    return compilePattern(`^(?:${pattern})$`);
  } catch (cause) {
    if (!(cause instanceof PatternInvalid)) throw cause;
    const message = `"${pattern}" is not a regular expression: ${cause.message}`;
    throw new Failure("SpecInvalid", { field, message }, { cause });
  }
}
