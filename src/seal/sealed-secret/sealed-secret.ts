import { type Scope, type SealAlgorithm, sealedSecretAnnotations, sealedSecretKind } from "../../api/sealed-secret.ts";
import type { Problem } from "../../model/failure.ts";
import { isObject, type Json, stringAt, valueAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { groupOf } from "../../model/object-id.ts";
import { labelOf, type Place, scopeOf } from "./scope.ts";
import { readSealAnnotation, type SealAnnotation } from "./seal-annotation.ts";
import { invalidProblem, type SealProblem } from "./seal-problem.ts";

/** A SealedSecret, read and found well-formed. */
export interface SealedSecret {
  readonly place: Place;
  readonly scope: Scope;
  /** What every value is bound to. */
  readonly label: string;
  readonly algorithm: SealAlgorithm;
  /** The sealed values, in base64, by item. */
  readonly items: Readonly<Record<string, string>>;
  readonly template: Template;
  readonly sealAnnotation: SealAnnotation | undefined;
}

/** What the Secret is made of beside the opened values. */
export interface Template {
  readonly type?: string;
  readonly immutable?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  /** Go templates over the opened values, by item. */
  readonly data: Readonly<Record<string, string>>;
}

/** Tells whether an object is a SealedSecret of Bitnami's group, in whatever version. */
export function isSealedSecret(object: KubeObject): boolean {
  return object.kind === sealedSecretKind && groupOf(object.apiVersion) === "bitnami.com";
}

/** Reads a SealedSecret. Gives problems instead, each with its field, where it is not well-formed. */
export function readSealedSecret(object: KubeObject): SealedSecret | readonly SealProblem[] {
  const problems: SealProblem[] = [];
  const report = (field: string, message: string, hint?: string) =>
    problems.push(invalidProblem({ field, message, ...(hint === undefined ? {} : { hint }) }));
  const annotations = strings(object.metadata.annotations, "metadata.annotations", report);
  const place: Place = { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
  const scope = scopeOf(annotations);
  checkPlace(place, scope, report);
  checkTemplate(object, scope, report);
  const encrypted = valueAt(object, "spec", "encryptedData");
  const excess = excessOf(encrypted);
  if (excess !== undefined) return [invalidProblem(excess)];
  const items = strings(encrypted, "spec.encryptedData", report);
  if (valueAt(object, "spec", "data") !== undefined) {
    report("spec.data", "the deprecated form is not supported", "seal each value on its own, under spec.encryptedData");
  }
  const algorithm = annotations[sealedSecretAnnotations.algorithm] ?? "rsa";
  if (algorithm !== "rsa" && algorithm !== "x25519") {
    report(
      `metadata.annotations["${sealedSecretAnnotations.algorithm}"]`,
      `"${algorithm}" is not known`,
      "rsa and x25519 are",
    );
    return problems;
  }
  const template = readTemplate(object, report);
  if (problems.length > 0) return problems;
  const record = readSealAnnotation(annotations[sealedSecretAnnotations.record]);
  return { place, scope, label: labelOf(place, scope), algorithm, items, template, sealAnnotation: record };
}

/** So many values one SealedSecret may have. */
const maxItems = 2_000;
/** A Secret takes 1 MiB of values; these are as many characters of base64 as come of it, with what sealing adds. */
const maxItemLength = 1.5 * 2 ** 20;
const maxTotalLength = 3 * 2 ** 20;

/** What is too much to be opened: who opens it does so for others as well. */
function excessOf(encrypted: Json | undefined): Problem | undefined {
  const field = "spec.encryptedData";
  const entries = isObject(encrypted) ? Object.entries(encrypted) : [];
  const hint = "make several of it";
  if (entries.length > maxItems)
    return { field, message: `holds ${entries.length} values; the limit is ${maxItems}`, hint };
  let all = 0;
  for (const [name, value] of entries) {
    const length = typeof value === "string" ? value.length : 0;
    all += length;
    if (length > maxItemLength)
      return { field: memberPath(field, name), message: "is longer than a Secret may be (1 MiB)" };
  }
  if (all <= maxTotalLength) return undefined;
  return { field, message: "is longer than a Secret may be: all its values together may have 1 MiB", hint };
}

type Report = (field: string, message: string, hint?: string) => void;

function checkPlace(place: Place, scope: Scope, report: Report): void {
  // With it, the label of a namespace would be that of a name in another.
  if (place.namespace.includes("/")) report("metadata.namespace", "is not a namespace name");
  if (place.namespace !== "" || scope === "cluster-wide") return;
  report("metadata.namespace", `is missing, but a value sealed ${scope} is bound to it`);
}

/**
 * The template is not covered by the seal. What it says of scope, name or namespace must not differ from the metadata
 * that is: a difference is how CVE-2026-22728 widened a scope, and otherwise somebody's mistake.
 */
function checkTemplate(object: KubeObject, scope: Scope, report: Report): void {
  const metadata = valueAt(object, "spec", "template", "metadata");
  const annotations = valueAt(metadata, "annotations");
  const { clusterWide, namespaceWide } = sealedSecretAnnotations;
  const requested = scopeOf({
    [clusterWide]: stringAt(annotations, clusterWide) ?? "",
    [namespaceWide]: stringAt(annotations, namespaceWide) ?? "",
  });
  if (requested !== "strict" && requested !== scope) {
    report(
      "spec.template.metadata.annotations",
      `request the scope ${requested}, but the object's own annotations say ${scope}`,
      "the scope is read only from metadata.annotations; make both agree",
    );
  }
  const bound = scope === "strict" ? ["namespace", "name"] : scope === "namespace-wide" ? ["namespace"] : [];
  for (const field of bound) {
    const own = stringAt(object.metadata, field) ?? "";
    const other = stringAt(metadata, field) ?? own;
    if (other === "" || other === own) continue;
    report(
      `spec.template.metadata.${field}`,
      `is "${other}", but metadata.${field} is "${own}"`,
      `a value sealed ${scope} belongs to one ${field} only; seal it again for the other`,
    );
  }
}

function readTemplate(object: KubeObject, report: Report): Template {
  const path = "spec.template";
  const template = valueAt(object, "spec", "template");
  const metadata = valueAt(template, "metadata");
  const type = stringAt(template, "type");
  const immutable = valueAt(template, "immutable");
  const labels = strings(valueAt(metadata, "labels"), `${path}.metadata.labels`, report);
  const annotations = strings(valueAt(metadata, "annotations"), `${path}.metadata.annotations`, report);
  const finalizers = valueAt(metadata, "finalizers");
  return {
    ...(type === undefined || type === "" ? {} : { type }),
    ...(typeof immutable === "boolean" ? { immutable } : {}),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(Array.isArray(finalizers) ? { finalizers: finalizers.filter((item) => typeof item === "string") } : {}),
    data: strings(valueAt(template, "data"), `${path}.data`, report),
  };
}

/** A map of strings; absent and null count as empty, anything else is reported with its field. */
function strings(value: Json | undefined, path: string, report: Report): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) {
    report(path, "must be a map of strings");
    return {};
  }
  const kept: [string, string][] = [];
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === "string") kept.push([key, member]);
    else report(memberPath(path, key), "must be a string");
  }
  return Object.fromEntries(kept);
}

/** A member of a map as people write it: `spec.encryptedData.password`, or with brackets where the name needs them. */
export function memberPath(path: string, key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) ? `${path}.${key}` : `${path}["${key}"]`;
}

/** The problem with the object and origin it belongs to. */
export function located(
  problem: Problem,
  place: Place,
  origin?: { readonly file: string; readonly line?: number },
): Problem {
  const object =
    place.namespace === "" ? `SealedSecret/${place.name}` : `SealedSecret/${place.namespace}/${place.name}`;
  const line = origin?.line === undefined ? {} : { line: origin.line };
  return { ...(origin === undefined ? {} : { file: origin.file, ...line }), object, ...problem };
}
