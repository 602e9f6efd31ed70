import { formatId, type ObjectId } from "../../../model/object-id.ts";
import type { DesiredStage } from "../../../rollout/index.ts";
import { hasFailed, lastHealthy, nextWindow, rollbackTarget, stagesOf } from "../passes/content.ts";
import { latestRevision } from "../passes/latest-revision.ts";
import type { ContentContext } from "../passes/pass-context.ts";

/**
 * What an Environment wants to have in its cluster now: the inventory ids of its newest revision, or of the one it is kept
 * at while that one failed or waits for its window. `commit` is one that it should know: where it does not, it fetches first.
 * Throws `Failure` where the newest revision cannot be had or rendered.
 */
export async function desiredIds(
  context: ContentContext,
  commit: string | undefined,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const known = await context.source.latest(signal);
  if (commit !== undefined && known.revision.commit !== commit) await context.source.refresh(signal);
  const newest = await latestRevision(context, signal);
  const snapshot = await lastHealthy(context, signal);
  if (hasFailed(context, newest.revision)) {
    const back = rollbackTarget(context, snapshot);
    return back === undefined ? inventoryOf(context) : idsOf(back.stages);
  }
  const waits = (await nextWindow(context)) !== undefined;
  return idsOf(waits && snapshot !== undefined ? snapshot.stages : await stagesOf(context, newest, signal));
}

function inventoryOf({ status }: ContentContext): ReadonlySet<string> {
  return new Set(status.current.inventory?.entries.map(({ id }) => id));
}

function idsOf(stages: readonly DesiredStage[]): ReadonlySet<string> {
  return new Set(stages.flatMap(({ manifests }) => manifests.flatMap(({ id }) => alsoKnownAs(id))).map(formatId));
}

/**
 * What a rendered object may be called in an inventory: a sealed one is a Secret by then, and one of a kind without
 * namespaces has lost a namespace that it was given by mistake.
 */
function alsoKnownAs(id: ObjectId): readonly ObjectId[] {
  const opened = id.kind === "SealedSecret" ? [id, { ...id, group: "", kind: "Secret" }] : [id];
  return opened.flatMap((each) => [each, { ...each, namespace: "" }]);
}
