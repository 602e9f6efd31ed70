export { certificateBundle, opensAll } from "./ciphertext/bundle.ts";
export { changeItems, type ItemChanges, refuseListMember } from "./documents/change-items.ts";
export type { Edit } from "./documents/edit.ts";
export { type Resealed, type ResealWith, resealDocument } from "./documents/reseal.ts";
export {
  type ItemSummary,
  readItems,
  readSealedText,
  readWellFormed,
  type SealedDocument,
  type SealedText,
  sealedDocuments,
} from "./documents/sealed-documents.ts";
export { type Expected, type VerifyFinding, verifyDocument } from "./documents/verify.ts";
export { type BackupKey, type BackupLock, backedUpAnnotation, decryptBackup, encryptBackup } from "./keys/backup.ts";
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
export { type NewKeyOptions, type NewSealingKey, newSealingKey } from "./keys/new-key.ts";
export { openingKeys } from "./keys/opening-keys.ts";
export { nextKeyDue, type RenewalPolicy } from "./keys/renewal.ts";
export { type PlacedObject, parseManifests } from "./parse-manifests.ts";
export { describeLabel, labelOf, type Place } from "./sealed-secret/scope.ts";
export { isSealedSecret, type SealedSecret } from "./sealed-secret/sealed-secret.ts";
export { describeBlankValue, isBlank, refuseBlankValues } from "./sealing/blank-values.ts";
export {
  isSecret,
  type SealedItem,
  type SealFor,
  type SealOptions,
  sealSecret,
  sealValue,
  sealValues,
  valuesOf,
} from "./sealing/seal.ts";
export {
  concernsSops,
  createVerifiedFiles,
  type DecryptingTree,
  decryptFile,
  decryptingTree,
  decryptManifests,
  refuseUnverified,
  type SopsFormat,
  type SopsKeys,
  sopsFormat,
  sopsKeys,
  type VerifiedFiles,
} from "./sops/index.ts";
export {
  type DataTemplates,
  type RenderedItem,
  type RenderTemplates,
  renderTemplatesHere,
} from "./unsealing/data-templates.ts";
export { unsealManifests, unsealObject, withPolicy } from "./unsealing/unseal.ts";
export { UnsealCache } from "./unsealing/unseal-cache.ts";
export { type ReviewAccess, type SecretToWrite, type Vouched, vouch, vouchAsKeyHolder } from "./unsealing/vouched.ts";
