import { Failure } from "../model/failure.ts";
import { ownMember } from "../model/json.ts";

type Values = Readonly<Record<string, string>>;

const requirementForm =
  /^(?:(?<absent>!\s*)?(?<only>[\w./-]+)|(?<key>[\w./-]+)\s*(?:(?<operator>==?|!=)\s*(?<value>[\w.-]*)|\s(?<set>in|notin)\s*\((?<values>[^()]*)\)))$/;

/**
 * Tells whether labels or annotations fit a selector in the API's own grammar: `a=b,c!=d,e in (x,y),f notin (z),g,!h`.
 * An empty selector fits everything. Throws `Failure` (SpecInvalid) for what is not a selector.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function selects(selector: string, values: Values = {}): boolean {
  if (selector.trim() === "") return true;
  return requirementsOf(selector).every((requirement) => meets(requirement, values, selector));
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

function meets(requirement: string, values: Values, selector: string): boolean {
  const groups = requirementForm.exec(requirement.trim())?.groups;
  if (groups === undefined) {
    throw new Failure("SpecInvalid", { field: "spec.ignore", message: `"${selector}" is not a selector` });
  }
  const found = ownMember(values, groups.only ?? groups.key ?? "");
  if (groups.only !== undefined) return (found === undefined) === (groups.absent !== undefined);
  const wanted = groups.set === undefined ? [groups.value ?? ""] : (groups.values ?? "").split(",");
  const hit = found !== undefined && wanted.some((each) => each.trim() === found);
  return groups.operator === "!=" || groups.set === "notin" ? !hit : hit;
}
