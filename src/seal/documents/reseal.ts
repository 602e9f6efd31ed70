import { type SealAlgorithm, sealedSecretAnnotations } from "../../api/sealed-secret.ts";
import type { SealingCertificate } from "../keys/certificate.ts";
import type { OpeningKeys } from "../keys/key-ring.ts";
import { candidateLabels } from "../sealed-secret/candidate-labels.ts";
import { recordedItem } from "../sealed-secret/seal-annotation.ts";
import { failureOf } from "../sealed-secret/seal-problem.ts";
import { located, memberPath, type SealedSecret } from "../sealed-secret/sealed-secret.ts";
import { type SealedItem, sealValue } from "../sealing/seal.ts";
import { explainToKeyHolder } from "../unsealing/explain-unseal-failure.ts";
import { openItem } from "../unsealing/open-sealed-secret.ts";
import { UnsealCache } from "../unsealing/unseal-cache.ts";
import { changeItems } from "./change-items.ts";
import type { Edit } from "./edit.ts";
import { readWellFormed, type SealedDocument } from "./sealed-documents.ts";

/** What to seal anew with. */
export interface ResealWith {
  readonly keys: OpeningKeys;
  readonly certificate: SealingCertificate;
  /** Converts to this one; without it each object keeps its own. */
  readonly algorithm?: SealAlgorithm;
  readonly cache?: UnsealCache;
  readonly file?: string;
}

/** A text, and the items in it that were sealed anew. */
export interface Resealed {
  readonly text: string;
  readonly items: readonly string[];
}

/**
 * Seals those values of a SealedSecret anew that are not sealed with this certificate and algorithm, for the very label
 * they had; everything else stays byte for byte, so a second time nothing changes. The scope is that of the metadata,
 * and templates are not rendered, so that nothing in the file can widen what a value is bound to (CVE-2026-22728).
 * Plain values stay in memory. Throws `Failure` (SealInvalid, UnsealFailed) and then changes nothing.
 */
export async function resealDocument(text: string, document: SealedDocument, how: ResealWith): Promise<Resealed> {
  const sealed = readWellFormed(document, how.file);
  const algorithm = how.algorithm ?? sealed.algorithm;
  const set = new Map<string, SealedItem>();
  for (const [name, item] of Object.entries(sealed.items)) {
    const recorded = recordedItem(sealed.sealAnnotation, item);
    const current = recorded?.name === name && recorded.item.key === how.certificate.id;
    if (current && recorded.item.label === sealed.label && sealed.algorithm === algorithm) continue;
    const opened = await open(sealed, name, { ...how, line: document.itemLines.get(name) ?? document.line });
    if (opened.keyId === how.certificate.id && sealed.algorithm === algorithm) continue;
    set.set(name, await sealValue(opened.value, sealed.label, how.certificate, algorithm));
  }
  if (set.size === 0) return { text, items: [] };
  return { text: changeItems(text, document, { set, also: algorithmEdit(sealed, algorithm) }), items: [...set.keys()] };
}

async function open(sealed: SealedSecret, name: string, how: ResealWith & { readonly line: number }) {
  const { keys, cache = new UnsealCache(), file, line } = how;
  const explain = explainToKeyHolder(cache, () => candidateLabels([sealed.place]));
  const outcome = await openItem(sealed, name, { keys, cache, explain });
  if ("value" in outcome) return outcome;
  const problem = { field: memberPath("spec.encryptedData", name), ...outcome.problem };
  const origin = file === undefined ? undefined : { file, line };
  throw failureOf([{ ...outcome, problem: located(problem, sealed.place, origin) }]);
}

function algorithmEdit(sealed: SealedSecret, algorithm: SealAlgorithm): readonly Edit[] {
  if (sealed.algorithm === algorithm) return [];
  const path = ["metadata", "annotations", sealedSecretAnnotations.algorithm];
  return [algorithm === "rsa" ? { type: "remove", path } : { type: "set", path, value: algorithm }];
}
