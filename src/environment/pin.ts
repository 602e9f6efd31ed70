import type { Environment } from "../api/environment/environment.ts";
import { environmentAnnotations } from "../api/names.ts";
import { Failure } from "../model/failure.ts";
import { parseRevision } from "../model/revision.ts";

/** Tells whether somebody pinned an Environment to a revision. */
export function isPinned(environment: Environment): boolean {
  return pinOf(environment) !== undefined;
}

/**
 * The Environment as it is to be kept: while it is pinned, its source is the pinned commit, whatever is pushed. Throws
 * `Failure` (SpecInvalid) where the annotation names no commit.
 */
export function atPin(environment: Environment): Environment {
  const pin = pinOf(environment);
  if (pin === undefined) return environment;
  const commit = parseRevision(pin)?.commit ?? /^[0-9a-f]{40}$/.exec(pin)?.[0];
  if (commit === undefined) {
    const { name, namespace } = environment.metadata;
    throw new Failure("SpecInvalid", {
      object: `Environment/${namespace}/${name}`,
      field: `metadata.annotations["${environmentAnnotations.pin}"]`,
      message: `"${pin}" is not a revision`,
      hint: "use a full commit, as in main@sha1:0123456789abcdef0123456789abcdef01234567",
    });
  }
  const { spec } = environment;
  return { ...environment, spec: { ...spec, source: { ...spec.source, ref: { commit } } } };
}

function pinOf({ metadata }: Environment): string | undefined {
  const pin = metadata.annotations?.[environmentAnnotations.pin];
  return pin === "" ? undefined : pin;
}
