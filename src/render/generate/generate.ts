import { Failure } from "../../model/failure.ts";
import type { Origin } from "../../model/manifest.ts";
import type { ConfigMapInput, GeneratorOptions, SecretInput } from "../kustomization/fields.ts";
import { parseBehavior } from "../load/build-annotations.ts";
import type { Loader } from "../load/loader.ts";
import { childMap, makeResource, metadataOf, type Resource } from "../resource/resource.ts";
import { mapOf, putMember } from "../value/value.ts";
import { setConfigMapData, setSecretData } from "./data.ts";
import { readPairs } from "./pairs.ts";

/** Options of one generator where those of the whole kustomization fill in what it leaves open. */
export function mergeOptions(
  own: GeneratorOptions | undefined,
  all: GeneratorOptions | undefined,
): GeneratorOptions | undefined {
  if (all === undefined) return own;
  return {
    labels: new Map([...(all.labels ?? []), ...(own?.labels ?? [])]),
    annotations: new Map([...(all.annotations ?? []), ...(own?.annotations ?? [])]),
    disableNameSuffixHash: all.disableNameSuffixHash || own?.disableNameSuffixHash || false,
    immutable: all.immutable || own?.immutable || false,
  };
}

/** Makes a ConfigMap. Throws `Failure` (KustomizationInvalid, PathNotFound, PathEscapes). */
export async function generateConfigMap(loader: Loader, input: ConfigMapInput, origin: Origin): Promise<Resource> {
  const resource = base("ConfigMap", input, origin);
  setConfigMapData(resource.value, await readPairs(loader, input));
  return finish(resource, input);
}

/** Makes a Secret. Throws `Failure` (KustomizationInvalid, PathNotFound, PathEscapes). */
export async function generateSecret(loader: Loader, input: SecretInput, origin: Origin): Promise<Resource> {
  const resource = base("Secret", input, origin);
  resource.value.type = input.type || "Opaque";
  setSecretData(resource.value, await readPairs(loader, input));
  return finish(resource, input);
}

function base(kind: string, { name, namespace }: ConfigMapInput, origin: Origin): Resource {
  if (!name) throw new Failure("KustomizationInvalid", { message: "a configmap must have a name", object: kind });
  const metadata = mapOf([["name", name], ...(namespace ? ([["namespace", namespace]] as const) : [])]);
  return makeResource(
    mapOf([
      ["apiVersion", "v1"],
      ["kind", kind],
      ["metadata", metadata],
    ]),
    origin,
  );
}

function finish(resource: Resource, { behavior, options }: ConfigMapInput): Resource {
  const metadata = metadataOf(resource);
  for (const [field, texts] of [
    ["labels", options?.labels],
    ["annotations", options?.annotations],
  ] as const) {
    if (texts === undefined || texts.size === 0) continue;
    const map = childMap(metadata, field);
    for (const [key, text] of texts) putMember(map, key, text);
  }
  if (options?.immutable) resource.value.immutable = true;
  resource.generated = true;
  resource.needsHash = options?.disableNameSuffixHash !== true;
  resource.behavior = parseBehavior(behavior);
  return resource;
}
