import { describe, expect, test } from "vitest";
import { signersFrom } from "./signers.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBVJ2dCoFJnHCsGxIxLvb1qHYPVmEjDNfpQaYvVTQzGk";
const pgp = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxjME\n-----END PGP PUBLIC KEY BLOCK-----\n";
const secret = (stringData: Readonly<Record<string, string>>) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "signers", namespace: "shop" },
  stringData,
});
const namesOf = (data: Readonly<Record<string, string>>) => signersFrom(secret(data)).ssh.map(({ name }) => name);

describe("the Secret of signers", () => {
  test.each([
    ["a public key with a comment", { "ada.pub": `${key} ada@example.com\n` }, ["ada@example.com"]],
    ["one without, by its file", { "ada.pub": key }, ["ada.pub"]],
    ["a line with principals", { allowed_signers: `ada@example.com ${key} laptop\n` }, ["ada@example.com"]],
    [
      "several lines and files, by name",
      { b: `${key} three\n`, a: `# two\n${key} one\n\n${key} two\n` },
      ["one", "two", "three"],
    ],
    ["one for another namespace", { a: `${key} one\n`, b: `ada@example.com namespaces="file" ${key}\n` }, ["one"]],
  ])("holds %s", (_, data, names) => {
    expect(namesOf(data)).toEqual(names);
  });

  test("holds keys of OpenPGP as they are", () => {
    expect(signersFrom(secret({ "ada.asc": pgp, note: "who signs here" }))).toEqual({ openpgp: [pgp], ssh: [] });
  });

  test("holds both, and what is neither is passed over", () => {
    const { openpgp, ssh } = signersFrom(secret({ "a.asc": pgp, "b.pub": key, README: "Ask Ada.\n" }));
    expect([openpgp.length, ssh.length]).toEqual([1, 1]);
  });

  test.each([
    ["nothing", {}],
    ["a note", { note: "none yet" }],
    ["lines that name nobody for Git", { a: `ada@example.com cert-authority ${key}\n` }],
    ["a private key", { a: "-----BEGIN OPENSSH PRIVATE KEY-----\nssh-\n" }],
  ])("must hold a key: %s", (_, data) => {
    expect(() => signersFrom(secret(data))).toThrow("Secret/shop/signers: holds no public key of a signer");
  });

  test("names the file and line of everything that is not understood", () => {
    const data = { a: `${key} one\nada@example.com tomorrow ${key}\n`, b: "ssh-ed25519 AAAA\n" };
    expect(() => signersFrom(secret(data))).toThrow(
      expect.objectContaining({
        code: "SourceInvalid",
        problems: [
          expect.objectContaining({ field: "a, line 2", object: "Secret/shop/signers" }),
          expect.objectContaining({
            field: "b, line 1",
            message: "holds no ssh-ed25519 key in base64 after that word",
          }),
        ],
      }),
    );
  });
});
