import type { ResourceType } from "../../cluster/index.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import type { InventoryEntry } from "../../model/inventory.ts";
import { type ObjectId, parseId } from "../../model/object-id.ts";
import type { Observed } from "../../plan/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import type { Tracked } from "../watch/kind-use.ts";
import { isWhole, servedKind } from "./resolve.ts";

/** What is in the inventory and no longer desired. */
export interface Leftover {
  /** Its inventory id. */
  readonly key: string;
  /** What it is, where its kind is served still. */
  readonly known: { readonly id: ObjectId; readonly type: ResourceType } | undefined;
}

const concurrency = 16;

/** Finds the kinds of the leftovers among inventory entries. Throws as `servedKind` does. */
export async function findLeftovers(
  target: ApplyTarget,
  entries: readonly InventoryEntry[],
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  const find = async ({ id: key, v }: InventoryEntry): Promise<Leftover> => {
    const id = parseId(key);
    const type = id === undefined ? undefined : await servedKind(target.cluster, id, v, signal);
    // A kind that was made again with another scope has none of the objects that it had.
    const isSame = type !== undefined && type.namespaced === (id?.namespace !== "");
    return { key, known: id !== undefined && isSame ? { id, type } : undefined };
  };
  return inParallel(entries, concurrency, find, signal);
}

/** The kinds of leftovers that are served, each with the namespaces in which objects of it are. */
export function kindsOfLeftovers(target: ApplyTarget, leftovers: readonly Leftover[]): readonly Tracked[] {
  const known = leftovers.flatMap((each) => each.known ?? []);
  const kinds = Map.groupBy(known, ({ type: { group, version, kind } }) => `${group}/${version} ${kind}`);
  return [...kinds.values()].flatMap((members): readonly Tracked[] => {
    const [first] = members;
    if (first === undefined) return [];
    const namespaces = [...new Set(members.map(({ id }) => id.namespace))];
    return [{ type: first.type, namespaces, whole: isWhole(target, first.type) }];
  });
}

/** Reads a leftover as it is now. Throws `Failure` where the API cannot answer. */
export async function observeLeftover(
  { cluster }: ApplyTarget,
  { key, known }: Leftover,
  signal: AbortSignal,
): Promise<readonly [string, Observed]> {
  if (known === undefined) return [key, { live: undefined }];
  const { id, type } = known;
  const apiVersion = id.group === "" ? type.version : `${id.group}/${type.version}`;
  return [key, { live: await cluster.get({ apiVersion, ...id }, signal) }];
}
