import { stringify } from "yaml";
import { sealingKeyLabel } from "../../api/sealed-secret.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { parseManifests } from "../parse-manifests.ts";

/** Set on a key's Secret when it is in a backup, to the time of it. */
export const backedUpAnnotation = "mooring.dev/backed-up";

/** Whom a backup is encrypted for: age recipients, or whoever knows the passphrase. */
export type BackupLock = { readonly recipients: readonly string[] } | { readonly passphrase: string };

/** What opens a backup. */
export type BackupKey = { readonly identities: readonly string[] } | { readonly passphrase: string };

/**
 * All key Secrets in one text, encrypted with age (armoured). Inside is a list that `kubectl apply` takes, and that
 * `--recovery-private-key` of kubeseal and Mooring reads once it is decrypted. Throws `Failure` (UsageInvalid) for what is
 * no recipient.
 */
export async function encryptBackup(secrets: readonly KubeObject[], lock: BackupLock): Promise<string> {
  const age = await import("age-encryption");
  const encrypter = new age.Encrypter();
  if ("passphrase" in lock) encrypter.setPassphrase(lock.passphrase);
  for (const recipient of "recipients" in lock ? lock.recipients : []) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw new Failure("UsageInvalid", {
        message: `"${recipient}" is not an age recipient`,
        hint: "it begins with age1",
      });
    }
  }
  const list = { apiVersion: "v1", kind: "List", items: secrets.map(portable) };
  return age.armor.encode(await encrypter.encrypt(stringify(list, { lineWidth: 0, compat: "yaml-1.1" })));
}

/** The key Secrets of a backup. Throws `Failure` (UnsealFailed) where the key is another one, or the file is damaged. */
export async function decryptBackup(text: string, key: BackupKey, file: string): Promise<readonly KubeObject[]> {
  const age = await import("age-encryption");
  const decrypter = new age.Decrypter();
  let plain: string;
  try {
    if ("passphrase" in key) decrypter.addPassphrase(key.passphrase);
    for (const identity of "identities" in key ? key.identities : []) decrypter.addIdentity(identity);
    plain = await decrypter.decrypt(age.armor.decode(text), "text");
  } catch {
    const message = "does not open: it is not a backup, is damaged, or was made for another key or passphrase";
    throw new Failure("UnsealFailed", { file, message });
  }
  return parseManifests(plain, file).map(({ object }) => object);
}

/** A key's Secret without what only its own cluster knows. */
function portable({ apiVersion, kind, metadata, type, data }: KubeObject): KubeObject {
  const { name, namespace, labels = {} } = metadata;
  const kept = { [sealingKeyLabel]: labels[sealingKeyLabel] ?? "active" };
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), labels: kept },
    type,
    data,
  };
}
