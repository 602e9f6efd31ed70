import { brokenPack } from "../packs/broken-pack.ts";
import { type FetchLimits, tooLarge } from "./limits.ts";
import type { ObjectStore } from "./object-store.ts";
import { parseTree } from "./tree-lines.ts";

/** Folders already looked through, by name: how many files a checkout of each would make. */
export type Surveyed = Map<string, number>;

/** Deeper than any path a file system takes. */
const maxDepth = 256;

/**
 * Looks through all folders of a revision once, so that nothing is missing, nothing hostile in it, and no small tree
 * unfolds into millions of files, before anyone uses it. Folders in `surveyed` are taken as seen; new ones are added.
 * Throws `Failure`: SourceInvalid, InputTooLarge.
 */
export async function surveyTree(
  root: string,
  objects: ObjectStore,
  limits: FetchLimits,
  surveyed: Surveyed,
): Promise<void> {
  const count = async (oid: string, depth: number): Promise<number> => {
    const known = surveyed.get(oid);
    if (known !== undefined) return known;
    if (depth > maxDepth) throw tooLarge("levels of folders", maxDepth);
    let files = 0;
    for (const line of parseTree(await objects.read(oid, "tree")).values()) {
      if (line.kind === "directory") files += await count(line.oid, depth + 1);
      else if (line.kind === "submodule") files += 1;
      else if (objects.typeOf(line.oid) === "blob") files += 1;
      else throw brokenPack(`the content of ${JSON.stringify(line.name)} is missing`);
      if (files > limits.files) throw tooLarge("files", limits.files);
    }
    surveyed.set(oid, files);
    return files;
  };
  await count(root, 0);
}
