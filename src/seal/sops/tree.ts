/** A comment; `inline` follows a value on its line. */
export class Comment {
  readonly text: string;
  readonly inline: boolean;

  constructor(text: string, inline: boolean) {
    this.text = text;
    this.inline = inline;
  }
}

/** A point in time, in the form in which Go writes it (RFC 3339, as many digits of a second as there are). */
export class Timestamp {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A map: its members and the comments between them, in the order of the file. */
export class Branch {
  readonly items: readonly (Comment | Member)[];

  constructor(items: readonly (Comment | Member)[]) {
    this.items = items;
  }

  /** The value of the first member of a name. */
  get(key: string): Value | undefined {
    return this.items.find((item): item is Member => !(item instanceof Comment) && item.key === key)?.value;
  }

  /** The same without the members of a name. */
  without(key: string): Branch {
    return new Branch(this.items.filter((item) => item instanceof Comment || item.key !== key));
  }
}

/** A list: its items and the comments between them. */
export class List {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** One member of a map. */
export interface Member {
  readonly key: string;
  readonly value: Value;
}

/** A value without parts: integers are `bigint`, so that `1` and `1.0` differ; text that is not UTF-8 is its bytes. */
export type Leaf = string | Buffer | bigint | number | boolean | null | Timestamp;

/** What a file holds, as SOPS sees it (`TreeBranch` in `sops.go` of getsops/sops). */
export type Value = Leaf | Comment | Branch | List;

/** How the text of a file was read: as UTF-8, or byte for byte. Keys and texts become bytes again in the same way. */
export type Encoding = "utf8" | "latin1";

/** The text of decrypted bytes. */
export function textOf(bytes: Buffer, encoding: Encoding): string | Buffer {
  const text = bytes.toString(encoding);
  return encoding === "latin1" || Buffer.from(text).equals(bytes) ? text : bytes;
}

/** A value as plain data, for the metadata, which holds nothing but texts, booleans and small numbers. */
export function dataOf(value: Value | undefined): Data {
  if (value instanceof Branch) {
    return new Map(value.items.flatMap((item) => (item instanceof Comment ? [] : [[item.key, dataOf(item.value)]])));
  }
  if (value instanceof List) return value.items.filter((item) => !(item instanceof Comment)).map(dataOf);
  if (value instanceof Timestamp || value instanceof Comment) return value.text;
  if (Buffer.isBuffer(value)) return value.toString();
  return typeof value === "bigint" ? Number(value) : (value ?? null);
}

/** Plain data whose keys tenants choose. */
export type Data = string | number | boolean | null | readonly Data[] | ReadonlyMap<string, Data>;
