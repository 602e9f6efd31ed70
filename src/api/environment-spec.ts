import Type, { type Static } from "typebox";
import { durationPattern } from "./duration.ts";
import { ForgeSpec } from "./forge.ts";
import { duration, list, NameReference, stringMap, TargetSelector } from "./schema.ts";

const GitRef = Type.Object(
  {
    branch: Type.Optional(Type.String({ minLength: 1, description: "A branch." })),
    tag: Type.Optional(Type.String({ minLength: 1, description: "A tag." })),
    semver: Type.Optional(
      Type.String({ minLength: 1, description: "A semantic version range; the highest tag in it is taken." }),
    ),
    commit: Type.Optional(Type.String({ pattern: "^[0-9a-f]{40}$", description: "A commit, by its whole SHA-1." })),
    name: Type.Optional(
      Type.String({ pattern: "^refs/", description: "A full reference name, such as refs/pull/7/head." }),
    ),
  },
  {
    description: "What to follow: one of branch, tag, semver, commit, name. The default branch where none is given.",
    maxProperties: 1,
  },
);

const Source = Type.Object(
  {
    url: Type.String({
      pattern: "^(https?|ssh)://|^[^/@]+@[^/:]+:",
      description: "Where the repository is: https://, http://, ssh:// or user@host:path.",
    }),
    ref: Type.Optional(GitRef),
    secretRef: Type.Optional(NameReference),
    proxySecretRef: Type.Optional(NameReference),
    recurseSubmodules: Type.Optional(
      Type.Boolean({ description: "Fetch submodules too. They are empty folders otherwise." }),
    ),
    verify: Type.Optional(
      Type.Object(
        {
          mode: Type.Enum(["head", "tag", "tagAndHead"], {
            default: "head",
            description: "What must be signed: the commit, the tag, or both.",
          }),
          secretRef: NameReference,
        },
        {
          description:
            "Whose signatures are demanded: a Secret with OpenPGP or SSH public keys. Nothing else is applied.",
        },
      ),
    ),
    ignore: Type.Optional(Type.String({ description: "Files to leave out, in .gitignore syntax." })),
    webhook: Type.Optional(
      Type.Object(
        { secretRef: NameReference },
        {
          description:
            "Lets the server call when something is pushed, instead of waiting for the interval: a Secret with the token that it signs with under the key token. The path to call is in the status.",
        },
      ),
    ),
  },
  { description: "The Git repository that holds the environment." },
);

const Stage = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 63, description: "Name of the stage, for plans and status." }),
  path: Type.String({ minLength: 1, description: "Folder of the stage, from the root of the repository." }),
  timeout: Type.Optional(
    Type.String({
      pattern: durationPattern,
      description: "The stage's own limit, instead of the environment's timeout.",
    }),
  ),
});

const DeletionGuard = Type.Object(
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
      description: "Beyond maxObjects, up to this share of the inventory may go.",
    }),
    kinds: Type.Array(Type.String(), {
      default: ["Namespace", "PersistentVolumeClaim", "PersistentVolume", "CustomResourceDefinition"],
      description: "Kinds of which not even one may go without approval.",
    }),
  },
  { default: {}, description: "The brake on deletions: what exceeds it is held until approved." },
);

const Patch = Type.Object({
  patch: Type.String({ minLength: 1, description: "A strategic-merge or JSON 6902 patch." }),
  target: Type.Optional(TargetSelector),
});

const Image = Type.Object({
  name: Type.String({ minLength: 1, description: "The image as the manifests name it." }),
  newName: Type.Optional(Type.String({ description: "The name it gets." })),
  newTag: Type.Optional(Type.String({ description: "The tag it gets." })),
  digest: Type.Optional(Type.String({ description: "The digest it gets, instead of a tag." })),
});

const SubstituteSource = Type.Object({
  kind: Type.Enum(["ConfigMap", "Secret"], { description: "ConfigMap or Secret." }),
  name: Type.String({ minLength: 1, description: "Its name, in the Environment's namespace." }),
  optional: Type.Optional(Type.Boolean({ default: false, description: "Whether it may be missing." })),
});

const ObjectReference = Type.Object({
  apiVersion: Type.String({ minLength: 1, description: "API version." }),
  kind: Type.String({ minLength: 1, description: "Kind." }),
  name: Type.String({ minLength: 1, description: "Name." }),
  namespace: Type.Optional(Type.String({ description: "Namespace; the Environment's own where none is given." })),
});

const HealthExpression = Type.Object({
  apiVersion: Type.String({ minLength: 1, description: "API version of the objects." }),
  kind: Type.String({ minLength: 1, description: "Kind of the objects." }),
  current: Type.String({ minLength: 1, description: "CEL: true when the object is healthy." }),
  inProgress: Type.Optional(Type.String({ description: "CEL: true while it may become healthy." })),
  failed: Type.Optional(Type.String({ description: "CEL: true when it will not become healthy by itself." })),
});

