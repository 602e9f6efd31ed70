import { Failure } from "../../src/model/failure.ts";
import type { FileTree } from "../../src/model/file-tree.ts";

/** The failure that a promise ends with; throws where it ends well or with something else. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const outcome = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (outcome instanceof Failure) return outcome;
  throw new Error("there was no failure", { cause: outcome });
}

/** A file's content as text. */
export async function textAt(tree: FileTree, path: string): Promise<string> {
  return new TextDecoder().decode(await tree.read(path));
}
