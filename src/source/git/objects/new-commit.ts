import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { objectName } from "../packs/pack-entry.ts";
import type { Person } from "./commit.ts";

/** A commit to be. */
export interface CommitDraft {
  /** The name of its root folder, which the server has. */
  readonly tree: string;
  readonly parent: string;
  readonly author: Person;
  /** The same draft at the same time is the same commit. */
  readonly date: Date;
  readonly message: string;
}

/** A commit that is not pushed yet. */
export interface NewCommit {
  readonly oid: string;
  readonly data: Buffer;
}

/** Writes a commit object, in UTC. Author and committer are the same. */
export function writeCommit({ tree, parent, author, date, message }: CommitDraft): NewCommit {
  const clean = (text: string) => text.replaceAll(/[<>\n\0]/g, "").trim();
  const who = `${clean(author.name)} <${clean(author.email)}> ${Math.floor(date.getTime() / 1000)} +0000`;
  const headers = [`tree ${tree}`, `parent ${parent}`, `author ${who}`, `committer ${who}`];
  const data = Buffer.from(`${headers.join("\n")}\n\n${message.trimEnd()}\n`);
  return { oid: objectName("commit", data), data };
}

const commitType = 1;

/** A pack of some commits, or of none: gitformat-pack(5). */
export function commitPack(commits: readonly NewCommit[]): Buffer {
  const header = Buffer.alloc(12);
  header.write("PACK", "latin1");
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(commits.length, 8);
  const entries = commits.flatMap(({ data }) => [entryHead(data.length), deflateSync(data)]);
  const body = Buffer.concat([header, ...entries]);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}

/** Type and size: four bits of the size in the first byte, seven in each that follows. */
function entryHead(size: number): Buffer {
  const bytes: number[] = [];
  let rest = size >>> 4;
  let byte = (commitType << 4) | (size & 0x0f);
  for (; rest > 0; rest >>>= 7) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  return Buffer.from([...bytes, byte]);
}
