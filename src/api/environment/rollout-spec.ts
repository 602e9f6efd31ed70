import Type, { type Static } from "typebox";
import { longestName, longestPath, span, TargetSelector, text } from "../schema.ts";

/** One folder of several that are rolled out in order. */
export const Stage = Type.Object({
  name: text(63, { minLength: 1, description: "Name of the stage, for plans and status." }),
  path: text(longestPath, { minLength: 1, description: "Folder of the stage, from the root of the repository." }),
  timeout: Type.Optional(span({ description: "The stage's own limit, instead of the environment's timeout." })),
});

/** What may be deleted without an approval. */
export const DeletionGuard = Type.Object(
  {
    maxObjects: Type.Integer({
      minimum: 0,
      default: 10,
      description: "Up to this many deletions in one plan always pass.",
    }),
    maxPercent: Type.Integer({
      minimum: 0,
      maximum: 100,
      default: 20,
      description: "Above maxObjects, deletions of up to this share of the inventory pass.",
    }),
    kinds: Type.Array(text(longestName), {
      default: ["Namespace", "PersistentVolumeClaim", "PersistentVolume", "CustomResourceDefinition"],
      maxItems: 200,
      description: "Kinds of which not even one object is deleted without approval.",
    }),
  },
  { default: {}, description: "Limits for deletions: a plan that exceeds them is held until it is approved." },
);

/** Characters of an API version, its group included. */
const longestVersion = 317;

const apiVersion = (description: string) => text(longestVersion, { minLength: 1, description });

/** An object outside of the environment. */
export const ObjectReference = Type.Object({
  apiVersion: apiVersion("API version."),
  kind: text(longestName, { minLength: 1, description: "Kind." }),
  name: text(longestName, { minLength: 1, description: "Name." }),
  namespace: Type.Optional(text(longestName, { description: "Namespace; defaults to the Environment's own." })),
});

const expression = (description: string, minLength = 0) => text(10_000, { minLength, description });

/** How the health of a kind is assessed, in CEL. */
export const HealthExpression = Type.Object({
  apiVersion: apiVersion("API version of the objects."),
  kind: text(longestName, { minLength: 1, description: "Kind of the objects." }),
  current: expression("CEL: true when the object is healthy.", 1),
  inProgress: Type.Optional(expression("CEL: true while it may become healthy.")),
  failed: Type.Optional(expression("CEL: true when it will not become healthy.")),
});

/** Fields that Mooring does not manage. */
export const IgnoreRule = Type.Object({
  target: Type.Optional(TargetSelector),
  paths: Type.Array(text(longestPath, { pattern: "^/" }), {
    minItems: 1,
    maxItems: 100,
    description: "JSON pointers that are never owned and never drift.",
  }),
});

/** When new revisions may roll out. */
export const ScheduleWindow = Type.Object({
  allow: text(256, { minLength: 1, description: "When the window opens: a cron expression of five fields." }),
  duration: span({ description: "How long it stays open." }),
  timeZone: Type.Optional(text(64, { description: "IANA time zone of the expression; defaults to UTC." })),
});

/** An ignore rule. */
export type IgnoreRule = Static<typeof IgnoreRule>;
/** A deletion guard with its defaults filled in. */
export type DeletionGuard = Static<typeof DeletionGuard>;
/** A window of the schedule. */
export type ScheduleWindow = Static<typeof ScheduleWindow>;
