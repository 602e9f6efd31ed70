import { armor, createMessage, encrypt, enums, generateKey, PacketList, type PrivateKey } from "openpgp";
import { describe, expect, test } from "vitest";
import { sopsKeys } from "../../src/seal/sops/encryption/keys.ts";

const make = async (passphrase?: string) =>
  (
    await generateKey({
      userIDs: [{ name: "test" }],
      format: "object",
      ...(passphrase === undefined ? {} : { passphrase }),
    })
  ).privateKey;
const [first, second, locked, foreign] = [await make(), await make(), await make("hunter2"), await make()];
const dataKey = Buffer.alloc(32, 7);

/** Several keys in one armour, as `gpg --export-secret-keys --armor A B` writes them. */
const together = (...keys: readonly PrivateKey[]) => {
  const list = new PacketList();
  for (const key of keys) list.push(...key.toPacketList());
  return armor(enums.armor.privateKey, list.write());
};

async function open(text: string, recipient: PrivateKey) {
  const message = await createMessage({ binary: dataKey });
  const enc = String(await encrypt({ message, encryptionKeys: recipient.toPublic(), format: "armored" }));
  const pgp = [{ fingerprint: recipient.getFingerprint().toUpperCase(), enc }];
  const keys = sopsKeys({ "team.asc": Buffer.from(text) });
  return Buffer.from(await keys.dataKey({ groups: [{ age: [], pgp, others: [] }], threshold: 1 }));
}

// What gpg --import takes of such files.
describe("the OpenPGP keys of one file are judged one by one", () => {
  const broken = first.armor().replace(/\n\n.{40}/, "\n\n!!!!");
  test.each([
    ["two blocks, for the first", `${first.armor()}\n${second.armor()}`, first],
    ["two blocks, for the second", `${first.armor()}\n${second.armor()}`, second],
    ["two blocks with DOS line ends", `${first.armor()}\n${second.armor()}`.replace(/\r?\n/g, "\r\n"), second],
    ["a public block before the private one", `${first.toPublic().armor()}\n${first.armor()}`, first],
    ["a public block behind it", `${first.armor()}\n${second.toPublic().armor()}`, first],
    ["a locked block before it", `${locked.armor()}\n${first.armor()}`, first],
    ["a broken block before it", `${broken}\n${second.armor()}`, second],
    ["words between the blocks", `# first\n${first.armor()}# second\n${second.armor()}`, second],
    ["a locked key in the same armour", together(first, locked), first],
    ["a locked key before it in the same armour", together(locked, second), second],
  ])("%s", async (_what, text, recipient) => {
    expect(await open(text, recipient)).toEqual(dataKey);
  });

  test("and those that are of no use are named when none opens", async () => {
    const print = locked.getFingerprint().toUpperCase();
    await expect(open(`${together(first, locked)}\n${broken}`, foreign)).rejects.toThrow(
      `none of the 1 keys is one of them; unusable: team.asc (PGP ${print} is locked with a passphrase, its private key block 2 cannot be read)`,
    );
    await expect(open(first.toPublic().armor(), first)).rejects.toThrow(
      "there are no keys; unusable: team.asc (contains no armoured OpenPGP private key)",
    );
  });
});
