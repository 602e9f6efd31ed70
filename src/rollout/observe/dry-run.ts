import { refOf } from "../../cluster/index.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { type Observed, takeOver, withoutStuckPatch } from "../../plan/index.ts";
import { rejectionOf } from "../judge/rejection.ts";
import type { ApplyTarget } from "../target/apply-target.ts";

/** What an apply would make of an object, or why the API server rejects it. */
export type DryRun = { readonly created: boolean } & Pick<Observed, "applied" | "rejection">;

/** Applies an object by dry run. A rejection is an answer; an error of the API is thrown as `Failure`. */
export async function dryRun(
  { cluster }: Pick<ApplyTarget, "cluster">,
  manifest: Manifest,
  object: KubeObject,
  signal: AbortSignal,
): Promise<DryRun> {
  try {
    const { object: applied, created } = await cluster.apply(object, { dryRun: true, force: true }, signal);
    return { applied, created };
  } catch (thrown) {
    return { created: false, rejection: rejectionOf(thrown, manifest) };
  }
}

/** A desired object beside the live one. */
export interface DesiredAndLive {
  readonly manifest: Manifest;
  readonly object: KubeObject;
  readonly live: KubeObject | undefined;
}

/** What an object would be without the fields that only its former managers still hold. Throws and answers as `dryRun`. */
export async function observeTakeOver(
  { cluster }: Pick<ApplyTarget, "cluster">,
  { manifest, object, live }: DesiredAndLive,
  signal: AbortSignal,
): Promise<Pick<Observed, "takeOver" | "rejection">> {
  const from = live === undefined ? undefined : takeOver(live, object);
  if (live === undefined || from === undefined) return {};
  if (from.stuck.length === 0) return { takeOver: { from, without: live } };
  const patch = { type: "json", body: withoutStuckPatch(from) } as const;
  try {
    return { takeOver: { from, without: await cluster.patch(refOf(object), patch, { dryRun: true }, signal) } };
  } catch (thrown) {
    return { rejection: rejectionOf(thrown, manifest) };
  }
}
