import { Failure } from "../model/failure.ts";
import { ownMember } from "../model/json.ts";

type Values = Readonly<Record<string, string>>;

const requirementForm =
  /^\s*(?:(?<absent>!\s*)?(?<only>[\w./-]+)|(?<key>[\w./-]+)\s*(?:(?<operator>==?|!=)\s*(?<value>[\w.-]*)|\s(?<set>in|notin)\s*\((?<values>[^()]*)\)))\s*$/;

/**
 * Tells whether labels or annotations fit a selector in the API's own grammar: `a=b,c!=d,e in (x,y),f notin (z),g,!h`.
 * An empty selector fits everything. Throws `Failure` (SpecInvalid) for what is not a selector.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function selects(selector: string, values: Values = {}): boolean {
  if (selector.trim() === "") return true;
  return selector.split(/,(?![^(]*\))/).every((requirement) => meets(requirement, values, selector));
}

function meets(requirement: string, values: Values, selector: string): boolean {
  const groups = requirementForm.exec(requirement)?.groups;
  if (groups === undefined) {
    throw new Failure("SpecInvalid", { field: "spec.ignore", message: `"${selector}" is not a selector` });
  }
  const found = ownMember(values, groups.only ?? groups.key ?? "");
  if (groups.only !== undefined) return (found === undefined) === (groups.absent !== undefined);
  const wanted = groups.set === undefined ? [groups.value ?? ""] : (groups.values ?? "").split(",");
  const hit = found !== undefined && wanted.some((each) => each.trim() === found);
  return groups.operator === "!=" || groups.set === "notin" ? !hit : hit;
}
