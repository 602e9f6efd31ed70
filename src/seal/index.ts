export { certificateBundle, opensAll } from "./ciphertext/bundle.ts";
export { changeItems, refuseListMember } from "./documents/change-items.ts";
export type { Edit } from "./documents/edit.ts";
export { resealDocument } from "./documents/reseal.ts";
export {
  readItems,
  readSealedText,
  readWellFormed,
  type SealedDocument,
  sealedDocuments,
} from "./documents/sealed-documents.ts";
export { type Expected, type VerifyFinding, verifyDocument } from "./documents/verify.ts";
export { type BackupKey, backedUpAnnotation, decryptBackup, encryptBackup } from "./keys/backup.ts";
export { readCertificate, readCertificates, type SealingCertificate, usableCertificate } from "./keys/certificate.ts";
export {
  type KeyRing,
  keyRing,
  type OpeningKey,
  type OpeningKeys,
  privateKeyId,
  type SealingKey,
  sealingKey,
  sealingKeySecret,
} from "./keys/key-ring.ts";
export { type NewSealingKey, newSealingKey } from "./keys/new-key.ts";
export { openingKeys } from "./keys/opening-keys.ts";
export { nextKeyDue, type RenewalPolicy } from "./keys/renewal.ts";
export { parseManifests } from "./parse-manifests.ts";
export { describeLabel, labelOf } from "./sealed-secret/scope.ts";
export { isSealedSecret } from "./sealed-secret/sealed-secret.ts";
export { describeBlankValue, isBlank, refuseBlankValues } from "./sealing/blank-values.ts";
export { isSecret, type SealOptions, sealSecret, sealValue, sealValues, valuesOf } from "./sealing/seal.ts";
export {
  concernsSops,
  createVerifiedFiles,
  type DecryptingTree,
  decryptFile,
  decryptingTree,
  decryptManifests,
  refuseUnverified,
  type SopsKeys,
  sopsFormat,
  sopsKeys,
} from "./sops/index.ts";
export {
  type DataTemplates,
  type RenderedItem,
  type RenderTemplates,
  renderTemplatesHere,
} from "./unsealing/data-templates.ts";
export { unsealManifests, unsealObject, withPolicy } from "./unsealing/unseal.ts";
export { UnsealCache } from "./unsealing/unseal-cache.ts";
export { type SecretToWrite, type Vouched, vouch, vouchAsKeyHolder } from "./unsealing/vouched.ts";
