import type { Environment } from "../../api/environment/environment.ts";
import { openingOf, readSopsItems, type SnapshotStore } from "../../environment/index.ts";
import { createStageRenderer, type Unseal } from "../../rollout/index.ts";
import {
  type Owner,
  type SopsItems,
  sandboxedDecrypt,
  sandboxedRendering,
  sandboxedTemplates,
} from "../../sandbox/index.ts";
import type { Bindings, Lent } from "../bindings.ts";
import type { Subscription } from "./bindings/sources.ts";
import { checkDependencies } from "./passes/dependencies.ts";
import { type DesireContext, type PassContext, rollouts } from "./passes/pass-context.ts";
import type { RunnerContext } from "./runner-context.ts";
import type { NotableEvent } from "./status/decision.ts";
import type { StatusWriter } from "./status/status.ts";

/** What one pass is told of as it goes on. */
export type PassNews = Pick<PassContext, "reading" | "attempting" | "wentWrong">;

/** What the passes over one Environment, and the questions about it, work with. */
export interface Workshop {
  /** For a pass; `environment` is at its pin, where it has one. Throws as what it is tied to, and as `openingOf`. */
  passContext(
    environment: Environment,
    pass: PassNews & { readonly status: StatusWriter },
    signal: AbortSignal,
  ): Promise<PassContext>;
  /** For a question of another Environment, which must change nothing under a pass of this one. */
  lendDesire(
    environment: Environment,
    status: () => Pick<StatusWriter, "current">,
    signal: AbortSignal,
  ): Promise<Lent<DesireContext>>;
}

/** What belongs to one Environment alone. */
export interface Own {
  readonly owner: Owner;
  readonly attachments: Bindings;
  readonly snapshots: SnapshotStore;
  readonly tell: (environment: Environment, event: NotableEvent) => void;
}

/** The workshop of one Environment. */
export function createWorkshop(
  { cluster, keys, find, sandbox }: RunnerContext,
  { owner, attachments, snapshots, tell }: Own,
): Workshop {
  const decrypt = sandboxedDecrypt(sandbox, owner);
  const rendering = sandboxedRendering(sandbox, owner);
  const render = createStageRenderer(rendering.build);

  const desire = (
    environment: Environment,
    status: Pick<StatusWriter, "current">,
    source: Subscription,
    sops: SopsItems | undefined,
  ): DesireContext => ({
    environment,
    status,
    source,
    snapshots,
    render,
    rendering,
    sops,
    cluster,
    happen: (event) => tell(environment, event),
  });

  return {
    async passContext(environment, { status, ...news }, signal) {
      const target = await attachments.target(environment, signal);
      const source = await attachments.source(environment, signal);
      const templates = sandboxedTemplates(sandbox, owner, signal);
      const unsealSealed: Unseal = (manifests) => keys.unseal(manifests, templates);
      const opening = await openingOf(cluster, environment, { unsealSealed, decrypt }, signal);
      return {
        ...news,
        ...desire(environment, status, source, opening.sops),
        ...opening,
        rollouts,
        status,
        target,
        snapshots,
        checkDependencies: () => checkDependencies(environment, find),
      };
    },
    async lendDesire(environment, status, signal) {
      const sops = await readSopsItems(cluster, environment, signal);
      const lent = await attachments.lendSource(environment, signal);
      return { ...lent, value: desire(environment, status(), lent.value, sops) };
    },
  };
}
