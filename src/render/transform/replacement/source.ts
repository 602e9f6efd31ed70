import type { ReplacementInput } from "../../kustomization/fields.ts";
import { formatResId, isSelected, type ResId } from "../../resource/res-id.ts";
import { currentId, formerIds, type Resource } from "../../resource/resource.ts";
import type { ResourceSet } from "../../resource/resource-set.ts";
import { lookup, lookupText, parseFieldPath } from "../../value/field-path.ts";
import { plainScalar } from "../../value/plain-scalar.ts";
import { isEmpty, isScalar, type Value } from "../../value/value.ts";
import { partAt } from "./delimited.ts";
import { refuseNotes } from "./notes.ts";
import { inObject, invalid, problem } from "./problems.ts";

type Source = NonNullable<ReplacementInput["source"]>;

/** What is copied; `untyped` where it is a text that takes on the type of what it replaces. */
export interface Copied {
  readonly value: Value;
  /** A scalar as it was written. */
  readonly text: string;
  readonly untyped: boolean;
}

/** Reads what a replacement copies. Throws `Failure` (KustomizationInvalid, RenderFailed) where it cannot be found. */
export function readSource(set: ResourceSet, source: Source): Copied {
  const path = source.fieldPath || "metadata.name";
  const resource = findSource(set, source);
  const steps = parseFieldPath(path);
  const value = inObject(set, resource, path, () => lookup(resource.value, steps));
  refuseNotes(set, resource, value, path);
  if (value === undefined || isEmpty(value)) {
    throw problem(
      set,
      resource,
      path,
      `fieldPath \`${path}\` is missing for replacement source ${describeSource(source)}`,
    );
  }
  const { delimiter, index = 0 } = source.options ?? {};
  const text = lookupText(resource.value, steps);
  if (!delimiter) return { value, text, untyped: false };
  if (!isScalar(value)) throw problem(set, resource, path, "delimiter option can only be used with scalar nodes");
  const part = partAt(text, delimiter, index);
  if (part !== undefined) {
    return { value: typeof value === "string" ? part : plainScalar(part), text: part, untyped: false };
  }
  throw problem(set, resource, path, `options.index ${index} is out of bounds: the value has no such part`);
}

function findSource(set: ResourceSet, source: Source): Resource {
  const wanted = (id: ResId) =>
    (!source.name || source.name === id.name) &&
    (!source.namespace || sourceNamespace(source.namespace) === sourceNamespace(id.namespace)) &&
    isSelected(id, source);
  const found = set.resources.filter((resource) => idsOf(set, resource).some(wanted));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  throw invalid(
    first === undefined
      ? `nothing selected by ${describeSource(source)}`
      : `multiple matches for selector ${describeSource(source)}`,
    "source",
  );
}

const sourceNamespace = (namespace: string) => (namespace === "" ? "default" : namespace);

function describeSource(source: Source): string {
  const { group = "", version = "", kind = "", name = "", namespace = "", fieldPath } = source;
  const id = formatResId({ group, version, kind, name, namespace, clusterScoped: false });
  return fieldPath ? `${id}:${fieldPath}` : id;
}

/** The ids that an object has and had in this build. */
export function idsOf(set: ResourceSet, resource: Resource): readonly ResId[] {
  return [currentId(resource, set.scope), ...formerIds(resource)];
}
