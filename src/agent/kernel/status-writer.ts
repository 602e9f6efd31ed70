import { type Condition, type NewCondition, setConditions } from "../../api/conditions.ts";
import { apiVersion } from "../../api/names.ts";
import type { Cluster } from "../../cluster/index.ts";
import type { ObjectMeta } from "../../model/manifest.ts";
import { type DoubtfulMembers, doubtAfter, statusPatch } from "./status-patch.ts";

/** What every status has; the other fields are the kind's own. */
export interface AnyStatus {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition<string, string>[];
}

type ConditionIn<Status extends AnyStatus> = NonNullable<Status["conditions"]>[number];

/** What is to change in a status. A field given as null is removed. */
export interface StatusChange<Status extends AnyStatus> {
  readonly conditions?: readonly NewCondition<ConditionIn<Status>["type"], ConditionIn<Status>["reason"]>[];
  readonly fields?: { readonly [K in keyof Omit<Status, "conditions">]?: Status[K] | null };
}

/** The only writer of one resource's status. */
export interface StatusWriter<Status extends AnyStatus> {
  /** The status as it was read, with everything that was written since: the watch may lag behind. */
  readonly current: Status;
  /**
   * Writes what changes, in one request; none where nothing does. Throws as `Cluster.patch` does: it is not known then
   * whether the members were written, and the next request writes them again, whatever they are by then.
   */
  write(change: StatusChange<Status>, signal: AbortSignal): Promise<void>;
  /** The same for what came of a pass: its generation of the spec counts as acted on. */
  conclude(change: StatusChange<Status>, signal: AbortSignal): Promise<void>;
}

/** A resource of Mooring's own API group, as it was read. */
export interface ResourceWithStatus<Status extends AnyStatus> {
  readonly metadata: ObjectMeta;
  readonly status: Status;
}

/** A writer that starts from the status as it was read. `generation` is that of the spec that the pass acts on. */
export function createStatusWriter<Status extends AnyStatus>(
  cluster: Pick<Cluster, "patch">,
  kind: string,
  { metadata: { name, namespace = "" }, status }: ResourceWithStatus<Status>,
  generation: () => number,
): StatusWriter<Status> {
  let current = status;
  let doubtful: DoubtfulMembers = new Map();

  async function put({ conditions = [] }: StatusChange<Status>, fields: object, signal: AbortSignal): Promise<void> {
    const at = { now: new Date().toISOString().replace(/\.\d+Z$/, "Z"), generation: generation() };
    const next = { ...current, ...fields, conditions: setConditions(current.conditions ?? [], conditions, at) };
    const patch = statusPatch(current, next, doubtful);
    if (Object.keys(patch).length === 0) return;
    doubtful = doubtAfter(patch, doubtful);
    const body = { type: "merge", body: { status: patch } } as const;
    await cluster.patch({ apiVersion, kind, namespace, name }, body, { subresource: "status" }, signal);
    doubtful = new Map();
    current = withoutNulls<Status>(next);
  }

  return {
    get current() {
      return current;
    },
    write: (change, signal) => put(change, { ...change.fields }, signal),
    conclude: (change, signal) => put(change, { observedGeneration: generation(), ...change.fields }, signal),
  };
}

/** A status after a patch: what was null is gone. */
function withoutNulls<Status extends AnyStatus>(status: object): Status {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== null)) as Status;
}
