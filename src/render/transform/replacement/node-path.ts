import { compilePattern } from "../../../model/text/pattern.ts";
import { FieldPathInvalid, isIndex, parseElementStep } from "../../value/field-path.ts";
import { newNode, writeNodes, type YamlNode } from "../../yaml/index.ts";

/** What is made at the end of a path that leads nowhere yet: undefined for nothing. */
export type Creates = YamlNode["kind"] | undefined;

/**
 * All nodes that a path leads to, as `findSlots` finds places in an object: by field, by index, by elements that match a
 * regular expression, or by all elements. Throws `FieldPathInvalid` where a step does not fit, `PatternInvalid`.
 * Source: sigs.k8s.io/kustomize/kyaml/yaml/match.go.
 */
export function findNodes(node: YamlNode, steps: readonly string[], creates: Creates): readonly YamlNode[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [node];
  if (isIndex(step)) return atIndex(node, Number(step), rest, creates);
  if (step.startsWith("[") && step.endsWith("]")) return amongElements(node, step, rest, creates);
  if (step === "*") return itemsOf(node, step, creates).flatMap((item) => findNodes(item, rest, creates));
  return atField(node, step, rest, creates);
}

const isNull = (node: YamlNode): boolean => node.tag === "!!null";

/** The items to look through; in the place of null there are none, and nothing can be put among them. */
function itemsOf(node: YamlNode, step: string, creates: Creates): YamlNode[] {
  if (isNull(node) && (creates === undefined || step === "*")) return [];
  if (node.kind === "list") return node.content;
  throw new FieldPathInvalid(`'${step}' asks for a list, found ${isNull(node) ? "null" : `a ${node.kind}`}`);
}

function atField(node: YamlNode, step: string, rest: readonly string[], creates: Creates): readonly YamlNode[] {
  if (isNull(node)) return [];
  if (node.kind !== "map") throw new FieldPathInvalid(`'${step}' asks for a map, found a ${node.kind}`);
  const found = memberOf(node, step);
  if (found !== undefined) return findNodes(found, rest, creates);
  if (creates === undefined) return [];
  const made = newNode(kindFor(rest[0], creates));
  node.content.push(newNode("scalar", step), made);
  return findNodes(made, rest, creates);
}

/** The first member of a name. */
function memberOf(map: YamlNode, name: string): YamlNode | undefined {
  for (let index = 0; index + 1 < map.content.length; index += 2) {
    if (map.content[index]?.value === name) return map.content[index + 1];
  }
  return undefined;
}

/** What stands at a step that is made: what the next step asks for. */
function kindFor(next: string | undefined, creates: YamlNode["kind"]): YamlNode["kind"] {
  if (next === undefined) return creates;
  return isIndex(next) || (next.startsWith("[") && next.endsWith("]")) ? "list" : "map";
}

function atIndex(node: YamlNode, index: number, rest: readonly string[], creates: Creates): readonly YamlNode[] {
  const items = itemsOf(node, String(index), creates);
  if (index === items.length && creates !== undefined) items.push(newNode(kindFor(rest[0], creates)));
  const item = items[index];
  if (item === undefined)
    throw new FieldPathInvalid(`index ${index} specified but only ${items.length} elements found`);
  return findNodes(item, rest, creates);
}

function amongElements(node: YamlNode, step: string, rest: readonly string[], creates: Creates): readonly YamlNode[] {
  const wanted = parseElementStep(step);
  if (wanted === undefined)
    throw new FieldPathInvalid(`'${step}' must contain fieldName=fieldValue for element to match`);
  const items = itemsOf(node, step, creates);
  const pattern = compilePattern(wanted.value);
  const search = () =>
    items.flatMap((item) => {
      if (wanted.key === "") return pattern.test(writtenNode(item)) ? [item] : [];
      const member = item.kind === "map" ? memberOf(item, wanted.key) : undefined;
      return member !== undefined && pattern.test(writtenNode(member)) ? findNodes(item, rest, creates) : [];
    });
  const found = search();
  if (found.length > 0 || creates === undefined) return found;
  items.push(
    wanted.key === ""
      ? newNode("scalar", wanted.value)
      : { ...newNode("map"), content: [newNode("scalar", wanted.key), newNode("scalar", wanted.value)] },
  );
  return search();
}

/** A node as it is written, with its quotes and comments: there kustomize looks for patterns. */
function writtenNode(node: YamlNode): string {
  const isBare = node.kind === "scalar" && node.style === "plain" && !node.tagged && node.anchor === "";
  if (isBare && node.head + node.line + node.foot === "") return node.value;
  return writeNodes({ root: node, head: "", foot: "" }).trim();
}
