import type { Environment } from "../api/environment/environment.ts";
import type { Evidence, PromotionReason, PullRequestStatus } from "../api/promotion/promotion-status.ts";
import type { FileTree } from "../model/file-tree.ts";
import type { Remote } from "../source/index.ts";
import type { PromotionCache } from "./cache.ts";
import type { Proven } from "./decide/proof.ts";
import type { GatherTree, Overlay } from "./effect/effect.ts";
import type { Forge } from "./forge/forge.ts";

/** What is to be promoted, and where to. */
export interface PromotionTask {
  /** `namespace/name` of the Promotion, or of what stands for it. */
  readonly id: string;
  /** The branch that pull requests come from: Mooring's own. */
  readonly head: string;
  /** The branch that they go to. */
  readonly branch: string;
  readonly soakMs: number;
  readonly autoMerge: boolean;
  readonly from: Environment;
  readonly overlay: Overlay | undefined;
  /** The commit that the head branch was last set to, as far as that is remembered. */
  readonly lastProposed: string | undefined;
}

/** What a promotion works with. */
export interface PromotionTools {
  readonly forge: Forge;
  readonly pushRef: Remote["pushRef"];
  /** The files of a commit of the repository. */
  readonly files: (commit: string, signal: AbortSignal) => Promise<FileTree>;
  /** Adds to such files what kustomizations take from elsewhere. */
  readonly gather: GatherTree;
  readonly now: () => Date;
  readonly cache: PromotionCache;
  /** Told before the head branch is set: a crash afterwards must not make the commit look like somebody else's. */
  readonly recordIntent: (proven: Proven, signal: AbortSignal) => Promise<void>;
  /** What may have changed since, read anew right before a merge; undefined: no longer wanted. */
  readonly recheck: (signal: AbortSignal) => Promise<Rechecked | undefined>;
}

/** The gates that people and the source environment hold. */
export interface Rechecked {
  readonly hold: boolean;
  readonly from: Environment;
}

/** What was done, and how things are. */
export interface PromotionOutcome {
  readonly action: "opened" | "updated" | "closed" | "merged" | "none";
  /** Ready, as kstatus means it; `Unknown`: it will be by itself. */
  readonly ready: "True" | "False" | "Unknown";
  readonly reason: PromotionReason;
  readonly message: string;
  readonly request: PullRequestStatus | undefined;
  readonly evidence: Evidence | undefined;
  /** When time alone makes a difference. */
  readonly until?: Date | undefined;
  /** The forge is working something out: look again within seconds. */
  readonly requeueSoon?: boolean | undefined;
}
