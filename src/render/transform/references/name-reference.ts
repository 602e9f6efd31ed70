import { Failure } from "../../../model/failure.ts";
import { FieldPathMismatch } from "../../fieldspecs/apply.ts";
import type { FieldSpec, NameReference } from "../../fieldspecs/field-spec.ts";
import {
  CLUSTER,
  describeResId,
  effectiveNamespace,
  formatResId,
  type GvkPattern,
  isSelected,
  type ResId,
} from "../../resource/res-id.ts";
import { currentId, kindOf, nameOf, namespaceOf, originalId, type Resource } from "../../resource/resource.ts";
import type { ResourceSet } from "../../resource/resource-set.ts";
import { isList, isMap, mapAt, nodeKind, textOf, type Value, type ValueMap } from "../../value/value.ts";
import { changeFields, memberOf, setUntyped } from "../set-fields.ts";
import { type Candidate, candidatesByName, type NamespaceGroups, namespaceGroups } from "./referral-candidates.ts";

interface References {
  readonly set: ResourceSet;
  readonly byFormerName: ReadonlyMap<string, readonly Candidate[]>;
  readonly groups: NamespaceGroups;
}

interface Referrer {
  readonly resource: Resource;
  readonly id: ResId;
  /** For a RoleBinding: the namespaces of the service accounts it names. */
  readonly subjectNamespaces: ReadonlySet<string>;
}

interface Reference extends Referrer {
  readonly spec: FieldSpec;
  readonly target: GvkPattern;
}

/**
 * Changes names in the fields by which objects refer to others that were renamed in this build.
 * Throws `Failure` (RenderFailed) where a name may mean several objects.
 * Source: sigs.k8s.io/kustomize/api/filters/nameref.
 */
export function followNames(set: ResourceSet, backReferences: readonly NameReference[]): void {
  const references = { set, byFormerName: candidatesByName(set), groups: namespaceGroups(set) };
  const byKind = referrersByKind(backReferences);
  for (const resource of set.resources) {
    const original = originalId(resource, set.scope);
    const rules = [...(byKind.get(original.kind) ?? []), ...(byKind.get("") ?? [])].sort((a, b) => a.order - b.order);
    if (rules.length === 0) continue;
    const referrer = {
      resource,
      id: currentId(resource, set.scope),
      subjectNamespaces: subjectNamespaces(resource, set),
    };
    for (const { spec, target } of rules) {
      if (isSelected(original, spec)) followField(references, { ...referrer, spec, target });
    }
  }
}

interface Rule {
  readonly order: number;
  readonly target: GvkPattern;
  readonly spec: FieldSpec;
}

function referrersByKind(backReferences: readonly NameReference[]): ReadonlyMap<string, readonly Rule[]> {
  const rules = new Map<string, Rule[]>();
  let order = 0;
  for (const target of backReferences) {
    for (const spec of target.referrers) {
      const rule = { order: order++, target, spec };
      const same = rules.get(spec.kind ?? "");
      if (same === undefined) rules.set(spec.kind ?? "", [rule]);
      else same.push(rule);
    }
  }
  return rules;
}

function followField(references: References, reference: Reference): void {
  const change = (parent: ValueMap | Value[], key: string | number) => {
    const value = memberOf(parent, key);
    if (value === undefined || value === null) return;
    if (!isList(value)) return followValue(references, reference, parent, key);
    value.forEach((_, index) => {
      followValue(references, reference, value, index);
    });
  };
  // The rule was chosen by the object's first kind; the object may have another by now.
  const { path, create, steps } = reference.spec;
  changeFields(reference.resource, [{ path, create, steps }], {
    scope: references.set.scope,
    creates: "nothing",
    change,
  });
}

function followValue(
  references: References,
  reference: Reference,
  parent: ValueMap | Value[],
  key: string | number,
): void {
  const value = memberOf(parent, key);
  if (value === undefined || value === null) return;
  if (isList(value)) throw new FieldPathMismatch(`expected a name or a map, found ${nodeKind(value)}`, String(key));
  if (isMap(value)) {
    followMap(references, reference, value);
    return;
  }
  const found = referral(references, reference, textOf(value), { sameNamespace: false });
  if (found !== undefined && nameOf(found) !== textOf(value)) setUntyped(parent, key, nameOf(found));
}

function followMap(references: References, reference: Reference, map: ValueMap): void {
  if (!("name" in map)) throw new FieldPathMismatch("path config error; no 'name' field in node", reference.spec.path);
  const name = textOf(map.name);
  const within = "namespace" in map ? { namespace: textOf(map.namespace) } : {};
  const found = referral(references, reference, name, { sameNamespace: true, ...within });
  if (found === undefined) return;
  const namespace = namespaceOf(found);
  setUntyped(map, "name", nameOf(found));
  if (namespace !== "") map.namespace = namespace;
}

