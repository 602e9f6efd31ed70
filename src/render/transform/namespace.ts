import { type FieldSpec, fieldSpec } from "../fieldspecs/field-spec.ts";
import { apiVersionOf, isDeleted, kindOf, type Resource, rememberId } from "../resource/resource.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import { isList, isMap, textOf, type Value, type ValueMap } from "../value/value.ts";
import { changeFields, memberOf, setScalar } from "./set-fields.ts";

/** Which subjects of role bindings get the namespace: those named `default`, all service accounts, or none. */
export type SubjectMode = "defaultOnly" | "allServiceAccounts" | "none";

/** How a namespace is set. */
export interface NamespaceRule {
  readonly namespace: string;
  readonly specs: readonly FieldSpec[];
  readonly subjects: SubjectMode;
  /** Whether namespaces that are there already stay. */
  readonly unsetOnly: boolean;
}

const metadataNamespace = fieldSpec("metadata/namespace", {}, true);

/**
 * Sets the namespace of all objects that live in one, and in the fields the specs lead to; subjects of role bindings by
 * rule. What helm rendered keeps its own. Throws `Failure` (DuplicateObject) where objects then collide.
 * Source: sigs.k8s.io/kustomize/api/filters/namespace.
 */
export function setNamespaces(set: ResourceSet, rule: NamespaceRule): void {
  if (rule.namespace === "") return;
  for (const resource of set.resources) {
    if (isDeleted(resource) || resource.fromHelm) continue;
    rememberId(resource, set.scope);
    setNamespaceOf(resource, rule, set);
  }
  set.idsChanged();
  set.assertUnique();
}

/** Sets the namespace in one object; see `setNamespaces`. */
export function setNamespaceOf(resource: Resource, rule: NamespaceRule, { scope }: Pick<ResourceSet, "scope">): void {
  const change = (parent: ValueMap | Value[], key: string | number) => {
    if (rule.unsetOnly && textOf(memberOf(parent, key)) !== "") return;
    setScalar(parent, key, rule.namespace);
  };
  const how = { scope, creates: "scalar", change } as const;
  const apiVersion = apiVersionOf(resource);
  const kind = kindOf(resource);
  if (!scope(apiVersion, kind)) changeFields(resource, [metadataNamespace], how);
  const isBinding = kind === "RoleBinding" || kind === "ClusterRoleBinding";
  if (isBinding) setSubjects(resource, rule.subjects, change);
  const specs = rule.specs.filter(
    (spec) =>
      spec.path !== "metadata/namespace" &&
      !(spec.path === "metadata/name" && apiVersion !== "v1") &&
      !(
        isBinding &&
        spec.path === "subjects/namespace" &&
        (spec.kind === "RoleBinding" || spec.kind === "ClusterRoleBinding")
      ),
  );
  changeFields(resource, specs, how);
}

function setSubjects(resource: Resource, mode: SubjectMode, change: (parent: ValueMap, key: string) => void): void {
  const subjects = resource.value.subjects;
  if (mode === "none" || !isList(subjects)) return;
  for (const subject of subjects) {
    if (!isMap(subject)) continue;
    const chosen = mode === "defaultOnly" ? subject.name === "default" : subject.kind === "ServiceAccount";
    if (chosen) change(subject, "namespace");
  }
}
