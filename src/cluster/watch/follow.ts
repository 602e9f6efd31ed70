import { createBackoff } from "../../clock/index.ts";
import { abortFailure } from "../../model/async/abort-failure.ts";
import { type Failure, type FailureCode, toFailure } from "../../model/failure.ts";
import { isOlder } from "../../model/resource-version.ts";
import type { WatchEvent } from "../cluster.ts";
import { anyVersion, type Follower, type Progress, withoutManagedFields } from "./follower.ts";
import { createRecoverablePause } from "./recoverable-pause.ts";
import { whileCheckingForRestore } from "./restore-check.ts";

/** After so many failures in a row the version to resume from may itself be wrong (a restored etcd). */
const failuresBeforeList = 3;

const refusals: readonly FailureCode[] = ["Forbidden", "Unauthorized", "KindUnknown", "SpecInvalid"];

/** Lists and watches until the signal is aborted. Throws its reason, or the refusal of the very first list. */
export async function follow(follower: Follower, signal: AbortSignal): Promise<never> {
  const { pace } = follower;
  const backoff = createBackoff({ shortestMs: pace.shortestPauseMs, longestMs: pace.longestPauseMs });
  const backOff = createRecoverablePause(follower.cluster);
  const progress: Progress = {
    version: undefined,
    latest: undefined,
    mayBeRestored: false,
    rewound: false,
    listedOnce: false,
    failuresInRow: 0,
  };
  for (;;) {
    const started = performance.now();
    const renewed = follower.beginWatch();
    try {
      progress.version ??= await list(follower, progress, signal);
      progress.listedOnce = true;
      const ends = AbortSignal.any([signal, renewed]);
      // Where another list is needed by now, no watch has anything to show.
      if (!renewed.aborted)
        await whileCheckingForRestore(follower, progress, ends, () => watch(follower, progress, ends));
    } catch (thrown) {
      if (signal.aborted) throw abortFailure(signal);
      if (!renewed.aborted) onFailure(follower, progress, toFailure(thrown));
    }
    if (renewed.aborted || progress.version === anyVersion) progress.version = undefined;
    if (performance.now() - started >= pace.stableMs) backoff.reset();
    await backOff(backoff.next(), signal);
  }
}

function onFailure(follower: Follower, progress: Progress, failure: Failure): void {
  if (!progress.listedOnce && refusals.includes(failure.code)) throw failure;
  follower.failed(failure);
  progress.mayBeRestored = true;
  progress.failuresInRow++;
  if (progress.failuresInRow >= failuresBeforeList) progress.version = undefined;
  if (failure.code === "KindUnknown") {
    // Its definition was deleted, and all its objects with it.
    progress.version = undefined;
    // Its version may merely not be served any more, and return with the same objects.
    progress.latest = undefined;
    follower.emit(follower.store.replace([]));
  }
}

async function list(follower: Follower, progress: Progress, signal: AbortSignal): Promise<string> {
  const { cluster, store } = follower;
  const query = { ...follower.query, keep: withoutManagedFields };
  const { items, ...listed } = await cluster.list(query.resource, query, signal);
  const resourceVersion = validVersion(listed.resourceVersion) ?? anyVersion;
  const rewound =
    progress.rewound || isOlder(resourceVersion, progress.latest) || store.isBehind(items, progress.latest);
  // First: what exceeds the memory budget was not listed.
  const changes = store.replace(items);
  progress.latest = resourceVersion;
  progress.rewound = false;
  progress.mayBeRestored = false;
  // Before the changes: a listener may ask whether the objects can be relied on.
  follower.failed(undefined);
  follower.listed();
  follower.emit(changes);
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
    // No version to resume from: a list is next.
    if (progress.version === undefined) return;
    progress.latest = progress.version;
  }
  // An API server that shuts down ends its watches cleanly as well.
  if (performance.now() - started < timeoutSeconds * 1000) progress.mayBeRestored = true;
}

function applyEvent({ store, emit, failed }: Follower, progress: Progress, event: WatchEvent): void {
  switch (event.type) {
    case "OPENED":
      progress.failuresInRow = 0;
      failed(undefined);
      return;
    case "ADDED":
    case "MODIFIED": {
      const version = nextVersion(progress.version, event.object.metadata.resourceVersion);
      // First: what exceeds the memory budget was not seen, and the next watch sends it again.
      if (version !== undefined) emit(store.put(withoutManagedFields(event.object)));
      progress.version = version;
      return;
    }
    case "DELETED":
      emit(store.remove(withoutManagedFields(event.object)));
      progress.version = nextVersion(progress.version, event.object.metadata.resourceVersion);
      return;
    case "BOOKMARK":
      // One without a version is ignored.
      progress.version = nextVersion(progress.version, validVersion(event.resourceVersion) ?? progress.version);
      return;
    case "EXPIRED":
      progress.version = undefined;
      return;
  }
}

/** Undefined for "" and "0": they mean any version, and no watch resumes from them ("Resource versions" in Kubernetes' API concepts). */
function validVersion(version: string | undefined): string | undefined {
  return version === anyVersion || version === "0" ? undefined : version;
}

/** The version to resume from; undefined where there is none or versions went back, so that a list is needed. */
function nextVersion(known: string | undefined, version: string | undefined): string | undefined {
  return isOlder(version, known) ? undefined : validVersion(version);
}
