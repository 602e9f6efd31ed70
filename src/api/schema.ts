import Type, { type TSchema } from "typebox";
import { durationPattern } from "./duration.ts";

/** The name of an object in the Environment's own namespace. */
export const NameReference = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 253, description: "Name of the object." }),
});

/** A span of time in Go's syntax, with a default. */
export const duration = (description: string, fallback: string) =>
  Type.String({ pattern: durationPattern, default: fallback, description });

/** A map of strings: labels, annotations, variables. */
export const stringMap = (description: string) => Type.Record(Type.String(), Type.String(), { description });

/** Which objects a patch or an ignore rule is meant for; every field that is given must match, as a whole-word regular expression as in kustomize. */
export const TargetSelector = Type.Object(
  {
    group: Type.Optional(Type.String()),
    version: Type.Optional(Type.String()),
    kind: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
    namespace: Type.Optional(Type.String()),
    labelSelector: Type.Optional(Type.String()),
    annotationSelector: Type.Optional(Type.String()),
  },
  { description: "Which objects; every field given must match. Regular expressions, as in kustomize." },
);

/** A list with a description. */
export const list = <Item extends TSchema>(item: Item, description: string) => Type.Array(item, { description });
