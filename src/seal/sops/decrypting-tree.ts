import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { findCiphertexts } from "./ciphertexts.ts";
import type { SopsKeys } from "./encryption/keys.ts";
import { type OpenedFile, openSopsFile, readSopsFile, type SopsFile } from "./file.ts";
import { Branch } from "./tree.ts";
import { createVerifiedFiles, type VerifiedFiles } from "./verified.ts";

/** Flux's limit for an encrypted file. */
const maxBytes = 5 * 1024 * 1024;

/** A tree whose encrypted files are read in plain. */
export interface DecryptingTree extends FileTree {
  /** The same with placeholders for the encrypted values; see `redactBranches`. */
  readonly redacted: FileTree;
  /** Whether any file was read in plain. */
  readonly hasOpened: () => boolean;
}

/**
 * The tree with files that SOPS encrypted in plain: what generators and patches read, as Flux decrypts them before the
 * build. Manifests stay encrypted, so that they are rendered, compared and kept so, and `decryptManifests` opens them
 * after the build; but the MAC of every encrypted file is checked here, where it is still whole, and recorded in `verified`.
 * Reading throws `Failure` (SealInvalid, UnsealFailed, InputTooLarge) naming the file; a file with encrypted values, but
 * without the metadata that says how to verify them, is refused as well.
 */
export function decryptingTree(
  tree: FileTree,
  keys: SopsKeys,
  verified: VerifiedFiles = createVerifiedFiles(),
): DecryptingTree {
  const opened = new Map<string, OpenedFile>();
  const read = async (path: string): Promise<Uint8Array> => {
    const content = await tree.read(path);
    const found = await named(path, () => open(path, content, { keys, verified }));
    if (found === undefined) return content;
    opened.set(path, found);
    return found.plain;
  };
  const redacted = async (path: string): Promise<Uint8Array> => {
    const content = opened.has(path) ? undefined : await read(path);
    return opened.get(path)?.redacted() ?? content ?? tree.read(path);
  };
  const places = { entry: (path: string) => tree.entry(path), list: (path: string) => tree.list(path) };
  return { ...places, read, redacted: { ...places, read: redacted }, hasOpened: () => opened.size > 0 };
}

/** Opens a file that is to be read in plain; undefined for one that is to be read as it is. */
async function open(
  path: string,
  content: Uint8Array,
  { keys, verified }: { readonly keys: SopsKeys; readonly verified: VerifiedFiles },
): Promise<OpenedFile | undefined> {
  const file = readSopsFile(path, content);
  if (file === undefined) return undefined;
  const ciphertexts = file.branches.flatMap(findCiphertexts);
  if (file.metadata === undefined) {
    if (ciphertexts.length > 0) throw withoutMetadata();
    return undefined;
  }
  if (content.length > maxBytes) {
    throw new Failure("InputTooLarge", { message: "is encrypted with SOPS and larger than 5 MiB" });
  }
  const opened = await openSopsFile(file, keys);
  verified.note(path, file.branches);
  return holdsObjects(file) ? undefined : opened;
}

/** The failure for encrypted values that cannot be verified. */
export function withoutMetadata(): Failure {
  return new Failure("SealInvalid", {
    message: "holds values that SOPS encrypted, but not the metadata of SOPS to verify them",
    hint: "restore the member `sops` from the history of the file, or encrypt it again",
  });
}

/** Tells whether a file holds Kubernetes objects, which have a name. The names of fields are never encrypted. */
function holdsObjects({ format, branches }: SopsFile): boolean {
  if (format !== "yaml" && format !== "json") return false;
  return branches.some((branch) => {
    const metadata = branch.get("metadata");
    const isNamed = metadata instanceof Branch && metadata.get("name") !== undefined;
    return isNamed && typeof branch.get("apiVersion") === "string" && typeof branch.get("kind") === "string";
  });
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
