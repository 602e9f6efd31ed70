import { Failure } from "../model/failure.ts";

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

/** The public half of a private key without a passphrase. Throws `Failure` (SourceInvalid). */
export async function publicKeyOf(identity: string, comment: string): Promise<string> {
  const { default: ssh2 } = await import("ssh2");
  const key = ssh2.utils.parseKey(identity);
  if (key instanceof Error) {
    const message = "the private key under identity cannot be read without a passphrase";
    throw new Failure("SourceInvalid", { message });
  }
  return `${key.type} ${key.getPublicSSH().toString("base64")} ${comment}`;
}