const IgnoreRule = Type.Object({
  target: Type.Optional(TargetSelector),
  paths: Type.Array(Type.String({ pattern: "^/" }), {
    minItems: 1,
    description: "JSON pointers that are never owned and never drift.",
  }),
});

const ScheduleWindow = Type.Object({
  allow: Type.String({ minLength: 1, description: "When the window opens: a cron expression of five fields." }),
  duration: Type.String({ pattern: durationPattern, description: "How long it stays open." }),
  timeZone: Type.Optional(Type.String({ description: "IANA time zone of the expression; UTC where none is given." })),
});

/** What users write in an Environment. The CRD is generated from it, and the agent narrows what it reads with it. */
export const EnvironmentSpec = Type.Object(
  {
    source: Source,
    path: Type.Optional(
      Type.String({ description: "Folder to render, from the root of the repository. Not together with stages." }),
    ),
    stages: Type.Optional(
      Type.Array(Stage, {
        minItems: 1,
        maxItems: 50,
        description: "Folders to roll out in order, sharing one revision, one verdict and one rollback.",
      }),
    ),
    interval: duration("How often Git is asked for a new revision.", "1m"),
    retryInterval: duration("How soon a failed attempt is made again, where trying again can help.", "30s"),
    timeout: duration("The hard limit for one stage: apply and health together.", "5m"),
    suspend: Type.Boolean({ default: false, description: "Leave the cluster alone until set back." }),
    prune: Type.Boolean({
      default: true,
      description: "Delete what is no longer in the repository, after the rest is healthy.",
    }),
    deletionGuard: DeletionGuard,
    deletionPolicy: Type.Enum(["MirrorPrune", "Delete", "WaitForTermination", "Orphan"], {
      default: "MirrorPrune",
      description:
        "What becomes of the objects when the Environment is deleted. MirrorPrune: deleted where prune is true.",
    }),
    drift: Type.Enum(["correct", "report"], {
      default: "correct",
      description: "What happens when someone else changes an object.",
    }),
    rollback: Type.Enum(["auto", "off"], {
      default: "auto",
      description: "Whether a failed revision is rolled back to the last healthy one.",
    }),
    dependsOn: Type.Optional(list(NameReference, "Environments of the same namespace that must be ready first.")),
    forge: Type.Optional(ForgeSpec),
    serviceAccountName: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          "The service account impersonated for every read and write of the environment's objects. Sealed secrets are opened only if it may write the Secrets that come of them.",
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
    targetNamespace: Type.Optional(
      Type.String({ minLength: 1, maxLength: 63, description: "Namespace set on every namespaced object." }),
    ),
    namePrefix: Type.Optional(Type.String({ description: "Put before every name." })),
    nameSuffix: Type.Optional(Type.String({ description: "Put after every name." })),
    commonMetadata: Type.Optional(
      Type.Object(
        {
          labels: Type.Optional(stringMap("Labels for every object.")),
          annotations: Type.Optional(stringMap("Annotations for every object.")),
        },
        { description: "Labels and annotations for every object." },
      ),
    ),
    patches: Type.Optional(list(Patch, "Patches applied after the repository's own.")),
    images: Type.Optional(list(Image, "Images replaced after the repository's own.")),
    components: Type.Optional(list(Type.String(), "Kustomize components added, as folders relative to the path.")),
    postBuild: Type.Optional(
      Type.Object(
        {
          substitute: Type.Optional(stringMap("Variables put in for references to them.")),
          substituteFrom: Type.Optional(
            list(
              SubstituteSource,
              "ConfigMaps and Secrets that give more variables; later ones win, `substitute` wins over all.",
            ),
          ),
          strict: Type.Optional(
            Type.Boolean({
              description: "Whether a variable that is not set is an error; otherwise nothing stands in its place.",
              default: true,
            }),
          ),
        },
        { description: "Variables put into the rendered objects." },
      ),
    ),
    ignore: Type.Optional(list(IgnoreRule, "Fields that are left to others.")),
    schedule: Type.Optional(
      list(
        ScheduleWindow,
        "When new revisions may roll out; always where none is given. Drift is corrected at all times.",
      ),
    ),
    force: Type.Boolean({ default: false, description: "Recreate objects whose immutable fields changed." }),
    healthChecks: Type.Optional(list(ObjectReference, "Objects outside the environment to wait for as well.")),
    healthCheckExprs: Type.Optional(list(HealthExpression, "How to tell the health of further kinds.")),
  },
  { description: "What the environment should be." },
);

/** The spec of an Environment with every default filled in. */
export type EnvironmentSpec = Static<typeof EnvironmentSpec>;

/** The reference part of a source. */
export type GitRef = Static<typeof GitRef>;
/** An ignore rule. */
export type IgnoreRule = Static<typeof IgnoreRule>;
/** A deletion guard with its defaults filled in. */
export type DeletionGuard = Static<typeof DeletionGuard>;
/** A window of the schedule. */
export type ScheduleWindow = Static<typeof ScheduleWindow>;
