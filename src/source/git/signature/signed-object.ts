/** What was signed, and with what. */
export interface SignedPart {
  /** The bytes that the signature is over. */
  readonly payload: Buffer;
  /** Armored: `-----BEGIN PGP SIGNATURE-----…` or `-----BEGIN SSH SIGNATURE-----…`. */
  readonly signature: string;
}

/** The verdict on one signature. */
export type Signed =
  | { readonly verdict: "good"; readonly by: string }
  /** By a key that is not among the signers'. */
  | { readonly verdict: "unknown"; readonly by: string }
  /** By a signer's key that had expired or was revoked. */
  | { readonly verdict: "outdated"; readonly by: string }
  /** Not a signature over this. */
  | { readonly verdict: "broken" }
  /** Not a signature that can be read, and what stood in the way. */
  | { readonly verdict: "unreadable"; readonly cause: unknown };

const signatureHeaders = ["gpgsig", "gpgsig-sha256"];
const armor = /^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE)-----$/;

/**
 * The signature of a commit is a header of it, and over all the rest (gitformat-signature(5)). Undefined where there is
 * none, or more than one.
 */
export function signedCommit(data: Buffer): SignedPart | undefined {
  const [head, message] = parted(data.toString("latin1"));
  const headers = head.replace(/\n /g, "\n\0").split(/\n(?!\0)/);
  const name = (header: string): string => header.slice(0, header.indexOf(" "));
  const signatures = headers.filter((header) => name(header) === signatureHeaders[0]);
  const [signature] = signatures;
  if (signature === undefined || signatures.length > 1) return undefined;
  const rest = headers.filter((header) => !signatureHeaders.includes(name(header))).join("\n");
  return {
    payload: Buffer.from(rest.replaceAll("\n\0", "\n ") + message, "latin1"),
    signature: signature.slice("gpgsig ".length).replaceAll("\n\0", "\n"),
  };
}

/** The signature of a tag ends its message, and is over all before it. */
export function signedTag(data: Buffer): SignedPart | undefined {
  const lines = data.toString("latin1").split(/(?<=\n)/);
  const start = lines.findLastIndex((line) => armor.test(line.trimEnd()));
  if (start < 0) return undefined;
  return { payload: Buffer.from(lines.slice(0, start).join(""), "latin1"), signature: lines.slice(start).join("") };
}

/** The headers, and the empty line with all that follows. */
function parted(text: string): [string, string] {
  const end = text.indexOf("\n\n");
  return end < 0 ? [text, ""] : [text.slice(0, end), text.slice(end)];
}
