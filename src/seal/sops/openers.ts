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
      ? "(holds no age identity, AGE-SECRET-KEY-1…)"
      : openers.length < written.length
        ? `(${written.length - openers.length} of its lines are no age identity)`
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

/** The armoured OpenPGP private keys of a file. */
export async function pgpKeysOf(text: string): Promise<ReadKeys> {
  const openpgp = await import("openpgp");
  try {
    const decryptionKeys = await openpgp.readPrivateKeys({ armoredKeys: text });
    if (decryptionKeys.some((key) => !key.isDecrypted()))
      return { openers: [], problem: "(is locked with a passphrase)" };
    const opener: Opener = async (enc) => {
      try {
        const message = await openpgp.readMessage({ armoredMessage: enc });
        return (await openpgp.decrypt({ message, decryptionKeys, format: "binary" })).data;
      } catch {
        return undefined;
      }
    };
    return { openers: [opener], problem: undefined };
  } catch {
    return { openers: [], problem: "(holds no armoured OpenPGP private key)" };
  }
}
