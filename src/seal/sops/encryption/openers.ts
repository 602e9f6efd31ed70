import type { PrivateKey } from "openpgp";

/** Opens what was encrypted for one private key; undefined where it was not. */
export type Opener = (enc: string) => Promise<Uint8Array | undefined>;

/** What could be read of an item of a Secret: its keys, and what is wrong with it, without a word of it. */
export interface ReadKeys {
  readonly openers: readonly Opener[];
  readonly problem: string | undefined;
}

/** The age identities of a file, one a line. The library is loaded when it is needed. */
export async function identitiesOf(text: string): Promise<ReadKeys> {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const written = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (written.length === 0) return { openers: [], problem: "(is empty)" };
  const read = await Promise.all(written.map(identityOpener));
  const openers = read.filter((opener) => opener !== undefined);
  const problem =
    openers.length === 0
      ? "(contains no age identity, AGE-SECRET-KEY-1…)"
      : openers.length < written.length
        ? `(${written.length - openers.length} of its lines are not age identities)`
        : undefined;
  return { openers, problem };
}

async function identityOpener(identity: string): Promise<Opener | undefined> {
  const age = await import("age-encryption");
  const decrypter = new age.Decrypter();
  try {
    decrypter.addIdentity(identity);
  } catch {
    return undefined;
  }
  return async (enc) => {
    try {
      return await decrypter.decrypt(age.armor.decode(enc));
    } catch {
      return undefined;
    }
  };
}

/**
 * The OpenPGP private keys of a file: of every armoured block, as `gpg --import` takes them. Each is judged by itself; one
 * that is locked or cannot be read keeps none of the others from opening, and public ones are passed over.
 */
export async function pgpKeysOf(text: string): Promise<ReadKeys> {
  const blocks = text.split(/(?=^-----BEGIN PGP )/m).filter((block) => block.startsWith("-----BEGIN PGP PRIVATE "));
  if (blocks.length === 0) return { openers: [], problem: "(contains no armoured OpenPGP private key)" };
  const read = await Promise.all(blocks.map(keysOfBlock));
  const keys = read.flatMap((found) => found ?? []);
  const locked = keys.filter((key) => !key.isDecrypted()).map((key) => key.getFingerprint().toUpperCase());
  const unread = read.flatMap((found, index) => (found === undefined ? [index + 1] : []));
  const problems = [
    ...locked.map((print) => `PGP ${print} is locked with a passphrase`),
    ...unread.map((number) => `its private key block ${number} cannot be read`),
  ];
  const usable = keys.filter((key) => key.isDecrypted());
  return {
    openers: usable.map(keyOpener),
    problem: problems.length === 0 ? undefined : `(${problems.join(", ")})`,
  };
}

async function keysOfBlock(armoredKeys: string): Promise<readonly PrivateKey[] | undefined> {
  const openpgp = await import("openpgp");
  try {
    return await openpgp.readPrivateKeys({ armoredKeys });
  } catch {
    return undefined;
  }
}

function keyOpener(key: PrivateKey): Opener {
  return async (enc) => {
    const openpgp = await import("openpgp");
    try {
      const message = await openpgp.readMessage({ armoredMessage: enc });
      return (await openpgp.decrypt({ message, decryptionKeys: key, format: "binary" })).data;
    } catch {
      return undefined;
    }
  };
}
