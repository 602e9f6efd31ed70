import { type Condition, type NewCondition, setConditions } from "../../../api/conditions.ts";
import type { Environment } from "../../../api/environment/environment.ts";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import { apiVersion } from "../../../api/names.ts";
import type { Cluster } from "../../../cluster/index.ts";
import { rememberStatus } from "../../kernel/status-memory.ts";

/** What is to change in a status. A field given as null is taken away. */
export interface StatusChange {
  readonly conditions?: readonly NewCondition[];
  readonly fields?: { readonly [K in keyof Omit<EnvironmentStatus, "conditions">]?: EnvironmentStatus[K] | null };
}

/** The one writer of an Environment's status. */
export interface StatusWriter {
  readonly current: EnvironmentStatus;
  /** Writes what really changes, and what a write before may not have written, in one request; nothing where nothing does. */
  write(change: StatusChange, signal: AbortSignal): Promise<void>;
}

/**
 * A writer that starts from the status as it was read. It goes by its own memory from then on: the watch may lag
 * behind its writes.
 */
export function createStatusWriter(
  cluster: Pick<Cluster, "patch">,
  environment: Environment,
  generation: () => number,
): StatusWriter {
  const { name, namespace } = environment.metadata;
  const memory = rememberStatus(cluster, { apiVersion, kind: "Environment", namespace, name }, environment.status);
  return {
    get current() {
      return memory.current;
    },
    async write(change, signal) {
      const at = {
        now: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
        generation: generation(),
      };
      const conditions = setConditions(memory.current.conditions ?? [], change.conditions ?? [], at);
      await memory.become({ ...memory.current, ...change.fields, conditions }, signal);
    },
  };
}

/** The conditions a status has, by type. */
export function conditionOf(status: EnvironmentStatus, type: Condition["type"]): Condition | undefined {
  return status.conditions?.find((each) => each.type === type);
}
