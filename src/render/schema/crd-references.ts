import { Failure } from "../../model/failure.ts";
import { isObject, type JsonObject, objectAt, stringAt } from "../../model/json/json.ts";

/** A field of a kind, as a path of keys joined by `/`. */
export interface CrdField {
  readonly kind: string;
  readonly path: string;
}

/** A field that names an object of another kind. */
export interface CrdNameReference {
  /** The kind that is named; `version` is what the schema gives as its API version. */
  readonly target: { readonly kind: string; readonly version: string };
  readonly field: CrdField;
}

/** What the schemas of custom resources say of their fields, for kustomize's transformers. */
export interface CrdReferences {
  readonly commonAnnotations: readonly CrdField[];
  readonly commonLabels: readonly CrdField[];
  readonly namePrefix: readonly CrdField[];
  readonly nameReferences: readonly CrdNameReference[];
}

/**
 * Reads a file that a kustomization names in `crds`: OpenAPI definitions by type name, whose fields are marked with
 * `x-kubernetes-annotation`, `-label-selector`, `-identity` and `-object-ref-*`. Kinds come in the order of the file.
 * Throws `Failure` (KustomizationInvalid) where a definition contains itself, and where the file holds something else.
 * Source: kustomize api/internal/accumulator/loadconfigfromcrds.go.
 */
export function crdReferences(document: unknown, file: string): CrdReferences {
  refuseOthers(document, file);
  const found: Found = { commonAnnotations: [], commonLabels: [], namePrefix: [], nameReferences: [] };
  for (const typeName of Object.keys(objectAt(document) ?? {})) {
    const fields = propertiesOf(document, typeName);
    if (!["kind", "apiVersion", "metadata"].every((name) => Object.hasOwn(fields, name))) continue;
    const kind = typeName.slice(typeName.lastIndexOf(".") + 1);
    collect({ document, file, kind, found }, typeName, []);
  }
  return found;
}

/** What is no map of definitions is mostly a CustomResourceDefinition. */
function refuseOthers(document: unknown, file: string): void {
  if (document === undefined) return;
  const definitions = isObject(document) ? Object.entries(document) : [["", document] as const];
  for (const [name, definition] of definitions) {
    if (definition === null || (isObject(definition) && isSchema(definition.Schema))) continue;
    throw new Failure("KustomizationInvalid", {
      message: "unable to parse open API definition: expected schemas by the names of their types",
      file,
      ...(name !== "" && { field: name }),
      hint: "a CustomResourceDefinition is listed under resources; crds has OpenAPI definitions",
    });
  }
}

/** Whether what is said of a schema has the right shape, as far as it is looked at. */
function isSchema(schema: unknown): boolean {
  if (schema === undefined || schema === null) return true;
  if (!isObject(schema)) return false;
  const { type, properties } = schema;
  const types = Array.isArray(type) ? type : [type ?? ""];
  if (!types.every((one) => typeof one === "string")) return false;
  if (properties === undefined || properties === null) return true;
  return isObject(properties) && Object.values(properties).every(isSchema);
}

interface Found {
  readonly commonAnnotations: CrdField[];
  readonly commonLabels: CrdField[];
  readonly namePrefix: CrdField[];
  readonly nameReferences: CrdNameReference[];
}

interface Collection {
  readonly document: unknown;
  readonly file: string;
  readonly kind: string;
  readonly found: Found;
}

/** One step on the way down from a kind: the field, and the type that holds it. */
interface Step {
  readonly field: string;
  readonly inside: string;
}

function collect(collection: Collection, typeName: string, steps: readonly Step[]): void {
  if (steps.some((step) => step.inside === typeName)) throw containsItself(collection, typeName);
  for (const [field, property] of Object.entries(propertiesOf(collection.document, typeName))) {
    const path = [...steps, { field, inside: typeName }];
    mark(collection, property, path.map((step) => step.field).join("/"));
    const reference = stringAt(property, "$ref");
    if (reference !== undefined) collect(collection, reference, path);
  }
}

function mark({ kind, found }: Collection, property: unknown, path: string): void {
  const field = { kind, path };
  if (stringAt(property, "x-kubernetes-annotation") !== undefined) found.commonAnnotations.push(field);
  if (stringAt(property, "x-kubernetes-label-selector") !== undefined) found.commonLabels.push(field);
  if (stringAt(property, "x-kubernetes-identity") !== undefined) found.namePrefix.push(field);
  const version = stringAt(property, "x-kubernetes-object-ref-api-version");
  const target = stringAt(property, "x-kubernetes-object-ref-kind");
  if (version === undefined || target === undefined) return;
  const nameKey = stringAt(property, "x-kubernetes-object-ref-name-key") ?? "name";
  found.nameReferences.push({ target: { kind: target, version }, field: { kind, path: `${path}/${nameKey}` } });
}

const propertiesOf = (document: unknown, typeName: string): JsonObject =>
  objectAt(document, typeName, "Schema", "properties") ?? {};

const containsItself = ({ file, kind }: Collection, typeName: string): Failure =>
  new Failure("KustomizationInvalid", {
    message: `the schema of ${kind} contains ${typeName} inside itself`,
    file,
    hint: "leave out the $ref that leads back",
  });
