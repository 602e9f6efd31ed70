import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";

/** An object as it stands in a pack. */
export type Entry = Buffer;

const codes = { commit: 1, tree: 2, blob: 3, tag: 4, offsetDelta: 6, namedDelta: 7 } as const;

/** An object in full. `size` is what its head says, where that is not the truth. */
export function entry(type: "commit" | "tree" | "blob" | "tag", data: Buffer, size: number = data.length): Entry {
  return Buffer.concat([head(codes[type], size), deflateSync(data)]);
}

/** A delta on the object that began so many bytes before. */
export function offsetDelta(distance: number, delta: Buffer): Entry {
  const bytes = [distance & 0x7f];
  for (let rest = Math.floor(distance / 128) - 1; rest >= 0; rest = Math.floor(rest / 128) - 1) {
    bytes.unshift(0x80 | (rest & 0x7f));
  }
  return Buffer.concat([head(codes.offsetDelta, delta.length), Buffer.from(bytes), deflateSync(delta)]);
}

/** A delta on an object by its name. */
export function namedDelta(base: string, delta: Buffer): Entry {
  return Buffer.concat([head(codes.namedDelta, delta.length), Buffer.from(base, "hex"), deflateSync(delta)]);
}

/** A pack of entries with its checksum. `count` is what its header says, where that is not the truth. */
export function pack(entries: readonly Entry[], count: number = entries.length): Buffer {
  const header = Buffer.from("PACK\0\0\0\x02\0\0\0\0", "latin1");
  header.writeUInt32BE(count, 8);
  const body = Buffer.concat([header, ...entries]);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}

/** The name of an object. */
export function nameOf(type: string, data: Buffer): string {
  return createHash("sha1").update(`${type} ${data.length}\0`).update(data).digest("hex");
}

/** The content of a tree object. Lines are as given, unsorted. */
export function treeData(lines: readonly (readonly [mode: string, name: string, oid: string])[]): Buffer {
  const parts = lines.map(([mode, name, oid]) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, "hex")]),
  );
  return Buffer.concat(parts);
}

/** The content of a commit on a tree. */
export function commitData(tree: string): Buffer {
  const person = "Mallory <mallory@example.com> 1700000000 +0000";
  return Buffer.from(`tree ${tree}\nauthor ${person}\ncommitter ${person}\n\nHostile\n`);
}

/** A delta: the sizes of base and result, then instructions. */
export function deltaData(baseSize: number, resultSize: number, instructions: readonly number[]): Buffer {
  return Buffer.concat([varint(baseSize), varint(resultSize), Buffer.from(instructions)]);
}

function head(code: number, size: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.floor(size / 16);
  let byte = (code << 4) | (size & 0x0f);
  for (; rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  return Buffer.from([...bytes, byte]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
