import type { Problem } from "../../model/failure.ts";
import { ownMember } from "../../model/json/json.ts";
import { decodeBase64 } from "../../model/text/base64.ts";
import { readEnvelope } from "../ciphertext/hybrid.ts";
import type { SealingCertificate } from "../keys/certificate.ts";
import { describeLabel } from "../sealed-secret/scope.ts";
import { type ItemRecord, recordedItem, sameBeginning } from "../sealed-secret/seal-annotation.ts";
import { located, memberPath, readSealedSecret, type SealedSecret } from "../sealed-secret/sealed-secret.ts";
import type { SealedDocument } from "./sealed-documents.ts";
import { missingItems } from "./template-items.ts";

/** Something found without any private key. A warning is about what cannot be known; everything else is an error. */
export interface VerifyFinding {
  readonly severity: "error" | "warning";
  readonly problem: Problem;
}

/** Where sealed values should have come from. */
export interface Expected {
  /** The certificate that this cluster's values are sealed with, and those before it. None: any will do. */
  readonly certificates: readonly SealingCertificate[];
  /** Where that was read from, for the messages. */
  readonly source: string;
  /** Certificates of others, by fingerprint: whose they are. */
  readonly others: ReadonlyMap<string, string>;
}

/**
 * Checks a SealedSecret without cluster and private key, by the seal annotation that `mooring seal` writes. A value that
 * is not in it is of unknown origin: a warning, never silence.
 */
export function verifyDocument(document: SealedDocument, file: string, expected: Expected): readonly VerifyFinding[] {
  const { name, namespace = "" } = document.object.metadata;
  const place = (problem: Problem, line: number) => located(problem, { name, namespace }, { file, line });
  const sealed = readSealedSecret(document.object);
  if (!("items" in sealed)) {
    return sealed.map(({ problem }) => ({ severity: "error", problem: place(problem, document.line) }));
  }
  const missing = missingItems(document, sealed.items).map((problem): VerifyFinding => {
    return { severity: "error", problem: place(problem, document.line) };
  });
  const found = Object.entries(sealed.items).flatMap(([item, text]) => {
    const field = memberPath("spec.encryptedData", item);
    const line = document.itemLines.get(item) ?? document.line;
    return verifyItem(sealed, item, text, expected).map(({ severity, problem }) => ({
      severity,
      problem: place({ field, ...problem }, line),
    }));
  });
  return [...missing, ...found];
}

const error = (message: string, hint?: string): VerifyFinding => ({
  severity: "error",
  problem: { message, ...(hint === undefined ? {} : { hint }) },
});

function verifyItem(sealed: SealedSecret, name: string, text: string, expected: Expected): readonly VerifyFinding[] {
  const shape = checkShape(sealed, text, expected);
  if (shape !== undefined) return [shape];
  const recorded = recordedItem(sealed.sealAnnotation, text);
  if (recorded === undefined)
    return [checkUnrecorded(sealed.sealAnnotation && ownMember(sealed.sealAnnotation.items, name), text)];
  if (recorded.name !== name) {
    return [
      error(`holds the value that was sealed as ${recorded.name}`, "values were swapped, or one was renamed by hand"),
    ];
  }
  return [checkLabel(recorded.item, sealed), checkKey(recorded.item, expected)].filter(
    (finding) => finding !== undefined,
  );
}

function checkShape(sealed: SealedSecret, text: string, { certificates, source }: Expected): VerifyFinding | undefined {
  const bytes = decodeBase64(text);
  if (bytes === undefined) return error("is not base64");
  if (sealed.algorithm === "x25519")
    return bytes.length < 51 ? error("is cut off: too short to be a sealed box") : undefined;
  const envelope = readEnvelope(bytes);
  if (envelope === undefined) return error("is cut off: too short to be a sealed value");
  const bits = envelope.wrappedKey.length * 8;
  const sizes = certificates.map(({ publicKey }) => publicKey.asymmetricKeyDetails?.modulusLength);
  if (certificates.length === 0 || sizes.includes(bits)) return undefined;
  return error(
    `is sealed with a foreign certificate: its RSA key has ${bits} bits, but that of ${source} has ${sizes.join(" or ")}`,
  );
}

function checkUnrecorded(item: ItemRecord | undefined, text: string): VerifyFinding {
  if (item !== undefined && sameBeginning(text, item)) return error("was cut off or altered after it was sealed");
  const message = "is of unknown origin: it was not sealed by mooring, so only the cluster can tell whether it opens";
  return {
    severity: "warning",
    problem: {
      message,
      hint: "with the keys, `mooring validate` checks it; `mooring secrets set` seals it again, with a seal annotation",
    },
  };
}

function checkLabel(item: ItemRecord, sealed: SealedSecret): VerifyFinding | undefined {
  if (item.label === sealed.label) return undefined;
  const [was, is] = [partsOf(item.label), partsOf(sealed.label)];
  const both = `it was sealed for ${describeLabel(item.label)}, but the object is ${describeLabel(sealed.label)}`;
  if (was.scope !== is.scope)
    return error(`does not fit the scope: ${both}`, "fix the scope annotation, or seal it again");
  if (was.namespace !== is.namespace)
    return error(`is in the wrong namespace: ${both}`, "seal it again for this namespace");
  return error(`was renamed: ${both}`, "seal it again under this name");
}

function checkKey(item: ItemRecord, { certificates, source, others }: Expected): VerifyFinding | undefined {
  const [current, ...older] = certificates;
  if (current === undefined || current.id === item.key) return undefined;
  if (older.some((certificate) => certificate.id === item.key)) {
    return error(`is sealed with a stale certificate: ${source} has a newer one`, "`mooring secrets reseal` renews it");
  }
  const owner = others.get(item.key);
  const whose =
    owner === undefined ? `${item.key}, not ${current.id} of ${source}` : `that of ${owner}, not of ${source}`;
  return error(`is sealed with a foreign certificate: ${whose}`, "it may also be an older one of the same cluster");
}

function partsOf(label: string) {
  const [namespace = "", name] = label.split("/");
  const scope = label === "" ? "cluster-wide" : name === undefined ? "namespace-wide" : "strict";
  return { scope, namespace };
}
