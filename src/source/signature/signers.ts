import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { secretKeys, secretName, secretText } from "../secret-texts.ts";

/** Whose signatures count. */
export interface Signers {
  /** Armored public keys. */
  readonly openpgp: readonly string[];
  readonly ssh: readonly SshSigner[];
}

/** A public SSH key, and whose it is. */
export interface SshSigner {
  /** As the key's file or the line's principals say; for messages. */
  readonly name: string;
  /** The key as it is sent: its type first. */
  readonly blob: Buffer;
  /** When its signatures count, in milliseconds since 1970; for ever where none are given. */
  readonly validAfter?: number | undefined;
  readonly validBefore?: number | undefined;
}

/**
 * Reads the Secret that `verify.secretRef` names: every value is either an armored OpenPGP public key (`*.asc`, as in
 * Flux), or lines of public SSH keys, each as in `id_ed25519.pub` or in an allowed_signers file (ssh-keygen(1),
 * "ALLOWED SIGNERS": `valid-after`, `valid-before` and `namespaces` are heeded; lines of `cert-authority` are not
 * understood and passed over). Throws `Failure` (SourceInvalid) where it holds no key.
 */
export function signersFrom(secret: KubeObject): Signers {
  const files = secretKeys(secret).map((name) => ({ name, text: secretText(secret, name) ?? "" }));
  const openpgp = files.map(({ text }) => text).filter((text) => text.includes("BEGIN PGP PUBLIC KEY BLOCK"));
  const ssh = files.flatMap(({ name, text }) => (text.includes("-----BEGIN") ? [] : sshSigners(name, text)));
  if (openpgp.length + ssh.length > 0) return { openpgp, ssh };
  throw new Failure("SourceInvalid", {
    object: secretName(secret),
    message: "holds no public key of a signer",
    hint: "armored OpenPGP public keys and public SSH keys are understood",
  });
}

const keyType =
  /(?:^|\s)(?<type>ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521))\s+(?<blob>[A-Za-z0-9+/=]+)(?<comment>.*)$/;

function sshSigners(file: string, text: string): readonly SshSigner[] {
  return text.split("\n").flatMap((line) => {
    const match = line.trimStart().startsWith("#") ? null : keyType.exec(line);
    const { blob = "", comment = "" } = match?.groups ?? {};
    if (match === null || blob === "") return [];
    const [principals, options = ""] = before(line.slice(0, match.index).trim());
    if (/(^|,)cert-authority(,|$)/i.test(options) || !signsGit(options)) return [];
    return [
      {
        name: principals || comment.trim() || file,
        blob: Buffer.from(blob, "base64"),
        validAfter: dateOption(options, "valid-after"),
        validBefore: dateOption(options, "valid-before"),
      },
    ];
  });
}

/** `alice@example.com,*@example.org namespaces="git",valid-after="20260101"`: principals, then options. */
function before(text: string): [string, string?] {
  const space = text.search(/\s/);
  return space < 0 ? [text] : [text.slice(0, space), text.slice(space + 1).trim()];
}

function signsGit(options: string): boolean {
  const namespaces = /(?:^|,)namespaces="(?<list>[^"]*)"/i.exec(options)?.groups?.list;
  return namespaces === undefined || namespaces.split(",").some((name) => name === "git" || name === "*");
}

/** `YYYYMMDD` or `YYYYMMDDHHMM[SS]`, with `Z` in UTC; without it taken as UTC too, for an agent has no other zone. */
function dateOption(options: string, name: string): number | undefined {
  const value = new RegExp(`(?:^|,)${name}="(?<date>\\d{8}(?:\\d{4}(?:\\d{2})?)?)Z?"`, "i").exec(options)?.groups?.date;
  if (value === undefined) return undefined;
  const [year, month, day, hour, minute, second] = [0, 4, 6, 8, 10, 12].map((at) =>
    Number(value.slice(at, at === 0 ? 4 : at + 2) || 0),
  );
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}