interface Wanted {
  /** The namespace written beside the name. */
  readonly namespace?: string;
  /** Whether several objects count as one only where their namespaces are the same too. */
  readonly sameNamespace: boolean;
}

function referral(references: References, reference: Reference, name: string, wanted: Wanted): Resource | undefined {
  let candidates = (references.byFormerName.get(name) ?? []).filter(
    (candidate) =>
      candidate.formerIds.some((id) => isSelected(id, reference.target)) && reachable(reference, candidate),
  );
  if (candidates.length === 0) return undefined;
  if (wanted.namespace !== undefined) candidates = inNamespace(references, reference, candidates, wanted.namespace);
  candidates = candidates.filter(roleFilter(reference)).filter((candidate) => sameScope(reference, candidate));
  if (candidates.length <= 1) return candidates[0]?.resource;
  candidates = candidates.filter((candidate) => sameAffixes(candidate.resource, reference.resource, true));
  if (candidates.length > 1) {
    candidates = candidates.filter((candidate) => sameAffixes(candidate.resource, reference.resource, false));
  }
  const [first] = candidates;
  if (first === undefined || candidates.length === 1) return first?.resource;
  const identical = candidates.every(
    ({ resource }) =>
      nameOf(resource) === nameOf(first.resource) &&
      (!wanted.sameNamespace || namespaceOf(resource) === namespaceOf(first.resource)),
  );
  if (identical) return first.resource;
  throw ambiguous(reference, candidates);
}

/** Whether the referrer could reach the object at all, before names and prefixes are looked at. */
function reachable({ id, subjectNamespaces }: Referrer, candidate: Candidate): boolean {
  if (id.clusterScoped || candidate.id.clusterScoped) return true;
  if (effectiveNamespace(id) === effectiveNamespace(candidate.id)) return true;
  return subjectNamespaces.has(candidate.id.namespace);
}

/** A namespace beside the name is first taken for an original one, then for a current one. */
function inNamespace(
  references: References,
  reference: Reference,
  candidates: readonly Candidate[],
  namespace: string,
): Candidate[] {
  if (namespace === CLUSTER) return [];
  const known = references.groups.original.get(namespace)?.some((candidate) => reachable(reference, candidate));
  return candidates.filter(
    (candidate) => (known ? candidate.originalNamespace : effectiveNamespace(candidate.id)) === namespace,
  );
}

/** Beside a `roleRef.name` stand the group and kind that it means. */
function roleFilter(reference: Reference): (candidate: Candidate) => boolean {
  const role = reference.spec.path.endsWith("roleRef/name") ? mapAt(reference.resource.value, "roleRef") : undefined;
  if (role === undefined || !("apiGroup" in role) || !("kind" in role)) return () => true;
  const wanted = { group: textOf(role.apiGroup), kind: textOf(role.kind) };
  return (candidate) => candidate.formerIds.some((id) => isSelected(id, wanted));
}

function sameScope({ id }: Referrer, candidate: Candidate): boolean {
  if (id.clusterScoped || candidate.id.clusterScoped || kindOf(candidate.resource) === "ServiceAccount") return true;
  return effectiveNamespace(id) === effectiveNamespace(candidate.id);
}

function sameAffixes(a: Resource, b: Resource, allowEmpty: boolean): boolean {
  const same = (left: readonly string[], right: readonly string[]) =>
    (allowEmpty && (left.length === 0 || right.length === 0)) || sameEnding(left, right);
  return same(a.prefixes, b.prefixes) && same(a.suffixes, b.suffixes);
}

function sameEnding(a: readonly string[], b: readonly string[]): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (short.length === 0) return long.length === 0;
  return short.every((text, index) => long[long.length - short.length + index] === text);
}

function subjectNamespaces(resource: Resource, { scope }: ResourceSet): ReadonlySet<string> {
  const found = new Set<string>();
  const subjects = resource.value.subjects;
  if (kindOf(resource) !== "RoleBinding" || !isList(subjects)) return found;
  for (const subject of subjects) {
    if (!isMap(subject) || subject.kind !== "ServiceAccount" || !("namespace" in subject)) continue;
    const { namespace } = subject;
    if (typeof namespace === "string") found.add(namespace);
    else {
      const id = currentId(resource, scope);
      throw new Failure("RenderFailed", {
        message: `namespace is blank for resource "${formatResId(id)}"`,
        object: describeResId(id),
        field: "subjects.namespace",
        hint: "give the namespace of the service account, or leave the field out",
        ...resource.origin,
      });
    }
  }
  return found;
}

function ambiguous({ resource, id, spec }: Reference, candidates: readonly Candidate[]): Failure {
  const found = candidates.map((candidate) => formatResId(candidate.id)).join(", ");
  return new Failure("RenderFailed", {
    message: `found multiple possible referrals: ${found}`,
    object: describeResId(id),
    field: spec.path,
    hint: "names that the bases share cannot be told apart here; give them different names",
    ...resource.origin,
  });
}
