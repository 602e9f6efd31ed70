import { Failure, type Problem } from "../../../model/failure.ts";
import type { KubeObject } from "../../../model/manifest.ts";
import { secretKeys, secretName, secretText } from "../../credentials/secret-texts.ts";
import { type AllowedSigners, allowedSigners, type SshSigner } from "./allowed-signers.ts";

/** Whose signatures count. */
export interface Signers {
  /** Armored public keys. */
  readonly openpgp: readonly string[];
  readonly ssh: readonly SshSigner[];
}

/**
 * Reads the Secret that `verify.secretRef` names: every value is either an armored OpenPGP public key (`*.asc`, as in
 * Flux), or lines of public SSH keys, each as in `id_ed25519.pub` or in an allowed_signers file. Throws `Failure`
 * (SourceInvalid) where it holds no key, and for every line that is not understood, as OpenSSH does: what was meant to
 * limit a key must not be passed over.
 */
export function signersFrom(secret: KubeObject): Signers {
  const files = secretKeys(secret).map((name) => ({ name, text: secretText(secret, name) ?? "" }));
  const openpgp = files.map(({ text }) => text).filter((text) => text.includes("BEGIN PGP PUBLIC KEY BLOCK"));
  const read = files.filter(isOfSsh).map(({ name, text }) => ({ name, ...allowedSigners(text) }));
  const problems = read.flatMap(({ name, refused }) => refused.map((each) => refusal(secret, name, each)));
  if (problems.length > 0) throw new Failure("SourceInvalid", problems);
  const ssh = read.flatMap(({ name, signers }) => signers.map((each) => ({ ...each, name: each.name || name })));
  if (openpgp.length + ssh.length > 0) return { openpgp, ssh };
  throw new Failure("SourceInvalid", {
    object: secretName(secret),
    message: "holds no public key of a signer",
    hint: "armored OpenPGP public keys and public SSH keys are understood",
  });
}

/** A file without a word for a key is something else: a note, or the list of a program. */
function isOfSsh({ text }: { readonly text: string }): boolean {
  return !text.includes("-----BEGIN") && /(?:ssh-|ecdsa-)\w/.test(text);
}

function refusal(secret: KubeObject, name: string, { line, message }: AllowedSigners["refused"][number]): Problem {
  return {
    object: secretName(secret),
    field: `${name}, line ${line}`,
    message,
    hint: "lines are as ssh-keygen(1) describes them under ALLOWED SIGNERS, or those of an id_….pub file",
  };
}
