import { compilePattern, PatternInvalid } from "../../model/text/pattern.ts";
import { FieldPathMismatch } from "../fieldspecs/apply.ts";
import type { FieldSpec } from "../fieldspecs/field-spec.ts";
import type { ImageInput } from "../kustomization/fields.ts";
import { isDeleted, kindOf } from "../resource/resource.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import { plainScalar } from "../value/plain-scalar.ts";
import { isList, isMap, nodeKind, textOf, type Value, type ValueMap } from "../value/value.ts";
import { isQuoted, noteUntyped } from "../yaml/index.ts";
import { changeFields, memberOf, setMember } from "./set-fields.ts";

const tag = ":[a-zA-Z0-9_.{}-]*";
const digest = "@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*";

/**
 * Changes the name, tag or digest of images: in the `image` of every container wherever containers stand in an object,
 * then in the fields that the specs lead to. Custom resource definitions are left alone.
 * Source: sigs.k8s.io/kustomize/api/filters/imagetag.
 */
export function setImage(set: ResourceSet, image: ImageInput, specs: readonly FieldSpec[]): void {
  const matches = imageMatcher(image.name ?? "");
  const change = (parent: ValueMap | Value[], key: string | number) => {
    const found = memberOf(parent, key);
    if (found !== undefined && (isMap(found) || isList(found))) {
      throw new FieldPathMismatch(`expected an image, found ${nodeKind(found)}`, String(key));
    }
    const written = textOf(found);
    if (matches(written)) {
      const text = changedImage(written, image);
      // As kustomize has it, what looks like a number becomes one where no quotes stood.
      const quoted = isQuoted(parent, key);
      setMember(parent, key, quoted ? text : plainScalar(text));
      if (!quoted) noteUntyped(parent, key);
    }
  };
  for (const resource of set.resources) {
    if (isDeleted(resource) || kindOf(resource) === "CustomResourceDefinition") continue;
    eachContainer(resource.value, (container) => {
      if ("image" in container) change(container, "image");
    });
    changeFields(resource, specs, { scope: set.scope, creates: "nothing", change });
  }
}

/** Tells whether an image is the named one, with any tag and digest; the name is a regular expression. */
function imageMatcher(name: string): (image: string) => boolean {
  try {
    const pattern = compilePattern(`^${name}(${tag})?(${digest})?$`);
    // The same few images come again and again.
    const known = new Map<string, boolean>();
    return (image) => {
      const found = known.get(image) ?? pattern.test(image);
      known.set(image, found);
      return found;
    };
  } catch (thrown) {
    if (thrown instanceof PatternInvalid) return () => false;
    throw thrown;
  }
}

function eachContainer(value: Value, visit: (container: ValueMap) => void): void {
  if (isList(value)) {
    for (const element of value) eachContainer(element, visit);
    return;
  }
  if (!isMap(value)) return;
  for (const key in value) {
    const member = value[key] ?? null;
    eachContainer(member, visit);
    if ((key !== "containers" && key !== "initContainers") || !isList(member)) continue;
    for (const container of member) {
      if (isMap(container)) visit(container);
      else if (container !== null)
        throw new FieldPathMismatch(`expected a container, found ${nodeKind(container)}`, key);
    }
  }
}

function changedImage(written: string, image: ImageInput): string {
  const parts = splitImage(written);
  let { tag: newTag, digest: newDigest } = parts;
  if (image.newTag || image.digest) {
    newTag = image.newTag ?? "";
    newDigest = image.digest ?? "";
  } else if (image.tagSuffix) {
    newTag += image.tagSuffix;
    newDigest = "";
  }
  const name = image.newName || parts.name;
  return `${name}${newTag && `:${newTag}`}${newDigest && `@${newDigest}`}`;
}

/** Splits `[host[:port]/]name[:tag][@digest]`. */
function splitImage(image: string): { readonly name: string; readonly tag: string; readonly digest: string } {
  const slash = Math.max(image.indexOf("/"), 0);
  const at = image.indexOf("@", slash);
  const colon = image.indexOf(":", slash);
  if (colon < 0 && at < 0) return { name: image, tag: "", digest: "" };
  if (at >= 0 && (colon < 0 || at < colon)) return { name: image.slice(0, at), tag: "", digest: image.slice(at + 1) };
  if (at < 0) return { name: image.slice(0, colon), tag: image.slice(colon + 1), digest: "" };
  return { name: image.slice(0, colon), tag: image.slice(colon + 1, at), digest: image.slice(at + 1) };
}
