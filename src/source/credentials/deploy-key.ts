import { Failure } from "../../model/failure.ts";

/** A key pair that lets an agent in to a repository. */
export interface DeployKey {
  /** The private half, in OpenSSH format. Never printed. */
  readonly identity: string;
  /** `ssh-ed25519 AAAA… comment`, as forges take it. */
  readonly publicKey: string;
}

/** Makes a new ed25519 key. The comment tells people at the forge whose it is. */
export async function createDeployKey(comment: string): Promise<DeployKey> {
  const { default: ssh2 } = await import("ssh2");
  const pair = ssh2.utils.generateKeyPairSync("ed25519", { comment });
  return { identity: pair.private, publicKey: pair.public };
}

/** The public half of a private key. Throws `Failure` (SourceInvalid) where it cannot be read. */
export async function publicKeyOf(
  key: { readonly identity: string; readonly password: string | undefined },
  comment: string,
): Promise<string> {
  const { default: ssh2 } = await import("ssh2");
  const parsed = ssh2.utils.parseKey(key.identity, key.password);
  if (parsed instanceof Error)
    throw new Failure("SourceInvalid", { message: "the private key under identity cannot be read" });
  return `${parsed.type} ${parsed.getPublicSSH().toString("base64")} ${comment}`;
}
