/** Tells whether a set of labels or annotations fulfils a selector. */
export type LabelMatcher = (labels: ReadonlyMap<string, string>) => boolean;

/** A label selector that cannot be read. */
export class LabelSelectorInvalid extends Error {
  constructor(message: string) {
    super(message);
    this.name = "LabelSelectorInvalid";
  }
}

const key = "([A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?)";
const value = "([-A-Za-z0-9_.]*)";
const forms = {
  exists: new RegExp(`^${key}$`),
  missing: new RegExp(`^!\\s*${key}$`),
  equal: new RegExp(`^${key}\\s*==?\\s*${value}$`),
  unequal: new RegExp(`^${key}\\s*!=\\s*${value}$`),
  among: new RegExp(`^${key}\\s+(in|notin)\\s*\\(([^()]*)\\)$`),
  compared: new RegExp(`^${key}\\s*([<>])\\s*(-?[0-9]+)$`),
};

/**
 * Reads a selector in the syntax of Kubernetes: `a=b`, `a!=b`, `a in (b, c)`, `a notin (b)`, `a`, `!a`, `a>1`, `a<2`,
 * separated by commas; all must hold. Throws `LabelSelectorInvalid`.
 */
export function parseLabelSelector(selector: string): LabelMatcher {
  const requirements = splitOutsideParentheses(selector.trim()).map(parseRequirement);
  return (labels) => requirements.every((holds) => holds(labels));
}

function splitOutsideParentheses(selector: string): string[] {
  if (selector === "") return [];
  const parts = [""];
  let depth = 0;
  for (const character of selector) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}

function parseRequirement(text: string): LabelMatcher {
  const [, name = "", operand = "", third = ""] =
    Object.values(forms)
      .map((form) => form.exec(text))
      .find((match) => match !== null) ?? [];
  if (name === "") throw new LabelSelectorInvalid(`unable to parse requirement: '${text}'`);
  if (forms.exists.test(text)) return (labels) => labels.has(name);
  if (forms.missing.test(text)) return (labels) => !labels.has(name);
  if (forms.equal.test(text)) return (labels) => labels.get(name) === operand;
  if (forms.unequal.test(text)) return (labels) => labels.get(name) !== operand;
  if (forms.among.test(text)) return among(name, operand === "in", third);
  return compared(name, operand, Number(third));
}

function among(name: string, wanted: boolean, list: string): LabelMatcher {
  const values = new Set(list.split(",").map((item) => item.trim()));
  return (labels) => {
    const found = labels.get(name);
    return found === undefined ? !wanted : values.has(found) === wanted;
  };
}

function compared(name: string, operator: string, limit: number): LabelMatcher {
  return (labels) => {
    const found = labels.get(name);
    if (found === undefined || !/^[-+]?[0-9]+$/.test(found)) return false;
    return operator === ">" ? Number(found) > limit : Number(found) < limit;
  };
}
