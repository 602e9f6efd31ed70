import { Failure, type Problem } from "../../model/failure.ts";
import { isObject, type Json, objectAt, stringAt } from "../../model/json/json.ts";
import { type KubeObject, type Manifest, placeOf } from "../../model/manifest.ts";
import { describeId, groupOf } from "../../model/object-id.ts";
import { isMap, newMap, type Value, type ValueMap } from "../value/value.ts";
import { emitYaml, parseSettings } from "../yaml/index.ts";
import type { PostRender } from "./post-render.ts";
import { lookUpIn, type Substitution } from "./substitute.ts";
import { expandTemplate, VariableNotSet } from "./template.ts";
import { TemplateInvalid } from "./template-invalid.ts";

/**
 * Puts variables into an object that was encrypted when it was rendered, and is open now: as Flux does, in its whole text,
 * with the variables of then. Others pass through, and so does what nobody opened. Throws `Failure` (RenderFailed) that names the fields where it cannot be
 * done, but nothing that stands in them: neither values nor the names of variables, which may be a part of one.
 */
export function substituteOpened(manifest: Manifest, substitution: Substitution | undefined): Manifest {
  const { unsubstituted, ...rest } = manifest;
  const isStillEncrypted = manifest.object.sops !== undefined;
  if (unsubstituted === undefined || substitution === undefined || isStillEncrypted) return manifest;
  let length = 0;
  const lookUp = lookUpIn(substitution, (more) => {
    length += more;
    if (length > mostText) throw tooLong(manifest);
  });
  const object = expanded(manifest.object, lookUp);
  if (object === undefined) {
    const place = { ...placeOf(manifest.origin), object: describeId(manifest.id) };
    throw new Failure(
      "RenderFailed",
      problemsIn(manifest.object, lookUp).map((problem) => ({ ...place, ...problem })),
    );
  }
  const { name, namespace = "" } = object.metadata;
  return { ...rest, object, id: { group: groupOf(object.apiVersion), kind: object.kind, namespace, name } };
}

/** An object of this size is not stored by any API server. */
const mostText = 8 * 1024 * 1024;

function tooLong({ id, origin }: Manifest): Failure {
  const message = "is too large after variable substitution in what SOPS encrypted";
  return new Failure("InputTooLarge", { ...placeOf(origin), object: describeId(id), message });
}

/** Adds labels and annotations of an Environment to an object that variables are still to be put into, but not into these. */
export function addVerbatim(object: ValueMap, common: NonNullable<PostRender["commonMetadata"]>): void {
  const metadata = isMap(object.metadata) ? object.metadata : newMap();
  object.metadata = metadata;
  for (const part of ["labels", "annotations"] as const) {
    const added = Object.entries(common[part] ?? {}).map(([name, text]) => [name, text.replaceAll("$", "$$$$")]);
    const there = metadata[part];
    if (added.length > 0) metadata[part] = Object.assign(isMap(there) ? there : newMap(), Object.fromEntries(added));
  }
}

type LookUp = (name: string) => string | undefined;

function expanded(object: KubeObject, lookUp: LookUp): KubeObject | undefined {
  const text = emitYaml(readJson(object));
  if (!text.includes("$")) return object;
  try {
    const value = jsonOf(parseSettings(expandTemplate(text, lookUp), "")?.value ?? null);
    return isKubeObject(value) ? value : undefined;
  } catch (thrown) {
    if (isExpected(thrown)) return undefined;
    throw thrown;
  }
}

/** The fields that cannot be expanded by themselves; where each can, it is the whole. */
function problemsIn(object: KubeObject, lookUp: LookUp): readonly Problem[] {
  const problems = fieldsOf(object, "").flatMap(([field, text]): readonly Problem[] => {
    try {
      expandTemplate(text, lookUp);
      return [];
    } catch (thrown) {
      if (!isExpected(thrown)) throw thrown;
      const hint =
        "set it in postBuild, give it a default, write $$ for a dollar sign, or annotate the object with mooring.dev/substitute: disabled";
      const message =
        thrown instanceof VariableNotSet
          ? "uses a variable that is not set, in what SOPS encrypted"
          : "contains an invalid expression, in what SOPS encrypted";
      return [{ field, message, hint }];
    }
  });
  const message = "after variable substitution in what SOPS encrypted, it is no longer a Kubernetes object in YAML";
  return problems.length > 0 ? problems : [{ message, hint: "put the values that use variables in quotes" }];
}

function fieldsOf(value: Json | undefined, path: string): readonly (readonly [string, string])[] {
  if (typeof value === "string") return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => fieldsOf(item, `${path}[${index}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => fieldsOf(member, path === "" ? key : `${path}.${key}`));
}

function isExpected(thrown: unknown): boolean {
  const isYaml = thrown instanceof Failure && thrown.code === "YamlInvalid";
  return thrown instanceof VariableNotSet || thrown instanceof TemplateInvalid || isYaml;
}

function isKubeObject(value: Json): value is KubeObject {
  const names = [stringAt(value, "apiVersion"), stringAt(value, "kind"), stringAt(objectAt(value, "metadata"), "name")];
  return names.every((name) => name !== undefined && name !== "");
}

function readJson(json: Json | undefined): Value {
  if (Array.isArray(json)) return json.map((item: Json) => readJson(item));
  if (!isObject(json)) return json === undefined || typeof json === "object" ? null : json;
  return Object.assign(
    newMap(),
    Object.fromEntries(Object.entries(json).map(([key, member]) => [key, readJson(member)])),
  );
}

function jsonOf(value: Value): Json {
  if (Array.isArray(value)) return value.map(jsonOf);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, jsonOf(member)]));
  return value;
}
