import { createMessage, generateKey, PacketList, readSignature, Signature, type SignaturePacket, sign } from "openpgp";
import { expect, it } from "vitest";
import { Failure } from "../../../model/failure.ts";
import { verifyRevision } from "./verify.ts";

const head = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ncommitter A <a@example.com> 1 +0000";
const revision = { ref: "main", commit: "4b825dc642cb6eb9a060e54bf8d69288fbee4904" };

it("reads no signature that holds several, nor one that is longer than any", async () => {
  const { publicKey, privateKey } = await generateKey({ userIDs: [{ name: "A" }], format: "object" });
  const message = await createMessage({ binary: Buffer.from(`${head}\n\nSigned\n`) });
  const armored = await sign({ message, signingKeys: privateKey, detached: true });
  const one = await readSignature({ armoredSignature: armored });
  const verifying = async (signature: Signature) => {
    const header = signature.armor().trimEnd().replaceAll("\r", "").replaceAll("\n", "\n ");
    const commit = Buffer.from(`${head}\ngpgsig ${header}\n\nSigned\n`);
    return verifyRevision(revision, { commit }, { mode: "head", signers: { openpgp: [publicKey.armor()], ssh: [] } });
  };
  expect(await verifying(one)).toHaveLength(1);
  const many = (count: number) => {
    const packets = new PacketList<SignaturePacket>();
    for (let n = 0; n < count; n++) packets.push(...one.packets);
    return new Signature(packets);
  };
  for (const count of [2, 500]) {
    await expect(verifying(many(count))).rejects.toMatchObject({
      code: "SignatureInvalid",
      problems: [{ message: "the signature of commit 4b825dc642cb cannot be read" }],
    });
  }
});

it("says that a signature cannot be read, and keeps the reason", async () => {
  const armor = "-----BEGIN PGP SIGNATURE-----\n \n wsBcBAABCAAQBQJ\n";
  const commit = Buffer.from(`${head}\ngpgsig ${armor}\n\nSigned\n`);
  const verified = verifyRevision(revision, { commit }, { mode: "head", signers: { openpgp: [], ssh: [] } });
  const failure: unknown = await verified.catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({
    code: "SignatureInvalid",
    problems: [{ message: "the signature of commit 4b825dc642cb cannot be read" }],
    cause: { message: expect.stringContaining("armor") },
  });
});
