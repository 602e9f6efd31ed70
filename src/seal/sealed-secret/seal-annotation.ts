import { createHash } from "node:crypto";
import { isObject, stringAt } from "../../model/json/json.ts";

/**
 * What `mooring seal` writes beside the values, in the annotation `mooring.dev/sealed`: for whom each one was sealed,
 * with which key, and a digest of the ciphertext. It reveals nothing about the values, and kubeseal ignores it; it
 * lets mistakes be found offline, and is no protection: whoever may edit the file may remove it.
 */
export interface SealAnnotation {
  readonly items: Readonly<Record<string, ItemRecord>>;
}

/** What is known of one sealed value. */
export interface ItemRecord {
  /** The fingerprint of the key it was sealed with. */
  readonly key: string;
  /** The label it was bound to: empty, a namespace, or `namespace/name`. */
  readonly label: string;
  /** Of the sealed value, as `digestOf` gives it. */
  readonly digest: string;
}

const version = 1;
/** A fingerprint, a namespace and a name are shorter. */
const maxQuotedLength = 600;

/**
 * Eight hex digits of SHA-256 over the beginning of a sealed value's base64, and 24 over all of it: a value that was cut
 * off or damaged keeps its beginning, one that was sealed anew does not.
 */
export function digestOf(sealedValue: string): string {
  const bare = sealedValue.replace(/\s/g, "");
  return sha256(bare.slice(0, headLength)).slice(0, 8) + sha256(bare).slice(0, 24);
}

/** Tells whether a value is what is left of the recorded one, or a damaged copy of it. */
export function sameBeginning(sealedValue: string, item: ItemRecord): boolean {
  return digestOf(sealedValue).slice(0, 8) === item.digest.slice(0, 8);
}

const headLength = 64;

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * The annotation's text: one line of JSON, items sorted, so that a change of one item is a small diff. Key and label of
 * the first item are the defaults of the others.
 */
export function formatSealAnnotation(record: SealAnnotation): string {
  const items = Object.entries(record.items).sort(([a], [b]) => (a < b ? -1 : 1));
  const { key, label } = items[0]?.[1] ?? { key: "", label: "" };
  const written = items.map(([name, item]) => {
    const own = {
      ...(item.key === key ? {} : { key: item.key }),
      ...(item.label === label ? {} : { label: item.label }),
    };
    return [name, Object.keys(own).length === 0 ? item.digest : { digest: item.digest, ...own }];
  });
  return JSON.stringify({ v: version, key, label, items: Object.fromEntries(written) });
}

/** Reads the annotation; undefined where it is absent, of a later version or malformed: then nothing is known. */
export function readSealAnnotation(text: string | undefined): SealAnnotation | undefined {
  const parsed = text === undefined ? undefined : parseJson(text);
  if (!isObject(parsed) || parsed.v !== version || !isObject(parsed.items)) return undefined;
  const items: [string, ItemRecord][] = [];
  for (const [name, item] of Object.entries(parsed.items)) {
    const digest = typeof item === "string" ? item : stringAt(item, "digest");
    const key = stringAt(item, "key") ?? stringAt(parsed, "key");
    const label = stringAt(item, "label") ?? stringAt(parsed, "label");
    if (key === undefined || label === undefined || digest === undefined) continue;
    // They are quoted in messages.
    if (key.length + label.length <= maxQuotedLength) items.push([name, { key, label, digest }]);
  }
  return { items: Object.fromEntries(items) };
}

/** The item that a sealed value was sealed as, whatever item it is now. */
export function recordedItem(
  record: SealAnnotation | undefined,
  sealedValue: string,
): { name: string; item: ItemRecord } | undefined {
  if (record === undefined) return undefined;
  const named = byDigest.get(record) ?? indexOf(record);
  byDigest.set(record, named);
  return named.get(digestOf(sealedValue));
}

/** Tenants write the annotation, and it is looked up once for each item: so it is indexed once. */
const byDigest = new WeakMap<SealAnnotation, ReadonlyMap<string, { name: string; item: ItemRecord }>>();

function indexOf(record: SealAnnotation): ReadonlyMap<string, { name: string; item: ItemRecord }> {
  const named = new Map<string, { name: string; item: ItemRecord }>();
  for (const [name, item] of Object.entries(record.items))
    if (!named.has(item.digest)) named.set(item.digest, { name, item });
  return named;
}

/** Undefined where it is none, and so no record. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
