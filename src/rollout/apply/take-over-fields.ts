import { refOf } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { takeOver, takeOverPatch } from "../../plan/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";

const attempts = 5;

/**
 * Makes Mooring the manager of the fields that former managers (kubectl, Helm, Argo CD) still hold, so that the apply that
 * follows removes those that are no longer desired. Reads and tries again where somebody writes at the same time. Throws
 * `Failure`: Conflict after five attempts, what `Cluster.get` and `Cluster.patch` throw.
 */
export async function takeOverFields(
  { cluster }: Pick<ApplyTarget, "cluster">,
  object: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const live = await cluster.get(refOf(object), signal);
    const from = live === undefined ? undefined : takeOver(live, object);
    if (from === undefined) return;
    try {
      await cluster.patch(refOf(object), { type: "json", body: takeOverPatch(from) }, {}, signal);
      return;
    } catch (thrown) {
      const moved = thrown instanceof Failure && thrown.code === "Conflict";
      if (!moved || attempt === attempts) throw thrown;
    }
  }
}
