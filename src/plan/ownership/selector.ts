import { Failure } from "../../model/failure.ts";
import { ownMember } from "../../model/json/json.ts";

type Values = Readonly<Record<string, string>>;

const requirementForm =
  /^(?:(?<absent>!\s*)?(?<only>[\w./-]+)|(?<key>[\w./-]+)\s*(?:(?<operator>==?|!=)\s*(?<value>[\w.-]*)|\s(?<set>in|notin)\s*\((?<values>[^()]*)\)))$/;

/** A selector that was read: tells whether labels or annotations fit; null is what a manifest names and leaves empty. */
export type Selector = (values?: Values | null) => boolean;

/**
 * Reads a selector in the API's own grammar: `a=b,c!=d,e in (x,y),f notin (z),g,!h`. An empty one fits everything. Throws
 * `Failure` (SpecInvalid) for what is not a selector; `field` is where it stands.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function readSelector(selector: string, field = "spec.ignore"): Selector {
  if (selector.trim() === "") return () => true;
  const requirements = requirementsOf(selector).map(readRequirement);
  const known = requirements.filter((requirement) => requirement !== undefined);
  if (known.length === requirements.length)
    return (values) => known.every(({ key, meets }) => meets(ownMember(values ?? {}, key)));
  throw new Failure("SpecInvalid", { field, message: `"${selector}" is not a selector` });
}

/** What commas part, but for those within brackets. */
function requirementsOf(selector: string): readonly string[] {
  const parts: string[][] = [];
  let isOpen = false;
  for (const part of selector.split(",")) {
    if (isOpen) parts.at(-1)?.push(part);
    else parts.push([part]);
    const [opens, closes] = [part.lastIndexOf("("), part.lastIndexOf(")")];
    if (opens !== closes) isOpen = opens > closes;
  }
  return parts.map((part) => part.join(","));
}

interface Requirement {
  readonly key: string;
  /** Whether the value of the key is one of the wanted ones. */
  readonly meets: (value: string | undefined) => boolean;
}

/** Undefined for what is none. */
function readRequirement(requirement: string): Requirement | undefined {
  const groups = requirementForm.exec(requirement.trim())?.groups;
  if (groups === undefined) return undefined;
  const { only, absent, key = "", operator, value = "", set, values = "" } = groups;
  if (only !== undefined) return { key: only, meets: (found) => (found === undefined) === (absent !== undefined) };
  const wanted = new Set(set === undefined ? [value] : values.split(",").map((each) => each.trim()));
  const isNot = operator === "!=" || set === "notin";
  return { key, meets: (found) => (found !== undefined && wanted.has(found)) !== isNot };
}
