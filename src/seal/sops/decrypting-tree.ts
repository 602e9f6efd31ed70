import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { decryptFile, sopsFormat } from "./file.ts";
import type { SopsKeys } from "./keys.ts";

/** Flux's limit for an encrypted file. */
const maxBytes = 5 * 1024 * 1024;

/**
 * The tree with files that SOPS encrypted in plain: what generators and patches read, as Flux decrypts them before the
 * build. Manifests stay encrypted, so that they are rendered, compared and kept so, and `decryptManifests` opens them
 * after the build; but the MAC of every encrypted file is checked here, where it is still whole. Reading throws `Failure`
 * (SealInvalid, UnsealFailed, InputTooLarge) naming the file.
 */
export function decryptingTree(tree: FileTree, keys: SopsKeys): FileTree {
  return {
    entry: (path) => tree.entry(path),
    list: (path) => tree.list(path),
    async read(path) {
      const content = await tree.read(path);
      const format = sopsFormat(path, content);
      if (format === undefined) return content;
      if (content.length > maxBytes) {
        throw new Failure("InputTooLarge", { file: path, message: "is encrypted with SOPS and larger than 5 MiB" });
      }
      const plain = await named(path, () => decryptFile(content, format, keys));
      return format === "yaml" && isManifest(content) ? content : plain;
    },
  };
}

/** Tells whether a file holds Kubernetes objects. The names of fields are never encrypted. */
function isManifest(content: Uint8Array): boolean {
  const text = Buffer.from(content).toString("latin1");
  return /^"?apiVersion"?:/m.test(text) && /^"?kind"?:/m.test(text);
}

async function named<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    throw new Failure(
      thrown.code,
      thrown.problems.map((problem) => ({ file, ...problem })),
    );
  }
}
