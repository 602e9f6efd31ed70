import { reportBug } from "../../clock/index.ts";
import { toFailure } from "../../model/failure.ts";
import { compareVersions } from "../../model/resource-version.ts";
import type { Follower, Progress } from "./follower.ts";
import { isUndone, type Newest } from "./store.ts";

/**
 * After a restore the API server takes a version that it has not come to yet, and shows nothing until it has; or it has
 * come there by other changes, and shows nothing of those before. So a watch that goes on after one that ended before its
 * time is given up where the API server says that it is not that far, or shows what was seen last as it was before. Where
 * versions have no order nothing can be told, and all is listed anew.
 */
export async function whileChecked(
  follower: Follower,
  progress: Progress,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  if (!progress.doubtful) return work();
  const over = new AbortController();
  const checked = checkMoment(follower, progress, AbortSignal.any([signal, over.signal])).catch((thrown: unknown) => {
    // An API server that does not answer is asked again with the next watch.
    const failure = toFailure(thrown);
    if (failure.code === "Bug") reportBug(failure);
  });
  try {
    await work();
  } finally {
    over.abort();
    await checked;
  }
}

async function checkMoment(follower: Follower, progress: Progress, signal: AbortSignal): Promise<void> {
  const { version } = progress;
  const { newest } = follower.store;
  const seen = await newestNow(follower, newest, signal);
  progress.doubtful = false;
  const order = version === undefined ? 0 : compareVersions(seen.version, version);
  // An API server that started anew may have written more since than the restore took back.
  progress.rewound = (order ?? 0) < 0 || (newest !== undefined && isUndone(newest, seen.object));
  const gone = newest !== undefined && !newest.deleted && seen.object === undefined;
  if (progress.rewound || order === undefined || gone) follower.giveUp();
}

/** The version of now, and with it, where there is one, the object that was seen last, as it is now. */
async function newestNow({ cluster, query }: Follower, newest: Newest | undefined, signal: AbortSignal) {
  if (newest === undefined) return { version: await cluster.moment(query.resource, query, signal), object: undefined };
  const { name, namespace } = newest.object.metadata;
  const { labelSelector } = query;
  const where = {
    ...(namespace === undefined ? {} : { namespace }),
    // Who only lost the label is deleted to us, and there.
    ...(labelSelector === undefined ? {} : { labelSelector }),
    fieldSelector: `metadata.name=${name}`,
  };
  const { items, resourceVersion } = await cluster.list(query.resource, { ...where, metadataOnly: true }, signal);
  return { version: resourceVersion, object: items[0] };
}
