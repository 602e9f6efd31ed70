import { matchesWildcardList } from "../../../model/text/wildcard.ts";
import { type SignerOptions, signerOptions } from "./signer-options.ts";
import { isPublicKey, keyTypes } from "./ssh-public-key.ts";

/** A public SSH key, and whose it is. */
export interface SshSigner {
  /** As the line's principals, or the comment of the key, say; for messages. */
  readonly name: string;
  /** The key as it is sent: its type first. */
  readonly blob: Buffer;
  /** When its signatures count, in milliseconds since 1970; for ever where none are given. */
  readonly validAfter?: number | undefined;
  readonly validBefore?: number | undefined;
}

/** What stands in a file of signers: those that may sign for Git, and the lines that are refused. */
export interface AllowedSigners {
  readonly signers: readonly SshSigner[];
  readonly refused: readonly { readonly line: number; readonly message: string }[];
}

/** A line that is refused. */
class LineRefused extends Error {}

/**
 * Reads lines of public SSH keys: each as in `id_ed25519.pub`, or as in an allowed_signers file (ssh-keygen(1), "ALLOWED
 * SIGNERS") as OpenSSH reads it. Keys for other namespaces than `git`, and those of certificate authorities, which vouch
 * for certificates that Git's signatures here never are, give no signer. Whatever is not understood refuses its line.
 * Source: parse_principals_key_and_options in sshsig.c of openssh-portable.
 */
export function allowedSigners(text: string): AllowedSigners {
  const signers: SshSigner[] = [];
  const refused: { line: number; message: string }[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.replace(/^[ \t\r]+/, "");
    if (line === "" || line.startsWith("#")) continue;
    try {
      signers.push(...signersOf(line));
    } catch (thrown) {
      if (!(thrown instanceof LineRefused)) throw thrown;
      refused.push({ line: index + 1, message: thrown.message });
    }
  }
  return { signers, refused };
}

function signersOf(line: string): readonly SshSigner[] {
  const alone = readKey(line);
  if (alone !== undefined) return [{ name: alone.comment, blob: alone.blob }];
  const { principals, rest } = splitPrincipals(line);
  const direct = readKey(rest);
  if (direct !== undefined) return [{ name: principals, blob: direct.blob }];
  const end = endOfOptions(rest);
  const key = readKey(rest.slice(end).replace(/^[ \t]+/, ""));
  if (key === undefined) throw new LineRefused(whyNoKey(rest.slice(end)));
  const options = signerOptions(rest.slice(0, end));
  if (typeof options === "string") throw new LineRefused(options);
  return signsGit(options) ? [{ name: principals, blob: key.blob, ...timesOf(options) }] : [];
}

const signsGit = ({ authority, namespaces }: SignerOptions): boolean =>
  !authority && (namespaces === undefined || matchesWildcardList(namespaces, "git"));

const timesOf = ({ validAfter, validBefore }: SignerOptions) => ({ validAfter, validBefore });

/** The first word, which may stand in quotes. */
function splitPrincipals(line: string): { readonly principals: string; readonly rest: string } {
  const isQuoted = line.startsWith('"');
  const end = isQuoted ? line.indexOf('"', 1) : line.search(/[ \t\r]/);
  if (end < 0) throw new LineRefused(isQuoted ? "the quotes of the principals are not closed" : "there is no key");
  const principals = line.slice(isQuoted ? 1 : 0, end);
  const rest = line.slice(isQuoted ? end + 1 : end).replace(/^[ \t\r]+/, "");
  if (principals.startsWith("@")) throw new LineRefused(`begins with a marker, which only known_hosts files have`);
  if (/["=]|^cert-authority$/i.test(principals)) throw new LineRefused("begins with options instead of principals");
  if (principals.split(",").every((each) => each === "" || each.startsWith("!"))) {
    throw new LineRefused("its principals name nobody");
  }
  return { principals, rest };
}

/** Where the options end: at the first blank outside of quotes. */
function endOfOptions(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\" && text[at + 1] === '"') at++;
    else if (text[at] === '"') quoted = !quoted;
    else if (!quoted && (text[at] === " " || text[at] === "\t")) return at;
  }
  if (quoted) throw new LineRefused("the quotes of an option are not closed");
  return text.length;
}

interface Key {
  readonly blob: Buffer;
  readonly comment: string;
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The key that a text begins with; undefined where it begins with something else. Throws for one that is malformed. */
function readKey(text: string): Key | undefined {
  const [type = "", encoded = "", ...comment] = text.trimEnd().split(/[ \t]+/);
  if (!keyTypes.has(type)) return undefined;
  const blob = base64.test(encoded) ? Buffer.from(encoded, "base64") : Buffer.alloc(0);
  if (!isPublicKey(blob, type)) throw new LineRefused(`holds no ${type} key in base64 after that word`);
  return { blob, comment: comment.join(" ") };
}

function whyNoKey(rest: string): string {
  const [type = ""] = rest.trim().split(/[ \t]+/);
  if (type === "") return "there is no key, or what precedes it is not understood";
  const known = `the kinds of keys are ${[...keyTypes].join(", ")}`;
  return /^(?:sk-|ssh-|ecdsa-)[\w@.-]{1,60}$/.test(type)
    ? `keys of ${type} are not supported: ${known}`
    : `there is no key: ${known}`;
}
