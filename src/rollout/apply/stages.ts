import { formatId } from "../../model/object-id.ts";
import type { DesiredStage } from "../../sandbox/index.ts";
import type { Prepared } from "../prepare.ts";
import type { StageWrites } from "./write.ts";

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
