export { type BackupKey, type BackupLock, backedUpAnnotation, decryptBackup, encryptBackup } from "./backup.ts";
export { blankness, isBlank, refuseBlankValues } from "./blank.ts";
export { certificateBundle, opensAll } from "./bundle.ts";
export { readCertificate, readCertificates, type SealingCertificate, usableCertificate } from "./certificate.ts";
export type { Edit } from "./edit.ts";
export {
  type KeyRing,
  keyRing,
  type OpeningKey,
  type OpeningKeys,
  privateKeyId,
  type SealingKey,
  sealingKey,
  sealingKeySecret,
} from "./key-ring.ts";
export { type NewKeyOptions, type NewSealingKey, newSealingKey } from "./new-key.ts";
export { openingKeys } from "./opening-keys.ts";
export { type PlacedObject, parseManifests } from "./parse-manifests.ts";
export { nextKeyDue, type RenewalPolicy } from "./renewal.ts";
export { type Resealed, type ResealWith, resealDocument } from "./reseal.ts";
export { describeLabel, labelOf, type Place } from "./scope.ts";
export {
  isSecret,
  type SealedItem,
  type SealFor,
  type SealOptions,
  sealSecret,
  sealValue,
  sealValues,
  valuesOf,
} from "./seal.ts";
export {
  changeItems,
  type ItemChanges,
  type ItemSummary,
  readItems,
  readSealedText,
  readWell,
  refuseMember,
  type SealedDocument,
  type SealedText,
  sealedDocuments,
} from "./sealed-file.ts";
export { isSealedSecret, type SealedSecret } from "./sealed-secret.ts";
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
export { type DataTemplates, type Rendered, type RenderTemplates, renderTemplatesHere } from "./template/index.ts";
export { unsealManifests, unsealObject, withPolicy } from "./unseal.ts";
export { UnsealCache } from "./unseal-cache.ts";
export { type Expected, type VerifyFinding, verifyDocument } from "./verify.ts";
export { type AskRights, type SecretToCome, type Vouched, vouch, vouchAsKeyHolder } from "./vouched.ts";
