import type { Problem } from "../../../model/failure.ts";
import type { ScalarTag } from "../resolve/plain-tag.ts";
import type { YamlMap, YamlValue } from "../value.ts";

/*
 * How the members of maps and lists were written, as far as it shows in what kustomize prints. kustomize works on the nodes
 * of the text: `1.10` is copied as the tag 1.10 and not 1.1, and a number patched over a quoted string stays in quotes.
 * Styles are kept beside the values, by the map or list that holds them.
 */
const styles: unique symbol = Symbol("styles");

/** Each is made only where there is something to note: most maps and lists have no styles, and few have more than one. */
export interface Styles {
  /** The texts of scalars that do not read as their value: `1.10`, `0x10`, `True`, `2001-01-01`. */
  spellings: Map<string, { readonly value: YamlValue; readonly text: string }> | undefined;
  /** The members in quotes or in a block scalar; that outlives their value. */
  quoted: Set<string> | undefined;
  /** The members in a folded block scalar, which outlives their value too; see `emit/refold.ts`. */
  folded: Set<string> | undefined;
  /** The strings that kustomize has put in without a tag: what replaces them gets the type that its text has in YAML. */
  untyped: Set<string> | undefined;
  /** The whole numbers that count as floats: the last text of a field that held a float. */
  fractions: Set<string> | undefined;
  /** The keys that kustomize has put in without a tag, and whose text is no string in YAML. */
  untypedKeys: Set<string> | undefined;
  /** The keys that were defined twice; the first of each was taken. */
  duplicates: Map<string, Duplicate> | undefined;
  /** The strings that do not fit the type of the field they were put into. */
  misfits: Map<string, { readonly value: YamlValue; readonly tag: ScalarTag }> | undefined;
}

/** A key that is defined twice: the text of the last, and the problem to report. */
export interface Duplicate {
  readonly text: string;
  readonly problem: () => Problem;
}

/** What holds members. */
export type Parent = YamlMap | YamlValue[];

/** A map or a list with the styles of its members. */
export type WithStyles = Parent & { [styles]?: Styles };

/** Whether anything is noted about the members of a map or a list. */
export const hasStyles = (parent: WithStyles): boolean => parent[styles] !== undefined;

/** The styles of the members of a map or a list, where there are any. */
export const stylesOf = (parent: WithStyles): Styles | undefined => parent[styles];

/** The styles of the members of a map or a list, made where there are none. */
export function ensureStyles(parent: WithStyles): Styles {
  return parent[styles] ?? setStyles(parent, noStyles());
}

const noStyles = (): Styles => ({
  spellings: undefined,
  quoted: undefined,
  folded: undefined,
  untyped: undefined,
  fractions: undefined,
  untypedKeys: undefined,
  duplicates: undefined,
  misfits: undefined,
});

/** Gives a copy of a map or a list the styles of the original. */
export function copyMemberStyles(to: WithStyles, from: WithStyles): void {
  const known = from[styles];
  if (known === undefined) return;
  setStyles(to, {
    spellings: known.spellings && new Map(known.spellings),
    quoted: known.quoted && new Set(known.quoted),
    folded: known.folded && new Set(known.folded),
    untyped: known.untyped && new Set(known.untyped),
    fractions: known.fractions && new Set(known.fractions),
    untypedKeys: known.untypedKeys && new Set(known.untypedKeys),
    duplicates: known.duplicates && new Map(known.duplicates),
    misfits: known.misfits && new Map(known.misfits),
  });
}

/** Not enumerable: nobody who iterates over the data meets it. */
function setStyles(parent: WithStyles, value: Styles): Styles {
  Object.defineProperty(parent, styles, { value, enumerable: false });
  return value;
}

/** The styles that a member has or has not. */
type Flag = "quoted" | "folded" | "untyped" | "fractions" | "untypedKeys";

/** Notes a style of a member. */
export function mark(parent: WithStyles, flag: Flag, key: string | number): void {
  const known = ensureStyles(parent);
  known[flag] ??= new Set();
  known[flag].add(String(key));
}

/** Whether a style was noted of a member. */
export const isMarked = (parent: WithStyles, flag: Flag, key: string | number): boolean =>
  parent[styles]?.[flag]?.has(String(key)) === true;

/** The members of which a style was noted. */
export const marked = (parent: WithStyles, flag: Flag): ReadonlySet<string> => parent[styles]?.[flag] ?? none;

const none: ReadonlySet<string> = new Set();

/** The value of a member; null where there is none. */
export function valueAt(parent: Parent, key: string | number): YamlValue {
  return (Array.isArray(parent) ? parent[Number(key)] : parent[key]) ?? null;
}
