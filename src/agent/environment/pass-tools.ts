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
import type { Bindings, Lent } from "./bindings/bindings.ts";
import type { Subscription } from "./bindings/sources.ts";
import type { NotableEvent, StatusWriter } from "./decisions/decision.ts";
import { checkDependencies } from "./passes/dependencies.ts";
import { type ContentContext, type PassContext, rollouts } from "./passes/pass-context.ts";
import type { RunnerContext } from "./runner-context.ts";

/** What a pass reports as it goes on. */
export type PassCallbacks = Pick<PassContext, "reading" | "attempting" | "logFailure">;

/** Gathers what the passes over one Environment work with, and the questions of its peers. */
export interface PassTools {
  /** For a pass; `environment` is at its pin, where it has one. Throws as `Bindings` and `openingOf` do. */
  forPass(
    environment: Environment,
    pass: PassCallbacks & { readonly status: StatusWriter },
    signal: AbortSignal,
  ): Promise<PassContext>;
  /** For a question of a peer, which must change nothing under a pass of this Environment. */
  forPeer(
    environment: Environment,
    status: () => Pick<StatusWriter, "current">,
    signal: AbortSignal,
  ): Promise<Lent<ContentContext>>;
}

/** What belongs to one Environment alone. */
export interface OwnTools {
  readonly owner: Owner;
  readonly bindings: Bindings;
  readonly snapshots: SnapshotStore;
  readonly record: (environment: Environment, event: NotableEvent) => void;
}

/** The tools of one Environment. */
export function createPassTools(
  { cluster, keys, find, sandbox }: RunnerContext,
  { owner, bindings, snapshots, record }: OwnTools,
): PassTools {
  const decrypt = sandboxedDecrypt(sandbox, owner);
  const rendering = sandboxedRendering(sandbox, owner);
  const render = createStageRenderer(rendering.build);

  const contentContext = (
    environment: Environment,
    status: Pick<StatusWriter, "current">,
    source: Subscription,
    sops: SopsItems | undefined,
  ): ContentContext => ({
    environment,
    status,
    source,
    snapshots,
    render,
    rendering,
    sops,
    cluster,
    record: (event) => record(environment, event),
  });

  return {
    async forPass(environment, { status, ...callbacks }, signal) {
      const target = await bindings.target(environment, signal);
      const source = await bindings.source(environment, signal);
      const templates = sandboxedTemplates(sandbox, owner, signal);
      const unsealSealed: Unseal = (manifests) => keys.unseal(manifests, templates);
      const opening = await openingOf(cluster, environment, { unsealSealed, decrypt }, signal);
      return {
        ...callbacks,
        ...contentContext(environment, status, source, opening.sops),
        ...opening,
        rollouts,
        status,
        target,
        snapshots,
        checkDependencies: () => checkDependencies(environment, find),
      };
    },
    async forPeer(environment, status, signal) {
      const sops = await readSopsItems(cluster, environment, signal);
      const lent = await bindings.lendSource(environment, signal);
      return { ...lent, value: contentContext(environment, status(), lent.value, sops) };
    },
  };
}
