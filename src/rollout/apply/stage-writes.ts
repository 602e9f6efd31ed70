import { Failure } from "../../model/failure.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { describeId, formatId } from "../../model/object-id.ts";
import type { PlannedAction } from "../../model/plan.ts";
import type { DecisionContext, IgnoredFields, Observed } from "../../plan/index.ts";
import type { DesiredStage } from "../../sandbox/index.ts";
import type { Prepared } from "../prepare.ts";

/** What there is to write in one stage. Keys are inventory ids. */
export interface StageWrites {
  readonly actions: readonly PlannedAction[];
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** What is to be judged right before its wave. */
  readonly deferred: ReadonlySet<string>;
  /** Objects with a changed immutable field may be deleted and made again, unless something keeps them. */
  readonly force: boolean;
  readonly seen: Seen;
  /** What the plan was decided by; each action is decided by it once more right before its write. */
  readonly by: DecisionContext;
  /** Called before an object is changed that the plan was to create: somebody else made it meanwhile. */
  readonly onFound?: (planned: PlannedAction) => Promise<void>;
}

/** What was seen when the plan was made. Keys are inventory ids. */
export interface Seen {
  readonly observed: ReadonlyMap<string, Observed>;
  readonly left: ReadonlyMap<string, Pick<IgnoredFields, "trees">>;
  /** In milliseconds of the monotonic clock. */
  readonly at: number;
  /** No stage came before: nothing that was written has had time to act. */
  readonly isFirst: boolean;
}

/** What a planned action is about. */
export interface Parts {
  readonly manifest: Manifest;
  readonly object: KubeObject;
}

/** What a plan writes of one stage. */
export function stageWrites({ plan, observation, deferred, force, by }: Prepared, stage: DesiredStage): StageWrites {
  const [first] = observation.stages;
  return {
    actions: plan.actions.filter((action) => action.stage === stage.name && action.origin !== undefined),
    manifests: new Map(stage.manifests.map((manifest) => [formatId(manifest.id), manifest])),
    objects: observation.objects,
    seen: { ...observation, isFirst: stage.name === first?.name },
    by,
    deferred,
    force,
  };
}

/** The manifest and object of an action. Throws `Failure` (Bug) where the plan names one that the stage does not hold. */
export function partsOf(
  { manifests, objects }: Pick<StageWrites, "manifests" | "objects">,
  { id }: Pick<PlannedAction, "id">,
): Parts {
  const key = formatId(id);
  const manifest = manifests.get(key);
  const object = objects.get(key);
  if (manifest !== undefined && object !== undefined) return { manifest, object };
  const hint = "this is a bug in mooring: please report it";
  throw new Failure("Bug", { object: describeId(id), message: "is in the plan, but its manifest is missing", hint });
}
