export { type DecryptingTree, decryptingTree } from "./decrypting-tree.ts";
export { type SopsKeys, sopsKeys } from "./encryption/keys.ts";
export { decryptFile, type SopsFormat, sopsFormat } from "./file.ts";
export { concernsSops, decryptManifests, refuseUnverified } from "./manifests.ts";
export { createVerifiedFiles, type VerifiedFiles } from "./verified.ts";
