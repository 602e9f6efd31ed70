import Type, { type Static } from "typebox";
import { conditionSchema } from "../condition-schema.ts";
import type { Condition } from "../conditions.ts";

const revision = (description: string) => Type.Optional(Type.String({ description }));

const HistoryEntry = Type.Object({
  revision: Type.String({ description: "The revision that was rolled out." }),
  digest: Type.String({ description: "The digest of the plan." }),
  outcome: Type.Enum(["Succeeded", "Failed", "RolledBack", "RollbackFailed"], { description: "How it ended." }),
  message: Type.Optional(Type.String({ description: "The cause, where it did not succeed." })),
  started: Type.String({ format: "date-time", description: "When it began." }),
  finished: Type.String({ format: "date-time", description: "When it ended." }),
});

const DriftEntry = Type.Object({
  object: Type.String({ description: "The object, as Kind/namespace/name." }),
  path: Type.String({ description: "JSON pointer of the field; empty when the object is gone." }),
  want: Type.Optional(Type.String({ description: "What the repository says." })),
  live: Type.Optional(Type.String({ description: "What the cluster says." })),
  manager: Type.Optional(Type.String({ description: "The field manager that changed it." })),
  since: Type.String({ format: "date-time", description: "When it was first seen." }),
});

const StatusProblem = Type.Object({
  message: Type.String({ description: "What is wrong." }),
  object: Type.Optional(Type.String({ description: "The object, as Kind/namespace/name." })),
  field: Type.Optional(Type.String({ description: "The field of the object or of the file." })),
  file: Type.Optional(Type.String({ description: "The file, from the root of the repository." })),
  line: Type.Optional(Type.Integer({ description: "The line in the file." })),
  chain: Type.Optional(
    Type.Array(Type.String(), { description: "The kustomizations that led to the file, outermost first." }),
  ),
  hint: Type.Optional(Type.String({ description: "What to do about it." })),
  logs: Type.Optional(
    Type.Array(Type.String(), { description: "What the container logged last; values of Secrets are masked." }),
  ),
});

const Attempt = Type.Object(
  {
    revision: Type.String({ description: "The revision that is rolled out." }),
    generation: Type.Integer({ description: "The generation of the spec that it uses." }),
    started: Type.String({ format: "date-time", description: "When it began." }),
    failed: Type.Optional(
      Type.String({ format: "date-time", description: "When it failed; the rollback has been under way since." }),
    ),
    cause: Type.Optional(Type.String({ description: "Why it failed." })),
    found: Type.Optional(
      Type.Array(Type.String(), {
        description: "Objects that it found in the cluster and took over. A rollback does not delete them.",
      }),
    ),
    created: Type.Optional(
      Type.Array(Type.String(), {
        description:
          "Objects that it created, if there is a revision to roll back to: a rollback deletes these and no others.",
      }),
    ),
  },
  { description: "The rollout that is under way; absent when it has ended." },
);

/** What the agent writes. One writer, `agent/kernel/status-writer.ts`. */
export const EnvironmentStatus = Type.Object(
  {
    observedGeneration: Type.Optional(
      Type.Integer({ description: "The generation of the spec that was last acted on." }),
    ),
    lastHandledRequest: Type.Optional(
      Type.String({ description: "The value of mooring.dev/requestedAt that was last acted on." }),
    ),
    conditions: Type.Optional(
      Type.Array(conditionSchema("Ready, Reconciling, Stalled, Healthy, Drifted, Held or SourceReady."), {
        description: "The observed state of the environment.",
      }),
    ),
    lastAttemptedRevision: revision("The revision that was last tried."),
    lastAppliedRevision: revision("The revision whose objects are in the cluster."),
    lastHealthyRevision: revision("The last revision that became healthy: where a rollback goes."),
    failedRevision: revision("The revision that failed and is not retried until the source or the spec changes."),
    waitingRevision: revision("A newer revision, which waits for the schedule."),
    refusedRevision: revision("The newest revision, if its signature is not accepted: nothing of it is read."),
    failedGeneration: Type.Optional(Type.Integer({ description: "The generation of the spec under which it failed." })),
    failedReason: Type.Optional(
      Type.String({ description: "Its outcome in one word, as the Ready condition said when it ended." }),
    ),
    failedMessage: Type.Optional(Type.String({ description: "The same in words." })),
    failedProblems: Type.Optional(
      Type.Array(StatusProblem, { description: "Why it failed, one by one; the first ten." }),
    ),
    problems: Type.Optional(
      Type.Array(StatusProblem, { description: "The current problems, one by one; the first ten." }),
    ),
    attempt: Type.Optional(Attempt),
    lastFetched: Type.Optional(
      Type.String({
        format: "date-time",
        description:
          "When the repository was last fetched successfully, as of the last change: a new revision, or the start or end of an outage.",
      }),
    ),
    webhookPath: Type.Optional(
      Type.String({ description: "The path on the agent that the Git server calls after a push." }),
    ),
    inventory: Type.Optional(
      Type.Object(
        {
          entries: Type.Array(
            Type.Object({
              id: Type.String({ description: "<namespace>_<name>_<group>_<kind>." }),
              v: Type.String({ description: "API version last used." }),
              left: Type.Optional(
                Type.Enum(["created", "found"], {
                  description:
                    "A rollback kept this object, which the failed revision had created or found. No later revision deletes it, unless one contained it in between.",
                }),
              ),
            }),
            { description: "One entry per object." },
          ),
        },
        { description: "The objects the environment owns." },
      ),
    ),
    pendingDigest: Type.Optional(Type.String({ description: "The digest of the plan that is held." })),
    drift: Type.Optional(
      Type.Array(DriftEntry, { description: "What someone else changed and is not corrected yet." }),
    ),
    history: Type.Optional(Type.Array(HistoryEntry, { description: "The last ten rollouts, newest first." })),
  },
  { description: "The observed state of the environment." },
);

/** One rollout that ended. */
export type HistoryEntry = Static<typeof HistoryEntry>;
/** One thing that is wrong, with where. */
export type StatusProblem = Static<typeof StatusProblem>;
/** The rollout under way. */
export type Attempt = Static<typeof Attempt>;
/** One drifted field. */
export type DriftEntry = Static<typeof DriftEntry>;
/** The status as the agent writes it; conditions have their closed vocabulary. */
export type EnvironmentStatus = Omit<Static<typeof EnvironmentStatus>, "conditions"> & {
  readonly conditions?: readonly Condition[];
};
