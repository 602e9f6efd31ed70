import { Failure } from "../../model/failure.ts";
import type { KeyGroup, SopsMetadata } from "./metadata.ts";
import { combineShares } from "./shamir.ts";

/** Private keys that open SOPS files. */
export interface SopsKeys {
  /** The data key of a file. Throws `Failure` (UnsealFailed) that names whom it is encrypted for. */
  dataKey(metadata: SopsMetadata): Promise<Uint8Array>;
}

/**
 * The keys of a Secret as Flux takes them: age identities in `*.agekey`, armoured OpenPGP keys in `*.asc`; other items are
 * passed over. Data keys once found are remembered as long as the value lives. Throws `Failure` (CertificateInvalid) for
 * what is no key, never with a word of it.
 */
export function sopsKeys(items: Readonly<Record<string, Uint8Array>>): SopsKeys {
  const identities: string[] = [];
  const armoured: string[] = [];
  for (const [name, bytes] of Object.entries(items)) {
    const text = Buffer.from(bytes).toString();
    if (name.endsWith(".agekey")) identities.push(...identitiesIn(text, name));
    if (name.endsWith(".asc")) armoured.push(text);
  }
  const known = new Map<string, Promise<Uint8Array>>();
  return {
    dataKey(metadata) {
      const id = JSON.stringify(metadata.groups);
      const found = known.get(id) ?? openDataKey(metadata, identities, armoured);
      known.set(id, found);
      return found;
    },
  };
}

function identitiesIn(text: string, name: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const found = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (found.length > 0 && found.every((line) => line.startsWith("AGE-SECRET-KEY-"))) return found;
  throw new Failure("CertificateInvalid", { message: `${name} holds no age identity (AGE-SECRET-KEY-1…)` });
}

async function openDataKey(
  metadata: SopsMetadata,
  identities: readonly string[],
  armoured: readonly string[],
): Promise<Uint8Array> {
  const parts = await Promise.all(metadata.groups.map((group) => openGroup(group, identities, armoured)));
  const opened = parts.filter((part) => part !== undefined);
  const key =
    metadata.groups.length === 1 ? opened[0] : opened.length >= metadata.threshold ? combineShares(opened) : undefined;
  if (key === undefined) throw unopened(metadata, identities.length + armoured.length);
  return key;
}

async function openGroup(
  group: KeyGroup,
  identities: readonly string[],
  armoured: readonly string[],
): Promise<Uint8Array | undefined> {
  for (const { enc } of identities.length > 0 ? group.age : []) {
    const part = await openAge(enc, identities);
    if (part !== undefined) return part;
  }
  for (const { enc } of armoured.length > 0 ? group.pgp : []) {
    const part = await openPgp(enc, armoured);
    if (part !== undefined) return part;
  }
  return undefined;
}

/** The library is loaded when a file needs it. */
async function openAge(enc: string, identities: readonly string[]): Promise<Uint8Array | undefined> {
  const age = await import("age-encryption");
  const decrypter = new age.Decrypter();
  try {
    for (const identity of identities) decrypter.addIdentity(identity);
    return await decrypter.decrypt(age.armor.decode(enc));
  } catch {
    return undefined;
  }
}

async function openPgp(enc: string, armoured: readonly string[]): Promise<Uint8Array | undefined> {
  const openpgp = await import("openpgp");
  try {
    const keys = await Promise.all(armoured.map((armoredKeys) => openpgp.readPrivateKeys({ armoredKeys })));
    const message = await openpgp.readMessage({ armoredMessage: enc });
    const { data } = await openpgp.decrypt({ message, decryptionKeys: keys.flat(), format: "binary" });
    return data;
  } catch {
    return undefined;
  }
}

function unopened(metadata: SopsMetadata, keysHere: number): Failure {
  const recipients = metadata.groups.flatMap((group) => [
    ...group.age.map(({ recipient }) => recipient),
    ...group.pgp.map(({ fingerprint }) => `PGP ${fingerprint}`),
    ...group.others.map((name) => `${name} (not supported)`),
  ]);
  const several =
    metadata.groups.length > 1 ? `, ${metadata.threshold} of ${metadata.groups.length} groups of them,` : "";
  const why = keysHere === 0 ? "there is no key here" : `none of the ${keysHere} keys here is one of them`;
  return new Failure("UnsealFailed", {
    message: `is encrypted with SOPS for ${recipients.join(", ")}${several || ","} and ${why}`,
    hint: "put the age identity as *.agekey, or the OpenPGP key as *.asc, into the Secret of spec.decryption.secretRef",
  });
}
