import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { keysOf, sopsFixture } from "../../../test/support/sops-files.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { stringAt } from "../../model/json/json.ts";
import { memoryTree } from "../../render/index.ts";
import { decryptingTree } from "./decrypting-tree.ts";
import { createVerifiedFiles } from "./verified.ts";

const manifest = sopsFixture("regex.yaml").encrypted;
const env = sopsFixture("file.env").encrypted;

function files(contents: Readonly<Record<string, string | Buffer>>): FileTree {
  return memoryTree(
    Object.fromEntries(Object.entries(contents).map(([path, content]) => [path, Buffer.from(content).toString()])),
  );
}

const read = async (tree: FileTree, path: string) => Buffer.from(await tree.read(path)).toString();

describe("files of a tree", () => {
  test("are read in plain where they are encrypted, and else as they are", async () => {
    const tree = decryptingTree(files({ "a/db.env": env, "b.yaml": "a: b\n" }), keysOf(0));
    expect(tree.hasOpened()).toBe(false);
    expect(await read(tree, "b.yaml")).toBe("a: b\n");
    expect(tree.hasOpened()).toBe(false);
    expect(await read(tree, "a/db.env")).toBe(sopsFixture("file.env").plain.toString());
    expect(tree.hasOpened()).toBe(true);
  });

  test("that hold objects stay encrypted, but their MAC is checked and noted", async () => {
    const verified = createVerifiedFiles();
    const tree = decryptingTree(files({ "db.yaml": manifest }), keysOf(0), verified);
    expect(await read(tree, "db.yaml")).toBe(manifest.toString());
    expect(tree.hasOpened()).toBe(false);
    const password = stringAt(parse(manifest.toString()), "stringData", "password") ?? "";
    const claim = { apiVersion: "v1", kind: "Secret", ciphertexts: [password] };
    expect([verified.cover(claim), verified.cover({ ...claim, kind: "ConfigMap" })]).toEqual([true, false]);
  });

  test("have placeholders in the redacted tree, of the same shape", async () => {
    const tree = decryptingTree(files({ "db.env": env, "b.yaml": "a: b\n" }), keysOf(0));
    expect((await read(tree.redacted, "db.env")).split("\n")[0]).toBe("A=c");
    expect(await read(tree.redacted, "b.yaml")).toBe("a: b\n");
    expect(tree.hasOpened()).toBe(true);
  });

  test("are listed as they are", async () => {
    const tree = decryptingTree(files({ "a/db.env": env }), keysOf(0));
    expect(await tree.list("a")).toEqual(await files({ "a/db.env": env }).list("a"));
    expect((await tree.entry("a/db.env"))?.kind).toBe("file");
  });
});

describe("files that cannot be trusted are refused by name", () => {
  const tampered = env.toString().replace(/^A=.*$/m, "A=plain");
  const bare = sopsFixture("suffix.yaml")
    .encrypted.toString()
    .replace(/^sops:\n(?: {4}.*\n)*/m, "");

  test.each<[string, { path: string; content: string; key?: number }, string, string]>([
    [
      "a value in plain",
      { path: "db.env", content: tampered },
      "SealInvalid",
      "db.env: A: is not what SOPS encrypted here",
    ],
    [
      "a manifest that was changed",
      { path: "db.yaml", content: manifest.toString().replace("name: db", "name: other") },
      "SealInvalid",
      "db.yaml: sops.mac: ",
    ],
    [
      "another key",
      { path: "db.env", content: env.toString(), key: 1 },
      "UnsealFailed",
      "db.env: is encrypted with SOPS for age1",
    ],
    [
      "values without metadata",
      { path: "db.yaml", content: bare },
      "SealInvalid",
      "db.yaml: holds values that SOPS encrypted, but not the metadata",
    ],
    [
      "a file beyond 5 MiB",
      { path: "db.env", content: `${"#".repeat(5 * 2 ** 20)}\n${env.toString()}` },
      "InputTooLarge",
      "db.env: is encrypted with SOPS and larger than 5 MiB",
    ],
  ])("%s", async (_what, { path, content, key = 0 }, code, message) => {
    const tree = decryptingTree(files({ [path]: content }), keysOf(key));
    await expect(tree.read(path)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    await expect(tree.redacted.read(path)).rejects.toMatchObject({ code });
    expect(tree.hasOpened()).toBe(false);
  });

  test("what the tree itself refuses is left as it is", async () => {
    const tree = decryptingTree(files({}), keysOf(0));
    await expect(tree.read("none")).rejects.toThrow();
  });
});
