import { createHash } from "node:crypto";
import { Failure, type Problem } from "../model/failure.ts";
import { canonicalJson, type Json } from "../model/json/json.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { formatId, groupOf, type ObjectId } from "../model/object-id.ts";
import type { Rendered, RenderedObject } from "./render.ts";
import { isList, isMap, mapAt, nodeKind, textOf, type Value } from "./value/value.ts";

/**
 * The rendered objects as manifests: plain JSON, each with its id, origin and digest.
 * Throws `Failure` (RenderFailed) naming every object that lacks apiVersion, kind or name, or whose labels or annotations
 * are no map, and (DuplicateObject) every object that stands for the same thing in a cluster as one before it.
 */
export function toManifests(rendered: Rendered): readonly Manifest[] {
  const incomplete = rendered.objects.flatMap((each) => [...missingFields(each), ...noMaps(each)]);
  if (incomplete.length > 0) throw new Failure("RenderFailed", incomplete);
  const manifests = rendered.objects.map(toManifest);
  const problems = duplicates(manifests);
  if (problems.length > 0) throw new Failure("DuplicateObject", problems);
  return manifests;
}

function missingFields({ value, origin }: RenderedObject): Problem[] {
  const kind = textOf(value.kind);
  const name = textOf(mapAt(value, "metadata")?.name);
  const object = `${kind || "object"}${name && `/${name}`}`;
  const wrong = [
    ["apiVersion", textOf(value.apiVersion)],
    ["kind", kind],
    ["metadata.name", name],
  ].filter(([, text]) => text === "");
  return wrong.map(([field = ""]) => ({ message: "is missing, or is not a string", object, field, ...origin }));
}

const maps = ["labels", "annotations"];

/** What kustomize prints as it is, and the API server would refuse. */
function noMaps({ value, origin }: RenderedObject): Problem[] {
  const metadata = mapAt(value, "metadata");
  return maps.flatMap((name) => {
    const member = metadata?.[name];
    if (member === undefined || member === null || isMap(member)) return [];
    const object = `${textOf(value.kind)}/${textOf(metadata?.name)}`;
    return [{ message: `must be a map, found ${nodeKind(member)}`, object, field: `metadata.${name}`, ...origin }];
  });
}

/** `labels:` with nothing behind it is as if it were not there. */
function withoutEmptyMaps(object: KubeObject): KubeObject {
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([name, member]) => member !== null || !maps.includes(name)),
  );
  return { ...object, metadata: { ...metadata, name: object.metadata.name } };
}

function toManifest({ value, origin, unsubstituted }: RenderedObject): Manifest {
  const metadata = mapAt(value, "metadata");
  const id: ObjectId = {
    group: groupOf(textOf(value.apiVersion)),
    kind: textOf(value.kind),
    namespace: textOf(metadata?.namespace),
    name: textOf(metadata?.name),
  };
  // Narrowed by `missingFields`: the object has an apiVersion, a kind and a name.
  const object = withoutEmptyMaps(toJson(value) as KubeObject);
  const before = unsubstituted === undefined ? undefined : withoutEmptyMaps(toJson(unsubstituted) as KubeObject);
  const hash = createHash("sha256").update(canonicalJson(object));
  if (before !== undefined) hash.update(canonicalJson(before));
  const common = { id, object, origin, sensitive: false, digest: hash.digest("hex") };
  return before === undefined ? common : { ...common, unsubstituted: before };
}

function toJson(value: Value): Json {
  if (isList(value)) return value.map(toJson);
  if (isMap(value)) return Object.fromEntries(Object.keys(value).map((key) => [key, toJson(value[key] ?? null)]));
  return value;
}

function duplicates(manifests: readonly Manifest[]): Problem[] {
  const seen = new Map<string, Manifest>();
  return manifests.flatMap((manifest) => {
    const key = formatId(manifest.id);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, manifest);
      return [];
    }
    const place = first.origin.line === undefined ? first.origin.file : `${first.origin.file}:${first.origin.line}`;
    const object = `${manifest.id.kind}/${manifest.id.name}`;
    return [{ message: `the same object is already defined in ${place}`, object, ...manifest.origin }];
  });
}
