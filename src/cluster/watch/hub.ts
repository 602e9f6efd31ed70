import { Failure } from "../../model/failure.ts";
import type { Cluster, ResourceType } from "../cluster.ts";
import type { WatchPace, WatchQuery } from "./follower.ts";
import { SharedWatch, type Subscription } from "./shared-watch.ts";

/**
 * The watches of one identity in one cluster. Whoever needs the same of the same objects (kind and version, namespace, labels;
 * whole or metadata) shares one watch: it is opened for the first and closed with the last. Whole objects are a watch beside the
 * one of metadata: a list of them can be too large where that of their metadata is not, and then only those who need it suffer.
 * One that was refused is left to those who have it, so that whoever comes next tries again.
 */
export interface WatchHub {
  /** Opens or joins a watch. Throws `Failure` (Interrupted) once the hub is closed. */
  subscribe(query: WatchQuery): Subscription;
  /** Why a kind may not be watched in all namespaces (`Forbidden`), where that was found out in the last ten minutes. */
  refused(type: ResourceType): Failure | undefined;
  /** How many watches are open. */
  readonly size: number;
  /** Closes every watch: what they hold stays readable, and whoever waits for a list is interrupted. */
  close(): Promise<void>;
}

/** How long a refusal counts before the API server is asked again: rights change seldom. */
const refusalMs = 600_000;

/** A hub without watches. */
export function createWatchHub(cluster: Cluster, pace?: WatchPace): WatchHub {
  const current = new Map<string, SharedWatch>();
  const open = new Set<SharedWatch>();
  const refusals = new Map<string, { readonly failure: Failure; readonly at: number }>();
  let closed = false;

  function start(key: string, query: WatchQuery): SharedWatch {
    const watch = new SharedWatch(cluster, query, {
      ...(pace === undefined ? {} : { pace }),
      refused(failure) {
        if (failure.code !== "Forbidden" || isWithin(query)) return;
        refusals.set(kindKey(query.resource), { failure, at: performance.now() });
      },
      unused() {
        open.delete(watch);
        if (current.get(key) === watch) current.delete(key);
      },
    });
    current.set(key, watch);
    open.add(watch);
    return watch;
  }

  return {
    subscribe(query) {
      if (closed) throw new Failure("Interrupted", { message: "the watches of the cluster were closed" });
      const key = `${kindKey(query.resource)} ${query.namespace ?? ""} ${query.labelSelector ?? ""} ${query.metadataOnly ? "metadata" : "whole"}`;
      const known = current.get(key);
      const watch = known === undefined || known.hasEnded ? start(key, query) : known;
      return watch.join();
    },
    refused(type) {
      const known = refusals.get(kindKey(type));
      return known !== undefined && performance.now() - known.at < refusalMs ? known.failure : undefined;
    },
    get size() {
      return open.size;
    },
    async close() {
      closed = true;
      const all = [...open];
      open.clear();
      current.clear();
      await Promise.all(all.map((watch) => watch.close()));
    },
  };
}

function isWithin({ namespace = "" }: WatchQuery): boolean {
  return namespace !== "";
}

/** A kind that is served in several versions, or made again with another scope, is several. */
function kindKey({ group, version, kind, plural, namespaced }: ResourceType): string {
  return `${plural}.${version}.${group} ${kind} ${namespaced ? "namespaced" : "cluster"}`;
}
