import Type, { type Static } from "typebox";
import { ForgeSpec } from "../forge.ts";
import { duration, list, longestName, longestPath, NameReference, text } from "../schema.ts";
import { overlayFields } from "./overlay-spec.ts";
import { DeletionGuard, HealthExpression, IgnoreRule, ObjectReference, ScheduleWindow, Stage } from "./rollout-spec.ts";
import { Source } from "./source-spec.ts";

/** What users write in an Environment. The CRD is generated from it, and the agent narrows what it reads with it. */
export const EnvironmentSpec = Type.Object(
  {
    source: Source,
    path: Type.Optional(
      text(longestPath, {
        description: "Folder to render, from the root of the repository. Not together with stages.",
      }),
    ),
    stages: Type.Optional(
      Type.Array(Stage, {
        minItems: 1,
        maxItems: 50,
        description: "Folders to roll out in order, sharing one revision, one verdict and one rollback.",
      }),
    ),
    interval: duration("How often Git is polled for a new revision; at most ten times a second.", "1m"),
    retryInterval: duration("How soon a failed attempt is retried, where a retry can help; 100ms or more.", "30s"),
    timeout: duration("The hard limit for one stage: apply and health together.", "5m"),
    suspend: Type.Boolean({ default: false, description: "Do not change the cluster while this is true." }),
    prune: Type.Boolean({
      default: true,
      description: "Delete what is no longer in the repository, after the rest is healthy.",
    }),
    deletionGuard: DeletionGuard,
    deletionPolicy: Type.Enum(["MirrorPrune", "Delete", "WaitForTermination", "Orphan"], {
      default: "MirrorPrune",
      description:
        "What happens to the objects when the Environment is deleted. MirrorPrune: deleted where prune is true.",
    }),
    drift: Type.Enum(["correct", "report"], {
      default: "correct",
      description: "What to do when someone else changes an object.",
    }),
    rollback: Type.Enum(["auto", "off"], {
      default: "auto",
      description: "Whether a failed revision is rolled back to the last healthy one.",
    }),
    dependsOn: Type.Optional(list(NameReference, 100, "Environments of the same namespace that must be ready first.")),
    forge: Type.Optional(ForgeSpec),
    serviceAccountName: Type.Optional(
      text(longestName, {
        minLength: 1,
        description:
          "The service account impersonated for every read and write of the environment's objects. Sealed secrets are opened only if it may write the resulting Secrets.",
      }),
    ),
    kubeConfig: Type.Optional(
      Type.Object(
        { secretRef: NameReference },
        {
          description:
            "Another cluster to roll out to: a Secret with its kubeconfig under the key value. Sealed secrets are opened only for a service account (serviceAccountName) that may get, create and patch their Secrets in the agent's own cluster.",
        },
      ),
    ),
    decryption: Type.Optional(
      Type.Object(
        { secretRef: NameReference },
        {
          description:
            "Keys that open what SOPS encrypted: age identities in *.agekey, OpenPGP keys in *.asc. Sealed secrets need nothing here.",
        },
      ),
    ),
    ...overlayFields,
    ignore: Type.Optional(list(IgnoreRule, 100, "Fields that Mooring does not manage.")),
    schedule: Type.Optional(
      list(
        ScheduleWindow,
        50,
        "When new revisions may roll out; at any time if there is none. Drift is corrected at all times.",
      ),
    ),
    force: Type.Boolean({ default: false, description: "Recreate objects whose immutable fields changed." }),
    healthChecks: Type.Optional(
      list(ObjectReference, 500, "Objects outside the environment that must be healthy too."),
    ),
    healthCheckExprs: Type.Optional(list(HealthExpression, 100, "How to evaluate the health of further kinds.")),
  },
  { description: "The desired state of the environment." },
);

/** The spec of an Environment with every default filled in. */
export type EnvironmentSpec = Static<typeof EnvironmentSpec>;
