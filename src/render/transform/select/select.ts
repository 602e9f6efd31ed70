import { Failure } from "../../../model/failure.ts";
import { compilePattern, PatternInvalid } from "../../../model/text/pattern.ts";
import type { Selector } from "../../kustomization/fields.ts";
import { effectiveNamespace, type ResId } from "../../resource/res-id.ts";
import { currentId, metaTexts, originalId, type Resource } from "../../resource/resource.ts";
import type { ResourceSet } from "../../resource/resource-set.ts";
import { type LabelMatcher, LabelSelectorInvalid, parseLabelSelector } from "./label-selector.ts";

type TextMatcher = (text: string) => boolean;

/** A selector ready to be used: one test for each of its parts. What it does not name matches anything. */
export interface CompiledSelector {
  readonly gvk: (id: Pick<ResId, "group" | "version" | "kind">) => boolean;
  readonly name: TextMatcher;
  readonly namespace: TextMatcher;
  readonly labels: LabelMatcher;
  readonly annotations: LabelMatcher;
}

/** Compiles a selector. Throws `Failure` (KustomizationInvalid) where an expression in it cannot be read. */
export function compileSelector(selector: Selector): CompiledSelector {
  const group = anchored(selector.group, "group");
  const version = anchored(selector.version, "version");
  const kind = anchored(selector.kind, "kind");
  return {
    gvk: (id) => group(id.group) && version(id.version) && kind(id.kind),
    name: anchored(selector.name, "name"),
    namespace: anchored(selector.namespace, "namespace"),
    labels: labelMatcher(selector.labelSelector, "labelSelector"),
    annotations: labelMatcher(selector.annotationSelector, "annotationSelector"),
  };
}

/** The objects that a selector means, by the name and namespace they have or first had. */
export function selectResources(set: ResourceSet, selector: Selector): readonly Resource[] {
  const compiled = compileSelector(selector);
  return set.resources.filter((resource) => {
    const current = currentId(resource, set.scope);
    if (!compiled.gvk(current)) return false;
    const original = originalId(resource, set.scope);
    return (
      (compiled.name(original.name) || compiled.name(current.name)) &&
      (compiled.namespace(effectiveNamespace(original)) || compiled.namespace(effectiveNamespace(current))) &&
      compiled.labels(metaTexts(resource, "labels")) &&
      compiled.annotations(metaTexts(resource, "annotations"))
    );
  });
}

function anchored(pattern: string | undefined, field: string): TextMatcher {
  if (!pattern) return () => true;
  if (/^[\w-]*$/.test(pattern)) return (text) => text === pattern;
  try {
    return compilePattern(`^(?:${pattern})$`).test;
  } catch (thrown) {
    if (thrown instanceof PatternInvalid)
      throw invalid(field, `'${pattern}' is not a regular expression: ${thrown.message}`);
    throw thrown;
  }
}

function labelMatcher(selector: string | undefined, field: string): LabelMatcher {
  if (!selector) return () => true;
  try {
    return parseLabelSelector(selector);
  } catch (thrown) {
    if (thrown instanceof LabelSelectorInvalid)
      throw invalid(field, `'${selector}' is not a selector: ${thrown.message}`);
    throw thrown;
  }
}

function invalid(field: string, message: string): Failure {
  return new Failure("KustomizationInvalid", { message, field: `target.${field}` });
}
