export { anonymous, type Credentials, credentialsFrom, type GithubApp, proxyFrom } from "./credentials.ts";
export { directoryTree } from "./directory-tree.ts";
export type { Fetched, SourceOptions } from "./fetched.ts";
export { ignoredTree } from "./ignored-tree.ts";
export { createSourcePool, type SourcePool } from "./pool.ts";
export { signersFrom } from "./signature/signers.ts";
export type { Verification } from "./signature/verify.ts";
export { createSource, type Source } from "./source.ts";
export type { SourceRef, SourceSpec } from "./spec.ts";
