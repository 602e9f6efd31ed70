import type { IgnoreRule } from "../../api/environment/rollout-spec.ts";
import type { Cluster, WatchHub } from "../../cluster/index.ts";
import type { HealthRules } from "../../health/index.ts";
import type { Origin } from "../../model/manifest.ts";
import type { ObjectId } from "../../model/object-id.ts";
import type { Owner } from "../../plan/index.ts";
import type { Vouch } from "../observe/desired.ts";
import type { EvidenceView } from "../watch/evidence.ts";
import type { LiveView } from "../watch/live-view.ts";
import type { ComparisonCache } from "./comparison-cache.ts";
import type { OwnershipPeers } from "./ownership-peers.ts";
import type { Slot } from "./slot.ts";

/** An object to wait for. */
export interface KubeObjectRef {
  readonly id: ObjectId;
  readonly apiVersion: string;
  /** Where it stands in the repository; absent for external checks. */
  readonly origin?: Origin;
}

/** Where an Environment is rolled out to, and on whose behalf: the same for each of its revisions. */
export interface ApplyTarget {
  /** Already impersonating, where the environment asks for it. */
  readonly cluster: Cluster;
  /** The watches of the same identity. */
  readonly watches: WatchHub;
  readonly view: LiveView;
  readonly evidence: EvidenceView;
  readonly owner: Owner;
  /** Checks the rights of the identity before anything sealed is opened for it. */
  readonly vouch: Vouch;
  /** Released during every wait. */
  readonly slot: Slot;
  /** What earlier passes compared. */
  readonly comparisons: ComparisonCache;
  readonly ignore: readonly IgnoreRule[];
  readonly healthRules: HealthRules | undefined;
  /** The other Environments of the same cluster, where objects move from one to another. */
  readonly ownershipPeers: OwnershipPeers;
  /** Objects outside the Environment that must be healthy as well before a rollout has succeeded. */
  readonly externalChecks: readonly KubeObjectRef[];
  /** Reads values that must not be quoted from a log, beside those of the Environment's own Secrets. */
  readonly hiddenValues?: (signal: AbortSignal) => Promise<readonly string[]>;
}
