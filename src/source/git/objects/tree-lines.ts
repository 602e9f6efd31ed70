import { Failure } from "../../../model/failure.ts";
import type { TreeEntry } from "../../../model/file-tree.ts";

/** One line of a Git tree object: a name in a folder. */
export interface TreeLine {
  readonly name: string;
  readonly kind: TreeEntry["kind"] | "submodule";
  readonly oid: string;
}

const oidBytes = 20;

const kinds: ReadonlyMap<string, TreeLine["kind"]> = new Map([
  ["40000", "directory"],
  ["100644", "file"],
  ["100755", "file"],
  ["100664", "file"],
  ["120000", "symlink"],
  ["160000", "submodule"],
]);

/**
 * The lines of a tree object, by name. Throws `Failure` (SourceInvalid) for what git never writes and only an attacker
 * does: `..`, `.git` in a spelling that some file system takes for it, a slash, a name twice, an unknown mode.
 */
export function parseTree(data: Buffer): ReadonlyMap<string, TreeLine> {
  const lines = new Map<string, TreeLine>();
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const end = data.indexOf(0, space);
    const next = end + 1 + oidBytes;
    if (space < 0 || end < 0 || next > data.length) throw refused("a folder is cut short");
    const name = data.toString("utf8", space + 1, end);
    const mode = data.toString("latin1", at, space);
    const kind = kinds.get(mode);
    if (kind === undefined) throw refused(`${JSON.stringify(name)} has the unknown mode ${JSON.stringify(mode)}`);
    if (isHostile(name)) throw refused(`a folder has an entry named ${JSON.stringify(name)}`);
    if (lines.has(name)) throw refused(`a folder has two entries named ${JSON.stringify(name)}`);
    lines.set(name, { name, kind, oid: data.toString("hex", end + 1, next) });
    at = next;
  }
  return lines;
}

/** As git's own fsck does: CVE-2014-9390 and its relatives. */
function isHostile(name: string): boolean {
  if (name === "" || name === "." || name === ".." || name.includes("/")) return true;
  const spelled = name.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, "").toLowerCase();
  return spelled.split("\\").some((part) => /^(\.git|git~1)[ .]*(:.*)?$/.test(part) || part === "..");
}

function refused(message: string): Failure {
  return new Failure("SourceInvalid", { message: `the repository is refused: ${message}` });
}
