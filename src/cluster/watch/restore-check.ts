import { reportBug } from "../../clock/index.ts";
import { toFailure } from "../../model/failure.ts";
import { compareVersions } from "../../model/resource-version.ts";
import type { Follower, Progress } from "./follower.ts";
import { isUndone, type Newest } from "./store.ts";

/**
 * Runs a watch and, where the one before it ended early, checks beside it whether etcd was restored from a backup. After a
 * restore an API server accepts a version from its future and sends nothing until it gets there, or has got there by other
 * changes and sends nothing of those. So the watch makes way for a list where the API server's version is older, or the
 * newest object seen is older or there again. Where versions have no order this cannot be told, and a list decides.
 */
export async function whileCheckingForRestore(
  follower: Follower,
  progress: Progress,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  if (!progress.mayBeRestored) return work();
  const over = new AbortController();
  const checked = checkForRestore(follower, progress, AbortSignal.any([signal, over.signal])).catch(
    (thrown: unknown) => {
      // Where the API server does not answer, the next watch checks again.
      const failure = toFailure(thrown);
      if (failure.code === "Bug") reportBug(failure);
    },
  );
  try {
    await work();
  } finally {
    over.abort();
    await checked;
  }
}

async function checkForRestore(follower: Follower, progress: Progress, signal: AbortSignal): Promise<void> {
  const { version } = progress;
  const { newest } = follower.store;
  const seen = await newestNow(follower, newest, signal);
  progress.mayBeRestored = false;
  const order = version === undefined ? 0 : compareVersions(seen.version, version);
  // A restored API server may have written more since then than the restore took back.
  progress.rewound = (order ?? 0) < 0 || (newest !== undefined && isUndone(newest, seen.object));
  const gone = newest !== undefined && !newest.deleted && seen.object === undefined;
  if (progress.rewound || order === undefined || gone) follower.relist();
}

/** The current version and, of the newest object seen, its current state. */
async function newestNow({ cluster, query }: Follower, newest: Newest | undefined, signal: AbortSignal) {
  if (newest === undefined)
    return { version: await cluster.latestVersion(query.resource, query, signal), object: undefined };
  const { name, namespace } = newest.object.metadata;
  const { labelSelector } = query;
  const where = {
    ...(namespace === undefined ? {} : { namespace }),
    // An object that only lost the label is deleted for this watch, but exists.
    ...(labelSelector === undefined ? {} : { labelSelector }),
    fieldSelector: `metadata.name=${name}`,
  };
  const { items, resourceVersion } = await cluster.list(query.resource, { ...where, metadataOnly: true }, signal);
  return { version: resourceVersion, object: items[0] };
}
