import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { generateKey, readPrivateKey } from "openpgp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import type { FileTree } from "../../src/model/file-tree.ts";
import type { KubeObject, Manifest } from "../../src/model/manifest.ts";
import {
  createVerifiedFiles,
  decryptFile,
  decryptingTree,
  decryptManifests,
  refuseUnverified,
  type SopsKeys,
  sopsFormat,
  sopsKeys,
} from "../../src/seal/index.ts";
import { goMissing } from "../toolchain/tools.ts";
import { createRealSops, type RealSops } from "./real-sops.ts";
import { cases, secret } from "./sops-cases.ts";

const run = promisify(execFile);

describe.skipIf(goMissing() !== undefined)("files encrypted by the real sops (skipped without Go)", () => {
  let directory: string;
  let real: RealSops;
  let keys: SopsKeys;
  let foreign: SopsKeys;
  let document: Document;
  let other: Document;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "mooring-sops-"));
    real = await createRealSops(directory);
    keys = real.keys;
    document = parse(String(await real.encrypt("form.yaml", "a: x\nb: q\n")));
    other = parse(String(await real.encrypt("form-2.yaml", "a: z\nb: q\n")));
    foreign = sopsKeys({ "other.agekey": Buffer.from(await generateX25519Identity()) });
  }, 600_000);

  afterAll(() => rm(directory, { recursive: true }));

  const encrypt = (name: string, content: string | Buffer, args: readonly string[]): Promise<Buffer> =>
    real.encrypt(name, content, args);

  test.each(cases)("%s is decrypted to what sops decrypts it to", async (name, content, args) => {
    const encrypted = await encrypt(name, content, args);
    const format = sopsFormat(name, encrypted) ?? expect.unreachable("not seen to be encrypted");
    const [ours, theirs] = [await decryptFile(encrypted, format, keys), await real.decrypt(name)];
    expect(ours.toString("latin1")).toBe(theirs.toString("latin1"));
  });

  test.each(cases)("%s is not seen to be encrypted before it is", (name, content) => {
    expect(sopsFormat(name, Buffer.from(content))).toBeUndefined();
  });

  const oneOfEach = cases.filter(([name]) =>
    ["regex.yaml", "file.json", "file.env", "file.ini", "file.bin"].includes(name),
  );

  test.each(oneOfEach)("%s is refused without its key, for whom is said", async (name, content, args) => {
    const encrypted = await encrypt(name, content, args);
    const format = sopsFormat(name, encrypted) ?? "binary";
    await expect(decryptFile(encrypted, format, foreign)).rejects.toThrow(
      `is encrypted with SOPS for ${real.recipient}, and none of the 1 keys is one of them`,
    );
  });

  test.each<[string, (text: string) => string, string]>([
    [
      "a value in plain",
      (text) => text.replace(/password: ENC\[.*\]/, "password: hunter2"),
      "stringData.password: is not what SOPS encrypted here",
    ],
    [
      "a value moved",
      (text) => text.replace("password: ENC", "other: ENC"),
      "stringData.other: is not what SOPS encrypted here",
    ],
    ["a plain value changed", (text) => text.replace("name: db", "name: cache"), "the MAC of SOPS does not match"],
    ["a value taken out", (text) => text.replace(/^ *multi: ENC\[.*\]\n/m, ""), "the MAC of SOPS does not match"],
    [
      "a plain value added",
      (text) => text.replace("kind: Secret", "kind: Secret\ntype: Opaque"),
      "the MAC of SOPS does not match",
    ],
    [
      "another time",
      (text) => text.replace(/lastmodified: "20../, 'lastmodified: "19..'),
      "the MAC of SOPS does not match",
    ],
  ])("%s is noticed", async (_what, edit, message) => {
    const encrypted = await encrypt("tampered.yaml", secret, ["--encrypted-regex", "^(data|stringData)$"]);
    await expect(decryptFile(Buffer.from(edit(encrypted.toString())), "yaml", keys)).rejects.toThrow(message);
  });

  /** The same document, written otherwise. */
  const forms: readonly (readonly [string, (document: Document) => string])[] = [
    ["with the metadata in flow style", ({ sops, ...rest }) => `${stringify(rest)}sops: ${JSON.stringify(sops)}\n`],
    ["as JSON in YAML", (document) => JSON.stringify(document)],
    ["with quoted keys", ({ sops, ...rest }) => `${stringify(rest)}"sops": ${JSON.stringify(sops)}\n`],
    ["with an escape in the key", ({ sops, ...rest }) => `${stringify(rest)}"s\\x6fps": ${JSON.stringify(sops)}\n`],
    ["with the metadata first", ({ sops, ...rest }) => stringify({ sops, ...rest })],
    ["with an anchor", ({ sops, ...rest }) => `${stringify(rest)}sops: &s ${JSON.stringify(sops)}\n`],
    ["with metadata that nobody knows", ({ sops, ...rest }) => stringify({ ...rest, sops: { ...sops, future: [1] } })],
    ["with a further document", (document) => `${stringify(document)}---\n{}\n`],
  ];

  describe.each(forms)("a file %s", (_how, written) => {
    const read = (text: string) =>
      decryptingTree(treeOf(new Map([["a.yaml", Buffer.from(text)]])), keys).read("a.yaml");

    test("opens", async () => {
      const [first] = String(await read(written(document))).split("---\n");
      expect(first).toBe("a: x\nb: q\n");
    });

    test.each<readonly [string, (document: Document, other: Document) => Document]>([
      ["two values exchanged", (document) => ({ ...document, a: document.b ?? "", b: document.a ?? "" })],
      ["one taken out", ({ a: _, ...document }) => document],
      ["one that is not encrypted added", (document) => ({ ...document, c_unencrypted: "x" })],
      ["no MAC", ({ sops: { mac: _, ...sops }, ...document }) => ({ ...document, sops })],
      ["a MAC that is nonsense", (document) => ({ ...document, sops: { ...document.sops, mac: "nonsense" } })],
      ["the MAC of another", (document, other) => ({ ...document, sops: { ...document.sops, mac: other.sops.mac } })],
      ["a value of another", (document, other) => ({ ...document, a: other.a ?? "" })],
      [
        "another time",
        (document) => ({ ...document, sops: { ...document.sops, lastmodified: "2020-01-01T00:00:00Z" } }),
      ],
      [
        "the MAC over encrypted values only",
        ({ sops, ...rest }) => ({ ...rest, sops: { ...sops, mac_only_encrypted: true } }),
      ],
    ])("does not open with %s", async (_what, changed) => {
      await expect(read(written(changed(document, other)))).rejects.toMatchObject({ code: "SealInvalid" });
    });
  });

  test.each([
    ["values without the metadata", (text: string) => text.replace(/^sops:.*/ms, "")],
    ["values with other metadata", (text: string) => text.replace(/^sops:.*/ms, "sops: {enabled: true}\n")],
    ["the metadata in the second document", (text: string) => `a: 1\n---\n${text}`],
    [
      "a comment without the metadata",
      (text: string) => `${text.replace(/^(?:sops|b).*/ms, "").replace(/^a:.*$/m, "a: 1")}`,
    ],
  ])("a file of %s is refused by name", async (_what, edit) => {
    const text = edit(String(await encrypt("stray.yaml", "# secret\na: x\nb: y\n", [])));
    const tree = decryptingTree(treeOf(new Map([["stray.yaml", Buffer.from(text)]])), keys);
    await expect(tree.read("stray.yaml")).rejects.toMatchObject({
      code: "SealInvalid",
      problems: [expect.objectContaining({ file: "stray.yaml" })],
    });
  });

  test("keys that are none are named when no key opens, and keep none from opening", async () => {
    const encrypted = await encrypt("keys.yaml", "a: x\n", []);
    const broken = {
      "a.agekey": Buffer.from("hunter2"),
      "b.agekey": Buffer.from("# none\n"),
      "c.asc": Buffer.from("x"),
    };
    const mixed = sopsKeys({ ...broken, "z.agekey": Buffer.from(`AGE-SECRET-KEY-1BROKEN\n${real.identity}\n`) });
    expect(String(await decryptFile(encrypted, "yaml", mixed))).toBe("a: x\n");
    const failure = await decryptFile(encrypted, "yaml", sopsKeys(broken)).catch(String);
    expect(failure).toContain(
      "there are no keys; unusable: a.agekey (contains no age identity, AGE-SECRET-KEY-1…), b.agekey (is empty), c.asc (contains no armoured OpenPGP private key)",
    );
    expect(failure).not.toContain("hunter2");
  });

  test("only values of one verified file are opened, whatever a patch put into the object", async () => {
    const args = ["--encrypted-regex", "^stringData$"];
    const old = await encrypt("db.yaml", secret, args);
    const other = await encrypt("other.yaml", secret.replace("line 1", "line 0"), args);
    const object: KubeObject = parse(old.toString());
    const replayed = {
      ...object,
      stringData: { ...Object(object.stringData), multi: parse(String(other)).stringData.multi },
    };
    const verified = createVerifiedFiles();
    const tree = decryptingTree(
      treeOf(
        new Map([
          ["db.yaml", old],
          ["other.yaml", other],
        ]),
      ),
      keys,
      verified,
    );
    await tree.read("other.yaml");
    await refuseUnverified([manifestOf(object)], tree, verified);
    await expect(refuseUnverified([manifestOf(replayed)], tree, verified)).rejects.toThrow(
      "db.yaml: Secret/shop/db: holds encrypted values that do not come from one file with a valid MAC",
    );
  });

  test("an object with encrypted values and without metadata is refused", async () => {
    const { sops: _, ...object }: KubeObject = parse(
      String(await encrypt("db.yaml", secret, ["--encrypted-regex", "^stringData$"])),
    );
    await expect(decryptManifests([manifestOf(object)], keys)).rejects.toThrow(
      "db.yaml: Secret/shop/db: holds values that SOPS encrypted, but not the metadata of SOPS",
    );
  });

  test("bytes stay bytes in the data of a Secret", async () => {
    const bytes = randomBytes(300);
    const data = { "blob.bin": (await encrypt("blob.bin", bytes, [])).toString("base64") };
    const object = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "n" }, data };
    const [opened] = await decryptManifests([manifestOf(object)], keys);
    expect(opened?.object.data).toEqual({ "blob.bin": bytes.toString("base64") });
  });

  test("post-quantum keys of age open as well, beside others", async () => {
    const identity = await generateHybridIdentity();
    const encrypted = await encrypt("pq.yaml", "a: hunter2\n", ["--age", await identityToRecipient(identity)]);
    expect(encrypted.toString()).toContain("recipient: age1pq1");
    const both = sopsKeys({ "a.agekey": Buffer.from(real.identity), "pq.agekey": Buffer.from(identity) });
    expect(String(await decryptFile(encrypted, "yaml", both))).toBe("a: hunter2\n");
    await expect(decryptFile(encrypted, "yaml", foreign)).rejects.toThrow(
      /^is encrypted with SOPS for age1pq1\w{33}…\w{8}, and none/,
    );
  });

  test("OpenPGP keys open as well", async () => {
    const home = join(directory, "gnupg");
    await run("mkdir", ["-m", "700", home]);
    const { privateKey, publicKey } = await generateKey({ userIDs: [{ name: "test" }], type: "rsa", rsaBits: 2048 });
    await writeFile(join(directory, "public.asc"), publicKey);
    const env = { ...process.env, GNUPGHOME: home };
    const imported = await run("gpg", ["--batch", "--import", join(directory, "public.asc")], { env }).catch(
      () => undefined,
    );
    if (imported === undefined) return;
    const print = (await readPrivateKey({ armoredKey: privateKey })).getFingerprint().toUpperCase();
    await writeFile(join(directory, "pgp.yaml"), "a: secret\n");
    await run(real.program, ["--encrypt", "--in-place", "--pgp", print, join(directory, "pgp.yaml")], { env });
    const encrypted = await readFile(join(directory, "pgp.yaml"));
    const pgpKeys = sopsKeys({ "team.asc": Buffer.from(privateKey) });
    expect(parse((await decryptFile(encrypted, "yaml", pgpKeys)).toString())).toEqual({ a: "secret" });
  });

  // Not dotenv: sops 3.10.2 itself fails to write a threshold there.
  test.each(["groups.yaml", "groups.json", "groups.ini"])("%s, encrypted for two of three key groups", async (name) => {
    const identities = await Promise.all([1, 2, 3].map(() => generateX25519Identity()));
    const recipients = await Promise.all(identities.map(identityToRecipient));
    const groups = recipients.map((age) => ({ age: [age] }));
    const config = { creation_rules: [{ path_regex: ".*", shamir_threshold: 2, key_groups: groups }] };
    await writeFile(join(directory, "groups.config"), JSON.stringify(config));
    const content = { ini: "[s]\na = b\n", json: '{\n\t"a": "b"\n}\n', yaml: "a: b\n" }[name.slice(7)] ?? "";
    await writeFile(join(directory, name), content);
    await run(real.program, [
      "--config",
      join(directory, "groups.config"),
      "--encrypt",
      "--in-place",
      join(directory, name),
    ]);
    const encrypted = await readFile(join(directory, name));
    const format = sopsFormat(name, encrypted) ?? "binary";
    const withKeys = (...which: readonly number[]) =>
      sopsKeys(Object.fromEntries(which.map((index) => [`${index}.agekey`, Buffer.from(identities[index] ?? "")])));
    for (const some of [withKeys(0, 1), withKeys(2, 0), withKeys(0, 1, 2)]) {
      expect((await decryptFile(encrypted, format, some)).toString()).toBe(content);
    }
    await expect(decryptFile(encrypted, format, withKeys(1))).rejects.toThrow("2 of 3 groups of them");
  });

  test("a tree gives generators plain files, and leaves manifests encrypted once their MAC was checked", async () => {
    const args = ["--encrypted-regex", "^(data|stringData)$"];
    const files = new Map<string, Uint8Array>([
      ["db.yaml", await encrypt("db.yaml", secret, args)],
      ["app.env", await encrypt("app.env", "A=b\n", [])],
      ["plain.yaml", Buffer.from("a: b\n")],
    ]);
    files.set("bad.yaml", Buffer.from(String(files.get("db.yaml")).replace("name: db", "name: x")));
    const tree = decryptingTree(treeOf(files), keys);
    expect(await tree.read("db.yaml")).toBe(files.get("db.yaml"));
    expect(String(await tree.read("app.env"))).toBe("A=b\n");
    expect(await tree.read("plain.yaml")).toBe(files.get("plain.yaml"));
    await expect(tree.read("bad.yaml")).rejects.toThrow("bad.yaml: sops.mac: the MAC of SOPS does not match");
  });

  test("rendered objects are decrypted, also where kustomize changed them, and marked sensitive", async () => {
    const encrypted = await encrypt("db.yaml", secret, ["--encrypted-regex", "^(data|stringData)$"]);
    const object: KubeObject = parse(encrypted.toString());
    const moved = { ...object, metadata: { ...object.metadata, namespace: "prod", labels: { app: "shop" } } };
    const [opened] = await decryptManifests([manifestOf(moved)], keys);
    expect(opened).toMatchObject({
      sensitive: true,
      digest: "d",
      id: { kind: "Secret", namespace: "prod", name: "db" },
    });
    expect(opened?.object).toEqual({ ...parse(secret), metadata: moved.metadata });
  });

  test("values of a Secret that are encrypted files are decrypted in the form their name says", async () => {
    const file = await encrypt("config.yaml", "user: admin\n", []);
    const data = { "config.yaml": file.toString("base64"), plain: btoa("x") };
    const object = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "n" }, data };
    const [opened] = await decryptManifests([manifestOf(object)], keys);
    expect(opened?.object.data).toEqual({ "config.yaml": btoa("user: admin\n"), plain: btoa("x") });
    expect(opened?.sensitive).toBe(true);
  });

  test("without keys an encrypted object is an error that says what to do", async () => {
    const object: KubeObject = parse(
      (await encrypt("db.yaml", secret, ["--encrypted-regex", "^stringData$"])).toString(),
    );
    await expect(decryptManifests([manifestOf(object)], undefined)).rejects.toMatchObject({
      code: "UnsealFailed",
      problems: [
        {
          file: "db.yaml",
          object: "Secret/shop/db",
          message: "is encrypted with SOPS, and the environment has no keys",
        },
      ],
    });
  });
});

/** A document as SOPS writes it, parsed. */
interface Document {
  readonly [key: string]: string | Document["sops"];
  readonly sops: { readonly [key: string]: unknown };
}

function treeOf(files: ReadonlyMap<string, Uint8Array>): FileTree {
  return {
    entry: async (path) => (files.has(path) ? { kind: "file" } : undefined),
    list: async () => [...files.keys()],
    read: async (path) => files.get(path) ?? expect.unreachable(`no ${path}`),
  };
}

function manifestOf(object: KubeObject): Manifest {
  const { name, namespace = "" } = object.metadata;
  const origin = { file: "db.yaml", chain: [] };
  return { id: { group: "", kind: object.kind, namespace, name }, object, origin, sensitive: false, digest: "d" };
}
