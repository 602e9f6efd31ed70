import { createBackoff } from "../../clock/index.ts";
import { abortFailure } from "../../model/async/abort-failure.ts";
import { type Failure, type FailureCode, toFailure } from "../../model/failure.ts";
import { isOlder } from "../../model/resource-version.ts";
import type { WatchEvent } from "../cluster.ts";
import { anyVersion, type Follower, type Progress, withoutManagedFields } from "./follower.ts";
import { whileChecked } from "./moment-check.ts";
import { pausesUntilReturn } from "./pause-until-return.ts";

/** After so many failures in a row the version to go on from may itself be what is wrong (a restored etcd). */
const failuresBeforeList = 3;

const refusals: readonly FailureCode[] = ["Forbidden", "Unauthorized", "KindUnknown", "SpecInvalid"];

/** Lists and watches until the signal is aborted. Throws its reason, or the refusal of the very first list. */
export async function follow(follower: Follower, signal: AbortSignal): Promise<never> {
  const { pace } = follower;
  const backoff = createBackoff({ shortestMs: pace.shortestPauseMs, longestMs: pace.longestPauseMs });
  const backOff = pausesUntilReturn(follower.cluster);
  const progress: Progress = {
    version: undefined,
    latest: undefined,
    doubtful: false,
    rewound: false,
    metadataOnly: undefined,
    listedOnce: false,
    failuresInRow: 0,
  };
  for (;;) {
    const started = performance.now();
    const renewed = follower.renewable();
    if (isOfOtherProjection(follower, progress)) progress.version = undefined;
    try {
      progress.version ??= await list(follower, progress, signal);
      progress.listedOnce = true;
      const ends = AbortSignal.any([signal, renewed]);
      await whileChecked(follower, progress, ends, () => watch(follower, progress, ends));
    } catch (thrown) {
      if (signal.aborted) throw abortFailure(signal);
      if (!renewed.aborted) onFailure(follower, progress, toFailure(thrown));
    }
    if (renewed.aborted || progress.version === anyVersion) progress.version = undefined;
    if (performance.now() - started >= pace.stableMs) backoff.reset();
    // Who needs the whole objects waits for nothing but their list.
    if (!isOfOtherProjection(follower, progress)) await backOff(backoff.next(), signal);
  }
}

/** What is held is not what is wanted by now, and only a list makes it so. */
function isOfOtherProjection({ query }: Follower, { metadataOnly }: Progress): boolean {
  return metadataOnly !== undefined && metadataOnly !== query.metadataOnly;
}

function onFailure(follower: Follower, progress: Progress, failure: Failure): void {
  if (!progress.listedOnce && refusals.includes(failure.code)) throw failure;
  follower.failed(failure);
  progress.doubtful = true;
  progress.failuresInRow++;
  if (progress.failuresInRow >= failuresBeforeList) progress.version = undefined;
  if (failure.code === "KindUnknown") {
    // Its definition was deleted, and all its objects with it.
    progress.version = undefined;
    // It may only be served no more, and come back with the objects that it had.
    progress.latest = undefined;
    follower.tell(follower.store.replace([]));
  }
}

async function list(follower: Follower, progress: Progress, signal: AbortSignal): Promise<string> {
  const { cluster, store } = follower;
  const query = { ...follower.query, keep: withoutManagedFields };
  progress.metadataOnly = query.metadataOnly;
  const { items, ...listed } = await cluster.list(query.resource, query, signal);
  const resourceVersion = toldVersion(listed.resourceVersion) ?? anyVersion;
  const rewound =
    progress.rewound || isOlder(resourceVersion, progress.latest) || store.isBehind(items, progress.latest);
  // Before all else: what there is no room for was not listed.
  const changes = store.replace(items);
  progress.latest = resourceVersion;
  progress.rewound = false;
  progress.doubtful = false;
  // First: who is told of a change may ask whether what is shown can be relied on.
  follower.failed(undefined);
  follower.listed(query.metadataOnly);
  follower.tell(changes);
  if (rewound) follower.rewound();
  return resourceVersion;
}

async function watch(follower: Follower, progress: Progress, signal: AbortSignal): Promise<void> {
  const { cluster, query, pace } = follower;
  // Between four fifths and the whole, so that the watches of many kinds do not all end at once.
  const timeoutSeconds = Math.ceil(pace.serverTimeoutSeconds * (0.8 + Math.random() / 5));
  const resourceVersion = progress.version ?? anyVersion;
  const options = { ...query, resourceVersion, timeoutSeconds, silenceMs: pace.silenceMs };
  const started = performance.now();
  for await (const event of cluster.watch(query.resource, options, signal)) {
    applyEvent(follower, progress, event);
    // Nothing to go on from: a list is next.
    if (progress.version === undefined) return;
    progress.latest = progress.version;
  }
  // An API server that is shut down ends its watches in order as well.
  if (performance.now() - started < timeoutSeconds * 1000) progress.doubtful = true;
}

function applyEvent({ store, tell, failed }: Follower, progress: Progress, event: WatchEvent): void {
  switch (event.type) {
    case "OPENED":
      progress.failuresInRow = 0;
      failed(undefined);
      return;
    case "ADDED":
    case "MODIFIED": {
      const version = notBefore(progress.version, event.object.metadata.resourceVersion);
      // First: what there is no room for was not seen, and the next watch shows it again.
      if (version !== undefined) tell(store.put(withoutManagedFields(event.object)));
      progress.version = version;
      return;
    }
    case "DELETED":
      tell(store.remove(withoutManagedFields(event.object)));
      progress.version = notBefore(progress.version, event.object.metadata.resourceVersion);
      return;
    case "BOOKMARK":
      // One without a version says nothing.
      progress.version = notBefore(progress.version, toldVersion(event.resourceVersion) ?? progress.version);
      return;
    case "EXPIRED":
      progress.version = undefined;
      return;
  }
}

/** A version that is one: "" and "0" stand for any, and none goes on from there ("Resource versions" in Kubernetes' API concepts). */
function toldVersion(version: string | undefined): string | undefined {
  return version === anyVersion || version === "0" ? undefined : version;
}

/** The version to go on from, or undefined where there is none or versions go back, so that only a list tells what there is. */
function notBefore(known: string | undefined, version: string | undefined): string | undefined {
  return isOlder(version, known) ? undefined : toldVersion(version);
}
