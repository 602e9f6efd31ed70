import { type GvkPattern, isSelected } from "../resource/res-id.ts";

/** A step of a path through an object; `list` where the path says that the field is a list (`containers[]`). */
export interface PathStep {
  readonly name: string;
  readonly list: boolean;
  /** Whether it is what kyaml takes for an index, an element, or any element: in a map there is none. */
  readonly asksForList: boolean;
}

/** A field of some kinds of objects that a transformation changes. Lists on the way are gone through one by one. */
export interface FieldSpec extends GvkPattern {
  readonly path: string;
  /** Whether the field is made where it is missing. */
  readonly create: boolean;
  readonly steps: readonly PathStep[];
}

/** Kinds that refer to objects of one kind by name, and where. */
export interface NameReference extends GvkPattern {
  readonly referrers: readonly FieldSpec[];
}

/** A field spec of a path as kustomize writes it: steps with `/` between, `\/` for a slash that belongs to a name. */
export function fieldSpec(path: string, kinds: GvkPattern = {}, create = false): FieldSpec {
  const { group, version, kind } = kinds;
  return {
    ...(group && { group }),
    ...(version && { version }),
    ...(kind && { kind }),
    path,
    create,
    steps: steps(path),
  };
}

function steps(path: string): PathStep[] {
  return splitPath(path, "/").map((part) => {
    const list = part.endsWith("[]");
    const name = list ? part.slice(0, -2) : part;
    return { name, list, asksForList: /^(?:\*|-|[-+]?\d+|\[.*\])$/.test(name) };
  });
}

/** The parts of a path; a delimiter after a backslash belongs to the part. A delimiter at the very start is dropped. */
export function splitPath(path: string, delimiter: string): string[] {
  const pieces = path.split(delimiter);
  if (pieces.length > 1 && pieces[0] === "") pieces.shift();
  const parts: string[] = [];
  for (const piece of pieces) {
    const last = parts.at(-1);
    if (last?.endsWith("\\")) parts[parts.length - 1] = last.slice(0, -1) + delimiter + piece;
    else parts.push(piece);
  }
  return parts;
}

/** A field spec that does not fit those already there: the same field, once to be created and once not. */
export class FieldSpecConflict extends Error {
  readonly spec: FieldSpec;

  constructor(spec: FieldSpec) {
    super(`conflicting field specs: ${spec.path} is already defined with create: ${!spec.create}`);
    this.name = "FieldSpecConflict";
    this.spec = spec;
  }
}

/** Adds field specs to others; what is covered by one already there is left out. Throws `FieldSpecConflict`. */
export function mergeFieldSpecs(first: readonly FieldSpec[], second: readonly FieldSpec[]): readonly FieldSpec[] {
  if (second.length === 0 || first === second) return first;
  const merged = [...first];
  for (const spec of second) {
    const same = merged.find((known) => known.path === spec.path && isSelected(known, spec));
    if (same === undefined) merged.push(spec);
    else if (same.create !== spec.create) throw new FieldSpecConflict(spec);
  }
  return merged;
}
