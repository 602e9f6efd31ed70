import { parseHeaded } from "./objects/commit.ts";
import type { FetchLimits } from "./objects/limits.ts";
import { objectStore } from "./objects/object-store.ts";
import type { PackPlace } from "./packs/disk-room.ts";
import { writePackFile } from "./packs/pack-file.ts";
import { indexPack } from "./packs/pack-index.ts";
import type { RequestPack } from "./wire/pack-requester.ts";

/** How many commits of a branch are searched for the one it named before. */
const depth = 100;

/** What the search needs. */
export interface AncestryOptions {
  readonly requestPack: RequestPack;
  readonly place: PackPlace;
  readonly limits: FetchLimits;
}

/**
 * Tells whether an older commit is among the hundred before a newer one. Asks for commits alone, without their files, and
 * only for those the older one does not stand for.
 */
export async function followsOn(
  older: string,
  newer: string,
  { requestPack, place, limits }: AncestryOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const pieces = requestPack({ want: newer, haves: [older], depth, commitsOnly: true }, signal);
  const pack = await writePackFile(pieces, place, limits.packBytes);
  try {
    const index = await indexPack(pack, limits, signal);
    const objects = objectStore([{ pack, index }], limits);
    const seen = new Set<string>();
    const next = [newer];
    for (let oid = next.pop(); oid !== undefined; oid = next.pop()) {
      if (oid === older) return true;
      if (seen.has(oid) || !index.has(oid)) continue;
      seen.add(oid);
      for (const parent of parentsOf(await objects.read(oid, "commit"))) next.push(parent);
    }
    return false;
  } finally {
    await pack.close();
  }
}

function parentsOf(commit: Buffer): readonly string[] {
  const { headers } = parseHeaded(commit);
  return headers.filter(({ name }) => name === "parent").map(({ value }) => value);
}
