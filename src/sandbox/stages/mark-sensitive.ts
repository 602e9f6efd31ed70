import { Failure } from "../../model/failure.ts";
import { isObject, type Json } from "../../model/json/json.ts";
import type { Manifest } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";

/**
 * Marks the objects of a build that depend on encrypted values: those that come out otherwise in a build with other values
 * in their place (`redacted`). It makes no difference how a value got there: by a generator, a patch, a replacement, in
 * part, encoded. Throws `Failure` (SealInvalid) where encrypted values decide which objects exist or what their names are,
 * for those are shown to everybody.
 */
export function markSensitive(manifests: readonly Manifest[], redacted: readonly Manifest[]): readonly Manifest[] {
  const others = byBareId(redacted);
  const pairs = manifests.map((manifest) => ({ manifest, other: others.get(bareId(manifest))?.shift() }));
  if (manifests.length !== redacted.length || pairs.some(({ other }) => other === undefined)) throw named();
  const renamed = new Map(pairs.map(({ manifest, other }) => [manifest.id.name, other?.id.name ?? ""]));
  for (const [name, to] of renamed) if (name === to) renamed.delete(name);
  const isSame = sameBut(renamed);
  return pairs.map(({ manifest, other }) =>
    isSame(manifest.object, other?.object) && isSame(manifest.unsubstituted, other?.unsubstituted)
      ? manifest
      : { ...manifest, sensitive: true },
  );
}

/** The hash of its content that kustomize puts at the end of a name, which everybody may see. */
const hashEnd = /-[2456789bcdfghkmt]{10}$/;

function bareId({ id }: Manifest): string {
  return formatId({ ...id, name: id.name.replace(hashEnd, "") });
}

function byBareId(manifests: readonly Manifest[]): Map<string, Manifest[]> {
  const found = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const same = found.get(bareId(manifest));
    if (same === undefined) found.set(bareId(manifest), [manifest]);
    else same.push(manifest);
  }
  return found;
}

/** Compares whole values; a name that ends in a hash may have become another. */
function sameBut(renamed: ReadonlyMap<string, string>): (one: Json | undefined, other: Json | undefined) => boolean {
  const isSame = (one: Json | undefined, other: Json | undefined): boolean => {
    if (one === other) return true;
    if (typeof one === "string") return typeof other === "string" && withNewNames(one, renamed) === other;
    if (Array.isArray(one)) {
      return Array.isArray(other) && one.length === other.length && one.every((item, at) => isSame(item, other[at]));
    }
    if (!isObject(one) || !isObject(other)) return false;
    const [keys, otherKeys] = [Object.keys(one), Object.keys(other)];
    return (
      keys.length === otherKeys.length && keys.every((key, at) => key === otherKeys[at] && isSame(one[key], other[key]))
    );
  };
  return isSame;
}

function withNewNames(text: string, renamed: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [name, to] of renamed) if (result.includes(name)) result = result.replaceAll(name, () => to);
  return result;
}

function named(): Failure {
  return new Failure("SealInvalid", {
    message: "encrypted values decide which objects exist or what their names are",
    hint: "names, namespaces and kinds are shown to everybody: write them in plain text",
  });
}
