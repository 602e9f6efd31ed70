import Type, { type TSchema } from "typebox";
import { durationPattern } from "./duration.ts";

/*
 * The parts that specs are made of. Every text and every list has a limit, which nobody meets who writes for himself: the
 * agent works through all of them in the one process that serves everybody. `limits.ts` holds specs to them.
 */

/** A text of so many characters at most. */
export const text = (maxLength: number, options: Readonly<Parameters<typeof Type.String>[0]> = {}) =>
  Type.String({ ...options, maxLength });

/** A list of so many items at most. */
export const list = <Item extends TSchema>(item: Item, maxItems: number, description: string) =>
  Type.Array(item, { maxItems, description });

/** A map of texts (labels, annotations, variables): so many of them at most, and none longer than that. */
export const stringMap = (maxProperties: number, longest: number, description: string) =>
  Type.Record(Type.String(), text(longest), {
    maxProperties,
    propertyNames: { maxLength: longestKey },
    description,
  });

/** Characters of a label's or annotation's key, with its prefix. */
const longestKey = 317;

/** Characters of what the API calls a name: a DNS subdomain. */
export const longestName = 253;
/** Characters of a file's or folder's path. */
export const longestPath = 1024;
/** Characters of a URL. */
export const longestUrl = 2048;

/** The name of an object in the Environment's own namespace. */
export const NameReference = Type.Object({
  name: text(longestName, { minLength: 1, description: "Name of the object." }),
});

/** A span of time in Go's syntax. */
export const span = (options: Readonly<Parameters<typeof Type.String>[0]>) =>
  text(64, { ...options, pattern: durationPattern });

/** A span of time in Go's syntax, with a default. */
export const duration = (description: string, fallback: string) => span({ default: fallback, description });

/** A pattern is tried on every object, in its fields or as a selector. */
const pattern = () => Type.Optional(text(512));

/** Which objects a patch or an ignore rule is meant for; every field that is given must match, as a whole-word regular expression as in kustomize. */
export const TargetSelector = Type.Object(
  {
    group: pattern(),
    version: pattern(),
    kind: pattern(),
    name: pattern(),
    namespace: pattern(),
    labelSelector: pattern(),
    annotationSelector: pattern(),
  },
  { description: "Which objects; every field given must match. Regular expressions, as in kustomize." },
);
