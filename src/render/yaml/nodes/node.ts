import type { ScalarTag } from "../resolve/plain-tag.ts";

/** How a scalar is written, or a map or a list in brackets. */
export type NodeStyle = "plain" | "double" | "single" | "literal" | "folded" | "flow";

/** Comments above, beside and below a node, each with its `#`, lines parted by line breaks. */
export interface Comments {
  head: string;
  line: string;
  foot: string;
}

/** A node of YAML as it is written, comments included; members of a map stand in `content` by turns: key, value. */
export interface YamlNode extends Comments {
  kind: "scalar" | "map" | "list" | "alias";
  /** In short, as in `!!str`; empty for a scalar without one, whose text decides. */
  tag: string;
  /** Whether the tag was written, and is to be written again. */
  tagged: boolean;
  style: NodeStyle;
  /** The text of a scalar; the name that an alias refers to. */
  value: string;
  anchor: string;
  content: YamlNode[];
}

/** A document: its one node, and comments that belong to neither of its ends. */
export interface YamlDocumentNode {
  root: YamlNode;
  head: string;
  foot: string;
}

/** The tag of maps. */
export const mapTag = "!!map";
/** The tag of lists. */
export const listTag = "!!seq";

/** A node with nothing in it. */
export function newNode(kind: YamlNode["kind"], value = ""): YamlNode {
  const tag = kind === "map" ? mapTag : kind === "list" ? listTag : "";
  return { kind, tag, tagged: false, style: "plain", value, anchor: "", content: [], head: "", line: "", foot: "" };
}

/** What stands where nothing is written. */
export const emptyScalar = (): YamlNode => ({ ...newNode("scalar"), tag: "!!null" });

/** A tag of YAML's own in short: `!!str`. */
export const shortTag = (tag: string): string => tag.replace(/^tag:yaml\.org,2002:/, "!!");

/** The tag of a plain scalar in short. */
export const ownTag = (tag: ScalarTag): string => `!!${tag}`;
