import type { Environment } from "../api/environment/environment.ts";
import type { Cluster } from "../cluster/index.ts";
import { compileHealthExprs } from "../health/index.ts";
import { groupOf } from "../model/object-id.ts";
import { type ApplyTarget, createComparisonCache, type Slot } from "../rollout/index.ts";
import { secretVariables } from "./variables.ts";

/** The way to the cluster that an Environment's objects are in, as the identity it acts as. */
export interface TargetConnection<PassSlot extends Slot = Slot>
  extends Pick<ApplyTarget, "cluster" | "watches" | "view" | "evidence" | "vouch" | "ownershipPeers"> {
  readonly slot: PassSlot;
  /** The cluster that the Environment itself is in, with the Secrets that it names. */
  readonly home: Cluster;
}

/**
 * Where an Environment is rolled out to, for the agent's passes and for plans alike. It belongs to one generation of the
 * spec. Throws `Failure` (SpecInvalid) for an expression of `healthCheckExprs` that does not compile.
 */
export function applyTarget<PassSlot extends Slot>(
  environment: Environment,
  { home, ...connection }: TargetConnection<PassSlot>,
): ApplyTarget & { readonly slot: PassSlot } {
  const { spec, metadata } = environment;
  const { ignore = [], healthChecks = [], healthCheckExprs } = spec;
  return {
    ...connection,
    owner: { name: metadata.name, namespace: metadata.namespace },
    comparisons: createComparisonCache(),
    ignore,
    healthRules: healthCheckExprs === undefined ? undefined : compileHealthExprs(healthCheckExprs),
    externalChecks: healthChecks.map(({ apiVersion, kind, name, namespace = metadata.namespace }) => ({
      apiVersion,
      id: { group: groupOf(apiVersion), kind, name, namespace },
    })),
    hiddenValues: (signal) => secretVariables(home, environment, signal),
  };
}
