import type { Environment } from "../../../api/environment/environment.ts";
import type { Cluster } from "../../../cluster/index.ts";
import type { SnapshotStore } from "../../../environment/index.ts";
import { fail, maintain, prepare, type RenderStages, rollBack, rollOut, type Unseal } from "../../../rollout/index.ts";
import type { Rendering, SopsItems } from "../../../sandbox/index.ts";
import type { PassTarget } from "../bindings/bindings.ts";
import type { Subscription } from "../bindings/sources.ts";
import type { NotableEvent, StatusWriter } from "../decisions/decision.ts";

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

/** What finds out the content that an Environment should have: for its own passes, and for its peers. It writes nothing. */
export interface ContentContext {
  readonly environment: Environment;
  readonly status: Pick<StatusWriter, "current">;
  readonly source: Subscription;
  readonly snapshots: Pick<SnapshotStore, "read">;
  readonly render: RenderStages;
  readonly rendering: Rendering;
  readonly sops: SopsItems | undefined;
  /** The agent's own connection. */
  readonly cluster: Cluster;
  readonly record: (event: NotableEvent) => void;
}

/** Everything one pass over an Environment works with. */
export interface PassContext extends ContentContext {
  readonly rollouts: Rollouts;
  readonly status: StatusWriter;
  readonly target: PassTarget;
  readonly snapshots: SnapshotStore;
  readonly unseal: Unseal;
  /** Throws `Failure` (DependencyNotReady) while a dependency is not ready. */
  readonly checkDependencies: () => void;
  /** Logs what was thrown where the pass continues all the same. */
  readonly logFailure: (what: string, thrown: unknown) => void;
  /** Called just before the newest revision is read: one that comes later does not belong to this pass. */
  readonly reading: () => void;
  /** Called with the revision before anything else is done with it: whatever fails from then on is about that one. */
  readonly attempting: (revision: string) => void;
}
