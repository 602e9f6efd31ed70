import { type Document, isMap, isNode, isScalar, LineCounter, parseAllDocuments } from "yaml";
import { type Scope, type SealAlgorithm, sealedSecretKind } from "../../api/sealed-secret.ts";
import { Failure, type Problem, toFailure } from "../../model/failure.ts";
import { isObject, type JsonObject, listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { groupOf } from "../../model/object-id.ts";
import { plainOf, unreadable } from "../parse-manifests.ts";
import { recordedItem } from "../sealed-secret/seal-annotation.ts";
import { failureOf } from "../sealed-secret/seal-problem.ts";
import { located, readSealedSecret, type SealedSecret } from "../sealed-secret/sealed-secret.ts";

/** A SealedSecret in a file, with the positions of its parts. */
export interface SealedDocument {
  readonly file: string;
  /** The number of its YAML document in the file, from 0. */
  readonly index: number;
  /** Its index in the `items` of a list, whose members are read and never changed in place. */
  readonly member?: number;
  readonly object: KubeObject;
  /** Where it begins, from 1. */
  readonly line: number;
  /** Where its YAML document begins, from 1; another line for a member of a list. */
  readonly documentLine: number;
  /** The line of each sealed value. */
  readonly itemLines: ReadonlyMap<string, number>;
}

/** What a text holds of SealedSecrets, and what keeps it from being read. */
export interface SealedText {
  readonly documents: readonly SealedDocument[];
  readonly problems: readonly Problem[];
}

/**
 * The SealedSecrets of a YAML or JSON text, in order, those in lists too. A text that names the kind and cannot be read
 * has problems, with file and line; everything else in it is passed over: that is for those to report who render it.
 */
export function readSealedText(text: string, file: string): SealedText {
  if (!text.includes("SealedSecret")) return { documents: [], problems: [] };
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { merge: true, lineCounter: lines });
  const found = ("empty" in parsed ? [] : parsed).map((document, index): SealedText => {
    const problems = unreadable(document, lines, file);
    if (problems.length > 0) return { documents: [], problems: namesKind(text) ? problems : [] };
    try {
      return sealedIn({ document, index, lines, file }, plainOf(document, file));
    } catch (thrown) {
      return { documents: [], problems: toFailure(thrown).problems };
    }
  });
  return {
    documents: found.flatMap(({ documents }) => documents),
    problems: found.flatMap(({ problems }) => problems),
  };
}

/** Tells whether a text that cannot be read holds a SealedSecret nevertheless, and does not only speak of them. */
function namesKind(text: string): boolean {
  return text.split("\n").some((line, index, all) => {
    const [said = ""] = line.split("#");
    return said.includes("SealedSecret") && `${all[index - 1] ?? ""}${said}`.includes("kind");
  });
}

/** The same, where there must be nothing that cannot be read. Throws `Failure` (YamlInvalid) with every problem. */
export function sealedDocuments(text: string, file: string): readonly SealedDocument[] {
  const { documents, problems } = readSealedText(text, file);
  if (problems.length > 0) throw new Failure("YamlInvalid", problems);
  return documents;
}

interface Source {
  readonly document: Document;
  readonly index: number;
  readonly lines: LineCounter;
  readonly file: string;
}

function sealedIn(source: Source, value: unknown): SealedText {
  if (!isObject(value)) return { documents: [], problems: [] };
  const isList = stringAt(value, "kind")?.endsWith("List") === true && Array.isArray(value.items);
  if (!isList) return sealedAt(source, value, undefined);
  const found = listAt(value, "items").map((item, member) => sealedAt(source, item, member));
  return { documents: found.flatMap((each) => each.documents), problems: found.flatMap((each) => each.problems) };
}

function sealedAt({ document, index, lines, file }: Source, value: unknown, member: number | undefined): SealedText {
  if (!isObject(value) || !isSealed(value)) return { documents: [], problems: [] };
  const path = member === undefined ? [] : ["items", member];
  const node = document.getIn(path, true);
  const lineOf = (at: unknown) => lines.linePos(isNode(at) ? (at.range?.[0] ?? 0) : 0).line;
  const documentLine = lineOf(document.contents);
  const line = member === undefined ? documentLine : lineOf(node);
  if (!isNamed(value))
    return { documents: [], problems: [{ file, line, message: "is a SealedSecret without a metadata.name" }] };
  const items = document.getIn([...path, "spec", "encryptedData"], true);
  const itemLines = new Map<string, number>();
  for (const pair of isMap(items) ? items.items : []) {
    if (isScalar(pair.key)) itemLines.set(String(pair.key.value), lineOf(pair.key));
  }
  const place = member === undefined ? { file, index } : { file, index, member };
  return { documents: [{ ...place, object: value, line, documentLine, itemLines }], problems: [] };
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
  const { scope, algorithm, sealAnnotation } = sealed;
  return Object.entries(sealed.items).map(([name, text]) => {
    return { name, scope, algorithm, key: recordedItem(sealAnnotation, text)?.item.key };
  });
}

/** The document as a well-formed sealed secret. Throws `Failure` (SealInvalid) with file and line. */
export function readWellFormed(document: SealedDocument, file: string | undefined): SealedSecret {
  const sealed = readSealedSecret(document.object);
  if ("items" in sealed) return sealed;
  const { name, namespace = "" } = document.object.metadata;
  const origin = file === undefined ? undefined : { file, line: document.line };
  throw failureOf(
    sealed.map((finding) => ({ ...finding, problem: located(finding.problem, { name, namespace }, origin) })),
  );
}

function isSealed(value: JsonObject): boolean {
  return stringAt(value, "kind") === sealedSecretKind && groupOf(stringAt(value, "apiVersion") ?? "") === "bitnami.com";
}

function isNamed(value: JsonObject): value is KubeObject {
  return stringAt(value, "metadata", "name") !== undefined;
}
