import { type Document, isMap, isNode, isScalar, LineCounter, parseAllDocuments } from "yaml";
import { type Scope, type SealAlgorithm, sealedSecretAnnotations } from "../api/sealed-secret.ts";
import { isObject, stringAt } from "../model/json.ts";
import type { KubeObject } from "../model/manifest.ts";
import type { Edit } from "./edit.ts";
import { failureOf } from "./findings.ts";
import { formatRecord, type ItemRecord, recordedItem, type SealRecord } from "./record.ts";
import type { SealedItem } from "./seal.ts";
import { isSealedSecret, located, readSealedSecret, type SealedSecret } from "./sealed-secret.ts";
import { splice } from "./splice.ts";

/** A SealedSecret in a file, and where its parts stand. */
export interface SealedDocument {
  /** The number of its YAML document in the file, from 0. */
  readonly index: number;
  readonly object: KubeObject;
  /** Where it begins, from 1. */
  readonly line: number;
  /** Where each sealed value stands. */
  readonly itemLines: ReadonlyMap<string, number>;
}

/**
 * The SealedSecrets of a YAML or JSON text, in order; everything else in it is passed over, unreadable YAML too: that is
 * for those to report who render the file.
 */
export function sealedDocuments(text: string): readonly SealedDocument[] {
  if (!text.includes("SealedSecret")) return [];
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { merge: true, lineCounter: lines });
  if ("empty" in documents) return [];
  return documents.flatMap((document, index) => {
    const object = document.errors.length > 0 ? undefined : readable(document);
    if (!isNamedObject(object) || !isSealedSecret(object)) return [];
    const line = lines.linePos(isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0).line;
    const items = document.getIn(["spec", "encryptedData"], true);
    const itemLines = new Map<string, number>();
    for (const pair of isMap(items) ? items.items : []) {
      if (isScalar(pair.key)) itemLines.set(String(pair.key.value), lines.linePos(pair.key.range?.[0] ?? 0).line);
    }
    return [{ index, object, line, itemLines }];
  });
}

/** What can be said of one sealed value without opening it. */
export interface ItemSummary {
  readonly name: string;
  readonly scope: Scope;
  readonly algorithm: SealAlgorithm;
  /** The fingerprint of the key it was sealed with, where that is on record. */
  readonly key: string | undefined;
}

/** The sealed values of a document, in the order of the file; none where it is not well-formed. */
export function readItems(document: SealedDocument): readonly ItemSummary[] {
  const sealed = readSealedSecret(document.object);
  if (!("items" in sealed)) return [];
  const { scope, algorithm, record } = sealed;
  return Object.entries(sealed.items).map(([name, text]) => {
    return { name, scope, algorithm, key: recordedItem(record, text)?.item.key };
  });
}

/** What to change in a SealedSecret. */
export interface ItemChanges {
  /** Values sealed anew, or added. */
  readonly set?: ReadonlyMap<string, SealedItem>;
  readonly remove?: readonly string[];
  /** Old name → new name. */
  readonly rename?: ReadonlyMap<string, string>;
  /** Further strings to set, by path. */
  readonly also?: readonly Edit[];
}

/** The text with some sealed values changed, and the record with them; every other byte stays. Throws `Failure` (SealInvalid). */
export function changeItems(text: string, document: SealedDocument, changes: ItemChanges): string {
  const { set = new Map(), remove = [], rename = new Map(), also = [] } = changes;
  const items = ["spec", "encryptedData"];
  const edits: Edit[] = [
    ...remove.map((name): Edit => ({ type: "remove", path: [...items, name] })),
    ...[...rename].map(([from, name]): Edit => ({ type: "rename", path: [...items, from], name })),
    ...[...set].map(([name, item]): Edit => ({ type: "set", path: [...items, name], value: item.text })),
  ];
  const { record } = readWell(document, undefined);
  const next = { items: nextRecord(record, { set, remove, rename }) };
  const path = ["metadata", "annotations", sealedSecretAnnotations.record];
  if (Object.keys(next.items).length > 0) edits.push({ type: "set", path, value: formatRecord(next) });
  else if (record !== undefined)
    edits.push({ type: "remove", path: isAlone(document.object) ? path.slice(0, -1) : path });
  return splice(text, document.index, [...edits, ...also]);
}

/** Tells whether the record is the only annotation, so that an empty map would be left without it. */
function isAlone({ metadata }: KubeObject): boolean {
  return Object.keys(metadata.annotations ?? {}).length === 1;
}

/** The document as a well-formed sealed secret. Throws `Failure` (SealInvalid) with file and line. */
export function readWell(document: SealedDocument, file: string | undefined): SealedSecret {
  const sealed = readSealedSecret(document.object);
  if ("items" in sealed) return sealed;
  const { name, namespace = "" } = document.object.metadata;
  const origin = file === undefined ? undefined : { file, line: document.line };
  throw failureOf(
    sealed.map((finding) => ({ ...finding, problem: located(finding.problem, { name, namespace }, origin) })),
  );
}

function nextRecord(
  record: SealRecord | undefined,
  changes: Required<Omit<ItemChanges, "also">>,
): Readonly<Record<string, ItemRecord>> {
  const next = new Map<string, ItemRecord>();
  for (const [name, item] of Object.entries(record?.items ?? {})) {
    if (!changes.remove.includes(name)) next.set(changes.rename.get(name) ?? name, item);
  }
  for (const [name, item] of changes.set) next.set(name, item.record);
  return Object.fromEntries(next);
}

function readable(document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    return undefined;
  }
}

function isNamedObject(value: unknown): value is KubeObject {
  return (
    isObject(value) &&
    typeof value.apiVersion === "string" &&
    typeof value.kind === "string" &&
    stringAt(value, "metadata", "name") !== undefined
  );
}
