import type { Environment } from "../api/environment.ts";
import type { Cluster } from "../cluster/index.ts";
import { fail, maintain, prepare, type RenderStages, rollBack, rollOut, type Unseal } from "../rollout/index.ts";
import type { FindStageRemotes, SopsItems } from "../sandbox/index.ts";
import type { PassTarget } from "./attachments.ts";
import type { Happening } from "./decision.ts";
import type { SnapshotStore } from "./snapshots.ts";
import type { Subscription } from "./sources.ts";
import type { StatusWriter } from "./status.ts";

/** What is done about a difference: `rollouts`, unless a test has others. */
export interface Rollouts {
  readonly prepare: typeof prepare;
  readonly maintain: typeof maintain;
  readonly rollOut: typeof rollOut;
  readonly rollBack: typeof rollBack;
  readonly fail: typeof fail;
}

/** The real ones. */
export const rollouts: Rollouts = { prepare, maintain, rollOut, rollBack, fail };

/** Everything one pass over an Environment works with. */
export interface PassContext {
  readonly rollouts: Rollouts;
  readonly environment: Environment;
  readonly status: StatusWriter;
  readonly source: Subscription;
  readonly target: PassTarget;
  readonly snapshots: SnapshotStore;
  readonly render: RenderStages;
  readonly findRemotes: FindStageRemotes;
  readonly unseal: Unseal;
  readonly sops: SopsItems | undefined;
  /** The agent's own connection. */
  readonly cluster: Cluster;
  /** Throws `Failure` (DependencyNotReady) while a dependency is not ready. */
  readonly checkDependencies: () => void;
  readonly happen: (happening: Happening) => void;
  /** Logs what was thrown where the pass goes on without. */
  readonly wentWrong: (what: string, thrown: unknown) => void;
  /** Told just before the newest revision is read: one that comes later does not belong to this pass. */
  readonly reading: () => void;
  /** Told which revision it is, before anything else is done with it: whatever goes wrong from then on is about that one. */
  readonly attempting: (revision: string) => void;
}
