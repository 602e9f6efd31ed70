import { expect, it } from "vitest";
import { Failure } from "../../model/failure.ts";
import { verifyRevision } from "./verify.ts";

it("says that a signature cannot be read, and keeps the reason", async () => {
  const armor = "-----BEGIN PGP SIGNATURE-----\n \n wsBcBAABCAAQBQJ\n";
  const head = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ncommitter A <a@example.com> 1 +0000";
  const commit = Buffer.from(`${head}\ngpgsig ${armor}\n\nSigned\n`);
  const verified = verifyRevision(
    { ref: "main", commit: "4b825dc642cb6eb9a060e54bf8d69288fbee4904" },
    { commit },
    { mode: "head", signers: { openpgp: [], ssh: [] } },
  );
  const failure: unknown = await verified.catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({
    code: "SignatureInvalid",
    problems: [{ message: "the signature of commit 4b825dc642cb cannot be read" }],
    cause: { message: expect.stringContaining("armor") },
  });
});
