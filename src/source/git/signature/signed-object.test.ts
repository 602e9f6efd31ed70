import { describe, expect, test } from "vitest";
import { signedCommit, signedTag } from "./signed-object.ts";

// gitformat-signature(5).
const head = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000";
const armor = ["-----BEGIN PGP SIGNATURE-----", "", "iQEz", "-----END PGP SIGNATURE-----"];
const header = (name: string, lines: readonly string[] = armor) => `${name} ${lines.join("\n ")}`;
const commit = (...parts: readonly string[]) => Buffer.from(`${parts.join("\n")}\n\nSubject\n`, "latin1");
const signed = (part: { readonly payload: Buffer; readonly signature: string } | undefined) =>
  part && { payload: part.payload.toString("latin1"), signature: part.signature };

describe("a signed commit", () => {
  const plain = commit(head).toString();
  test.each([
    ["last among its headers", commit(head, header("gpgsig")), plain],
    [
      "before another one",
      commit(head, header("gpgsig"), "encoding ISO-8859-1"),
      commit(head, "encoding ISO-8859-1").toString(),
    ],
    ["beside that of SHA-256", commit(head, header("gpgsig"), header("gpgsig-sha256")), plain],
    ["beside that of SHA-256 before it", commit(head, header("gpgsig-sha256"), header("gpgsig")), plain],
    [
      "of a merge of a signed tag, which stays",
      commit(head, "mergetag object 1\n type commit\n \n -----BEGIN PGP SIGNATURE-----", header("gpgsig")),
      commit(head, "mergetag object 1\n type commit\n \n -----BEGIN PGP SIGNATURE-----").toString(),
    ],
  ])("with its signature %s", (_, data, payload) => {
    expect(signed(signedCommit(data))).toEqual({ payload, signature: armor.join("\n") });
  });

  test("keeps bytes that are no UTF-8", () => {
    const data = Buffer.concat([commit(head, header("gpgsig")), Buffer.from([0xff, 0xfe])]);
    expect(
      signedCommit(data)
        ?.payload.subarray(-2)
        .equals(Buffer.from([0xff, 0xfe])),
    ).toBe(true);
  });

  test.each([
    ["no signature", commit(head)],
    ["two signatures", commit(head, header("gpgsig"), header("gpgsig"))],
    ["a signature in its message", Buffer.from(`${head}\n\n${header("gpgsig")}\n`)],
    ["a signature of SHA-256 alone", commit(head, header("gpgsig-sha256"))],
    ["a header that begins the same", commit(head, header("gpgsigx"))],
    ["a signature in another header", commit(head, `encoding x\n ${header("gpgsig")}`)],
    ["nothing", Buffer.alloc(0)],
  ])("is none with %s", (_, data) => {
    expect(signedCommit(data)).toBeUndefined();
  });

  test("without a message is over its headers", () => {
    const data = Buffer.from(`${head}\n${header("gpgsig")}`);
    expect(signed(signedCommit(data))).toEqual({ payload: head, signature: armor.join("\n") });
  });
});

describe("a signed tag", () => {
  const tag = "object 1\ntype commit\ntag v1\ntagger A <a@b> 1 +0000\n\nVersion 1\n";
  const block = `${armor.join("\n")}\n`;
  test.each([
    ["by OpenPGP", block],
    ["by OpenPGP, in the old form", block.replaceAll("SIGNATURE", "MESSAGE")],
    ["by SSH", block.replaceAll("PGP", "SSH")],
    ["with the line ends of another system", block.replaceAll("\n", "\r\n")],
    ["without a line break at the end", block.trimEnd()],
  ])("%s", (_, signature) => {
    expect(signed(signedTag(Buffer.from(tag + signature)))).toEqual({ payload: tag, signature });
  });

  test("is signed by the last signature in it, over the ones before", () => {
    expect(signed(signedTag(Buffer.from(tag + block + block)))).toEqual({ payload: tag + block, signature: block });
  });

  test.each([
    ["nothing", tag],
    ["a signature that is quoted", `${tag}> ${armor[0]}\n`],
    ["the beginning of a key", `${tag}-----BEGIN PGP PUBLIC KEY BLOCK-----\n`],
  ])("is none with %s at its end", (_, text) => {
    expect(signedTag(Buffer.from(text))).toBeUndefined();
  });
});
