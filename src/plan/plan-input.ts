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
  /** What the API server says it would become; undefined where it could not be asked yet (its CRD or Namespace is still to come). */
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
  /** The digest that somebody approved although the brake held it. */
  readonly approved: string | undefined;
  /** The Environment itself goes, so that nothing is desired any more. */
  readonly leaving?: boolean;
  /** Set where the desired content is of the past: a rollback, or what is kept while something newer failed. */
  readonly rollback?: RollbackScope | undefined;
  /** What other Environments say of the objects that are theirs or might become so; absent: nothing is known of others. */
  readonly peers?: PeerClaims | undefined;
}

/**
 * Content of the past takes nothing from others that have an object now, and deletes neither what cannot be made again nor
 * what was there before the revision that failed.
 */
export interface RollbackScope {
  /** The inventory ids of what that revision found in the cluster, not created by it nor by this Environment before. */
  readonly found: ReadonlySet<string>;
  /** The inventory ids of what it created: all that is ever deleted. Undefined where that was not recorded. */
  readonly created?: ReadonlySet<string> | undefined;
}

/** What the other Environments of the same cluster say. Keys are inventory ids. */
export interface PeerClaims {
  /** What this Environment has, and another one wants. */
  readonly claimed: ReadonlyMap<string, Owner>;
  /** What carries the labels of an Environment that does not want it any more. */
  readonly unclaimed: ReadonlySet<string>;
}
