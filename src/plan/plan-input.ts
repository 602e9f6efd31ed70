import type { DeletionGuard } from "../api/environment/rollout-spec.ts";
import type { Failure } from "../model/failure.ts";
import type { Inventory } from "../model/inventory.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import type { Owner } from "./ownership/owner.ts";
import type { TakeOver } from "./ownership/take-over.ts";

/** What is known of one object before anything is written. */
export interface Observed {
  /** The object as it is; undefined where there is none. */
  readonly live: KubeObject | undefined;
  /** What the API server says it would become; undefined where a dry run is not possible yet (its CRD or Namespace is created by the same plan). */
  readonly applied?: KubeObject | undefined;
  /** What is taken over from former managers, and the object as it would be without their stuck fields. */
  readonly takeOver?: { readonly from: TakeOver; readonly without: KubeObject } | undefined;
  /** Why the API server would not take it. */
  readonly rejection?: Failure | undefined;
}

/** The desired objects of one stage. */
export interface StagedManifests {
  readonly name: string;
  readonly manifests: readonly Manifest[];
}

/** Everything a plan depends on. Observations are keyed by inventory id. */
export interface PlanInput {
  readonly stages: readonly StagedManifests[];
  readonly observed: ReadonlyMap<string, Observed>;
  readonly inventory: Inventory;
  readonly owner: Owner;
  readonly prune: boolean;
  readonly force: boolean;
  /** Absent: deletions are never held. */
  readonly guard: DeletionGuard | undefined;
  /** The digest that was approved although its deletions were held. */
  readonly approved: string | undefined;
  /** The Environment itself is deleted, so that nothing is desired any more. */
  readonly leaving?: boolean;
  /** Set for a rollback, and while the last healthy content is maintained after a failure. */
  readonly rollback?: RollbackScope | undefined;
  /** What peers claim; absent: nothing is known of peers. */
  readonly peers?: PeerClaims | undefined;
}

/**
 * A rollback takes no object from its present owner, and deletes neither what cannot be recreated nor
 * what was there before the revision that failed.
 */
export interface RollbackScope {
  /** The inventory ids of what that revision found in the cluster, not created by it nor by this Environment before. */
  readonly found: ReadonlySet<string>;
  /** The inventory ids of what it created: all that is ever deleted. Undefined where that was not recorded. */
  readonly created?: ReadonlySet<string> | undefined;
}

/** Claims of the other Environments of the same cluster. Keys are inventory ids. */
export interface PeerClaims {
  /** What this Environment owns, and another one claims. */
  readonly claimed: ReadonlyMap<string, Owner>;
  /** What carries the labels of an Environment that no longer claims it. */
  readonly unclaimed: ReadonlySet<string>;
}
