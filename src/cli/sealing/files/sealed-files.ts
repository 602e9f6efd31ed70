import { Failure, type Problem } from "../../../model/failure.ts";
import { readSealedText, type SealedDocument } from "../../../seal/index.ts";
import type { Found } from "./walk.ts";

/** A file, and the SealedSecrets in it. */
export interface SealedFile extends Found {
  readonly documents: readonly SealedDocument[];
}

/** The SealedSecrets of files, and what keeps files that name the kind from being read. */
export function readSealedFiles(files: readonly Found[]): {
  readonly sealed: readonly SealedFile[];
  readonly problems: readonly Problem[];
} {
  const read = files.map((file) => ({ ...file, ...readSealedText(file.text, file.path) }));
  return { sealed: read, problems: read.flatMap(({ problems }) => problems) };
}

/**
 * The same for a command that does something with all of them: what it cannot read, it must not pass over. Throws one
 * `Failure` (YamlInvalid) for all files.
 */
export function sealedFiles(files: readonly Found[]): readonly SealedFile[] {
  const { sealed, problems } = readSealedFiles(files);
  if (problems.length === 0) return sealed;
  throw new Failure("YamlInvalid", problems);
}
