import { Failure } from "../../../model/failure.ts";
import type { Revision } from "../../../model/revision.ts";
import { headerOf, parseHeaded } from "../objects/commit.ts";
import { verifyOpenpgpSignature } from "./openpgp-signature.ts";
import { type Signed, type SignedPart, signedCommit, signedTag } from "./signed-object.ts";
import type { Signers } from "./signers.ts";
import { verifySshSignature } from "./ssh-signature.ts";

/** What must be signed, and by whom. */
export interface Verification {
  readonly mode: "head" | "tag" | "tagAndHead";
  readonly signers: Signers;
}

/** A revision as it is in the repository, byte for byte. */
export interface RawRevision {
  readonly commit: Buffer;
  /** The annotated tag that the reference named. */
  readonly tag?: Buffer | undefined;
}

/**
 * Checks the signatures that a verification asks for; gives who signed. Throws `Failure`: SignatureMissing where there
 * is none, SignerUnknown for one by somebody else, SignatureInvalid for one that does not match what it signs,
 * SourceInvalid where a tag is to be verified and the reference names none.
 */
export async function verifyRevision(
  revision: Revision,
  raw: RawRevision,
  { mode, signers }: Verification,
): Promise<readonly string[]> {
  const by: string[] = [];
  if (mode !== "head") {
    const what = `tag ${revision.ref}`;
    if (raw.tag === undefined) throw missing(what, "it is not an annotated tag");
    refuseBorrowedTag(revision, raw.tag);
    by.push(await verifyPart(what, signedTag(raw.tag), signers, timeOf(raw.tag, "tagger")));
  }
  if (mode !== "tag") {
    const what = `commit ${revision.commit.slice(0, 12)}`;
    by.push(await verifyPart(what, signedCommit(raw.commit), signers, timeOf(raw.commit, "committer")));
  }
  return by;
}

async function verifyPart(what: string, part: SignedPart | undefined, signers: Signers, at: number): Promise<string> {
  if (part === undefined) throw missing(what, "it has no signature, or not exactly one");
  const signed = await judge(part, signers, at);
  switch (signed.verdict) {
    case "good":
      return signed.by;
    case "unknown":
      throw new Failure("SignerUnknown", {
        message: `${what} is signed by ${signed.by}, who is not among the signers`,
        hint: "add the public key to the Secret that verify.secretRef names, if it is trusted",
      });
    case "outdated":
      throw new Failure("SignerUnknown", {
        message: `${what} is signed by ${signed.by}, whose key had expired or was revoked`,
      });
    case "unreadable":
      throw new Failure(
        "SignatureInvalid",
        {
          message: `the signature of ${what} cannot be read`,
          hint: "it must be a detached OpenPGP or SSH signature in armor, as git makes them",
        },
        { cause: signed.cause },
      );
    case "broken":
      throw new Failure("SignatureInvalid", {
        message: `the signature of ${what} does not match what it signs`,
        hint: "it was changed after it was signed, or the signature is of a kind that is not accepted",
      });
  }
}

/** Characters; an OpenPGP one of RSA with 16,384 bits has some 4,000. */
const longestSignature = 64 * 1024;

async function judge(part: SignedPart, signers: Signers, at: number): Promise<Signed> {
  if (part.signature.length > longestSignature) {
    return { verdict: "unreadable", cause: new Error(`it has more than ${longestSignature} characters`) };
  }
  return part.signature.includes("BEGIN SSH SIGNATURE")
    ? verifySshSignature(part, signers.ssh, at)
    : verifyOpenpgpSignature(part, signers.openpgp);
}

/** A signed tag may not stand in for another: it names itself, and what it is on. */
function refuseBorrowedTag({ ref, commit }: Revision, tag: Buffer): void {
  const parsed = parseHeaded(tag);
  const name = headerOf(parsed, "tag");
  const object = headerOf(parsed, "object");
  if (name === ref.replace(/^refs\/tags\//, "") && object === commit) return;
  throw new Failure("SignatureInvalid", {
    message: `tag ${ref} points to a tag object that names itself ${JSON.stringify(name ?? "")}`,
    hint: "a signed tag was put in place of another",
  });
}

/** When a commit or tag says it was made, in milliseconds since 1970. */
function timeOf(data: Buffer, header: string): number {
  const seconds = /> (?<seconds>\d{1,12}) [+-]\d{4}$/.exec(headerOf(parseHeaded(data), header) ?? "")?.groups?.seconds;
  return Number(seconds ?? 0) * 1000;
}

function missing(what: string, why: string): Failure {
  return new Failure("SignatureMissing", { message: `${what} is not signed: ${why}` });
}
