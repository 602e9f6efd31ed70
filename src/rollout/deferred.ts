import { pause } from "../clock/index.ts";
import { inParallel } from "../cluster/index.ts";
import type { Failure, FailureCode } from "../model/failure.ts";
import { stringAt } from "../model/json.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { formatId, groupOf, type ObjectId } from "../model/object-id.ts";
import { changedFields, type Observed } from "../plan/index.ts";
import type { Observation } from "./observe.ts";
import { isError, rejectionOf } from "./rejection.ts";
import type { Target } from "./target.ts";

/** What other objects are judged by, and which objects: a change of it may change what the API server says of them. */
interface Shaper {
  readonly concerns: (shaper: Manifest, other: Manifest) => boolean;
  /** What is said of an object that may have another reason afterwards. */
  readonly codes: readonly FailureCode[];
  /** What it concerns is looked at again even where nothing was said against it before: it may be stricter now. */
  readonly judgesAll: boolean;
}

const inNamespace = (shaper: Manifest, other: Manifest) => other.id.namespace === shaper.id.namespace;
const everything = () => true;
const admission = { concerns: everything, codes: ["AdmissionDenied", "ClusterBusy"], judgesAll: false } as const;
const access = { concerns: everything, codes: ["Forbidden", "AdmissionDenied"], judgesAll: false } as const;
const classes = { concerns: everything, codes: ["AdmissionDenied", "ObjectInvalid"], judgesAll: false } as const;
const limits = { concerns: inNamespace, codes: ["AdmissionDenied", "QuotaExceeded"], judgesAll: false } as const;

const shapers: Readonly<Record<string, Shaper>> = {
  "apiextensions.k8s.io/CustomResourceDefinition": {
    concerns: ({ object }, other) =>
      groupOf(other.object.apiVersion) === stringAt(object, "spec", "group") &&
      other.id.kind === stringAt(object, "spec", "names", "kind"),
    codes: ["ObjectInvalid", "FieldImmutable"],
    judgesAll: true,
  },
  "/Namespace": {
    concerns: (shaper, other) => other.id.namespace === shaper.id.name,
    codes: ["AdmissionDenied"],
    judgesAll: true,
  },
  "/ResourceQuota": limits,
  "/LimitRange": limits,
  "/ServiceAccount": limits,
  "scheduling.k8s.io/PriorityClass": classes,
  "node.k8s.io/RuntimeClass": classes,
  "storage.k8s.io/StorageClass": classes,
  "networking.k8s.io/IngressClass": classes,
  "rbac.authorization.k8s.io/Role": access,
  "rbac.authorization.k8s.io/RoleBinding": access,
  "rbac.authorization.k8s.io/ClusterRole": access,
  "rbac.authorization.k8s.io/ClusterRoleBinding": access,
};

/** Policies that admission goes by, those of policy engines among them, which are custom resources. */
const policies = /(?:Policy|PolicyBinding|WebhookConfiguration|Constraint|ConstraintTemplate|PolicyException)$/;

function shaperOf({ group, kind }: ObjectId): Shaper | undefined {
  const known = shapers[`${group}/${kind}`];
  if (known !== undefined) return known;
  const judges = group === "admissionregistration.k8s.io" || (group !== "networking.k8s.io" && policies.test(kind));
  return judges || group.endsWith("gatekeeper.sh") ? admission : undefined;
}

/** Tells whether others are judged by an object. */
export function isShaper(id: ObjectId): boolean {
  return shaperOf(id) !== undefined;
}

/** Tells whether an object may be accepted once another one has been written. */
export function mayMend(shaper: Manifest, rejected: Manifest, { code }: Failure): boolean {
  const found = shaperOf(shaper.id);
  if (found === undefined || formatId(shaper.id) === formatId(rejected.id)) return false;
  return found.codes.includes(code) && found.concerns(shaper, rejected);
}

/** An observation, and what of it can only be judged when other parts of the plan have been written. */
export interface Deferring {
  readonly observation: Observation;
  /** Inventory ids: looked at by a dry run right before their wave. */
  readonly deferred: ReadonlySet<string>;
}

/**
 * Defers the judgement of what depends on a definition, a Namespace, a policy, a limit or a right that changes in the same
 * plan and not later than it: what is said of it now may not be true by then. Throws the first rejection that is an error
 * and is not deferred.
 */
export function deferJudgement(observation: Observation): Deferring {
  const observed = new Map<string, Observed>(observation.observed);
  const deferred = new Set<string>();
  const changing: Manifest[] = [];
  for (const { manifests } of observation.stages) {
    changing.push(...manifests.filter(({ id }) => isShaper(id) && changes(observed.get(formatId(id)))));
    for (const manifest of manifests) {
      const key = formatId(manifest.id);
      const { rejection, ...seen } = observed.get(key) ?? { live: undefined };
      if (rejection !== undefined && changing.some((shaper) => mayMend(shaper, manifest, rejection))) {
        observed.set(key, seen);
        deferred.add(key);
      } else if (rejection !== undefined && isError(rejection)) {
        throw rejection;
      } else if (seen.live !== undefined && changing.some((shaper) => judges(shaper, manifest))) {
        deferred.add(key);
      }
    }
  }
  return { observation: { ...observation, observed }, deferred };
}

function judges(shaper: Manifest, other: Manifest): boolean {
  const found = shaperOf(shaper.id);
  return found?.judgesAll === true && formatId(shaper.id) !== formatId(other.id) && found.concerns(shaper, other);
}

function changes(seen: Observed | undefined): boolean {
  if (seen?.live === undefined || seen.applied === undefined || seen.rejection !== undefined) return true;
  return seen.live !== seen.applied && changedFields(seen.live, seen.applied, true).length > 0;
}

/** The API server learns of its own definitions and policies a moment later, of quotas by a controller. */
const settleMs = 10_000;
const firstLookMs = 500;
const lookMs = 1_000;

/** What is looked at, with the object that is applied for it. */
export interface Judged {
  readonly manifest: Manifest;
  readonly object: KubeObject;
}

/**
 * Asks by dry run, again and again for a while, what the API server has against objects now. Answers with what stays
 * rejected, by inventory id. Throws the errors of the way there.
 */
export async function judgeAgain(
  target: Target,
  objects: readonly Judged[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Failure>> {
  let open = objects;
  let rejected: ReadonlyMap<string, Failure> = new Map();
  if (open.length === 0) return rejected;
  const end = performance.now() + settleMs;
  await target.turn.awaiting(() => pause(firstLookMs, signal), signal);
  for (;;) {
    const failures = await inParallel(open, 16, (each) => whyRejected(target, each, signal), signal);
    const found = open.flatMap(({ manifest }, index) => {
      const failure = failures[index];
      return failure === undefined ? [] : [[formatId(manifest.id), failure] as const];
    });
    rejected = new Map(found);
    open = open.filter(({ manifest }) => rejected.has(formatId(manifest.id)));
    if (open.length === 0 || performance.now() > end) return rejected;
    await target.turn.awaiting(() => pause(lookMs, signal), signal);
  }
}

async function whyRejected(target: Target, { manifest, object }: Judged, signal: AbortSignal) {
  try {
    await target.cluster.apply(object, { dryRun: true, force: true }, signal);
    return undefined;
  } catch (thrown) {
    signal.throwIfAborted();
    return rejectionOf(thrown, manifest);
  }
}
