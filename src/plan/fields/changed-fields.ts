import type { KubeObject, Manifest } from "../../model/manifest.ts";
import type { FieldChange } from "../../model/plan.ts";
import { isSecret, maskChanges } from "../mask/mask.ts";
import { otherManagers } from "../ownership/managed-fields.ts";
import { takeOverChange } from "../ownership/take-over.ts";
import type { Observed } from "../plan-input.ts";
import { diff } from "./diff.ts";
import { normalise } from "./normalise.ts";

/** What writing a manifest would change of a live object, former managers' fields among it; masked where it is sensitive. */
export function changesOf(
  manifest: Manifest,
  live: KubeObject,
  { applied, takeOver }: Observed,
): readonly FieldChange[] {
  const sensitive = manifest.sensitive || isSecret(live);
  const { object } = manifest;
  return [...changedFields(live, applied ?? object, sensitive), ...takenOver(live, takeOver, sensitive)];
}

/** The fields in which a live object and what it is to become differ, with who owns them now; masked where it is sensitive. */
export function changedFields(live: KubeObject, applied: KubeObject, sensitive: boolean): readonly FieldChange[] {
  const managers = otherManagers(live);
  const found = diff(normalise(live), normalise(applied)).map((change) => {
    const manager = change.from === undefined ? undefined : managers.of(change.path);
    return manager === undefined ? change : { ...change, manager };
  });
  return sensitive ? maskChanges(found) : found;
}

function takenOver(live: KubeObject, takeOver: Observed["takeOver"], sensitive: boolean): readonly FieldChange[] {
  if (takeOver === undefined) return [];
  return [...changedFields(live, takeOver.without, sensitive), takeOverChange(takeOver.from)];
}
