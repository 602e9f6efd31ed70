import { sealedSecretAnnotations } from "../../api/sealed-secret.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatSealAnnotation, type ItemRecord, type SealAnnotation } from "../sealed-secret/seal-annotation.ts";
import type { SealedItem } from "../sealing/seal.ts";
import type { Edit } from "./edit.ts";
import { readWellFormed, type SealedDocument } from "./sealed-documents.ts";
import { splice } from "./splice.ts";
import { refuseReferencedItems } from "./template-items.ts";

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

/**
 * The text with some sealed values changed, and the record with them; every other byte stays. Throws `Failure` (SealInvalid),
 * also where a template works with what would be renamed or removed.
 */
export function changeItems(text: string, document: SealedDocument, changes: ItemChanges): string {
  const { set = new Map(), remove = [], rename = new Map(), also = [] } = changes;
  refuseListMember(document);
  refuseReferencedItems(document, [...remove, ...rename.keys()]);
  const items = ["spec", "encryptedData"];
  const edits: Edit[] = [
    ...remove.map((name): Edit => ({ type: "remove", path: [...items, name] })),
    ...[...rename].map(([from, name]): Edit => ({ type: "rename", path: [...items, from], name })),
    ...[...set].map(([name, item]): Edit => ({ type: "set", path: [...items, name], value: item.text })),
  ];
  const { sealAnnotation } = readWellFormed(document, undefined);
  const next = { items: nextRecord(sealAnnotation, { set, remove, rename }) };
  const path = ["metadata", "annotations", sealedSecretAnnotations.record];
  if (Object.keys(next.items).length > 0) edits.push({ type: "set", path, value: formatSealAnnotation(next) });
  else if (sealAnnotation !== undefined)
    edits.push({ type: "remove", path: isAlone(document.object) ? path.slice(0, -1) : path });
  return splice(text, document.index, [...edits, ...also]);
}

/** What is in a list is not changed in place. Throws `Failure` (SealInvalid) for a member of one. */
export function refuseListMember({ member, file, line, object }: SealedDocument): void {
  if (member === undefined) return;
  throw new Failure("SealInvalid", {
    file,
    line,
    object: `SealedSecret/${object.metadata.name}`,
    message: "is in a list, and items of a list cannot be changed in place",
    hint: "put it into a separate document",
  });
}

/** Tells whether the record is the only annotation, so that an empty map would be left without it. */
function isAlone({ metadata }: KubeObject): boolean {
  return Object.keys(metadata.annotations ?? {}).length === 1;
}

function nextRecord(
  record: SealAnnotation | undefined,
  changes: Required<Omit<ItemChanges, "also">>,
): Readonly<Record<string, ItemRecord>> {
  const next = new Map<string, ItemRecord>();
  for (const [name, item] of Object.entries(record?.items ?? {})) {
    if (!changes.remove.includes(name)) next.set(changes.rename.get(name) ?? name, item);
  }
  for (const [name, item] of changes.set) next.set(name, item.record);
  return Object.fromEntries(next);
}
