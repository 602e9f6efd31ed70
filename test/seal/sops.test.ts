import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { generateKey, readPrivateKey } from "openpgp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { FileTree } from "../../src/model/file-tree.ts";
import type { KubeObject, Manifest } from "../../src/model/manifest.ts";
import {
  decryptFile,
  decryptingTree,
  decryptManifests,
  type SopsFormat,
  type SopsKeys,
  sopsFormat,
  sopsKeys,
} from "../../src/seal/index.ts";
import { goMissing, tool } from "../toolchain/tools.ts";

const run = promisify(execFile);

const secret = `# the database
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
stringData:
  # as the vendor gave it
  password: "pä'\\"\\nb" # trailing
  multi: |
    line 1
    line 2
`;

const everything = `# top
"quoted key": "yes"
"123": digits
a: 1
f: 1.50
tiny: 0.0000001
huge: 123456789012345678
yes_no: true
texts: ["yes", "no", "on", "y", "0x1F", "017", "1_000", "12:30:45", "null", "~", "1e3", "="]
nothing: null
empty: ""
date: 2020-01-01
text: "2020-01-01"
list: [a, 1, {x: y, z: [2.5, null]}]
deep: {deeper: {deepest: "🙂 & <x>"}}
plain_unencrypted: 12
left_unencrypted: {a: 1.5, b: false, c: text, d: [x, 3]}
`;

/** Name of the file, its content, further arguments of sops. */
const cases: readonly (readonly [string, string | Buffer, readonly string[]])[] = [
  ["everything.yaml", everything, []],
  ["everything-mac.yaml", everything, ["--mac-only-encrypted"]],
  ["suffix.yaml", "a_secret: x\nb: y\nc_secret: {d: 1}\n", ["--encrypted-suffix", "_secret"]],
  ["regex.yaml", secret, ["--encrypted-regex", "^(data|stringData)$"]],
  ["unregex.yaml", secret, ["--unencrypted-regex", "^(kind|apiVersion|metadata)$"]],
  ["flags.yaml", "Abc: x\nd: y\n", ["--encrypted-regex", "(?i)^ABC$"]],
  ["comment.yaml", "# ENCRYPT\na: x\nb: y\n", ["--encrypted-comment-regex", "ENCRYPT"]],
  ["two.yaml", "a: x\n---\nb: y\nc: [1]\n", []],
  ["file.json", '{"b":[1.5,"x",true,null,{"c":"d"}],"a":1,"10":"x","2":"y","data":"q/\\u00e9"}', []],
  ["file.env", "A=b\n# comment\nB=x y\\nz\nEMPTY=\n", []],
  ["file.ini", "top = 1\n[s]\na=b ; c\n; k\nx = 5\nlong = a;b#c\n[t]\ny=1\n", []],
  ["file.bin", Buffer.from("a key\n\0\x01 binary"), []],
  ["file.txt", "plain text, ünïcode\n", []],
];

describe.skipIf(goMissing() !== undefined)("files encrypted by the real sops", () => {
  let directory: string;
  let sops: string;
  let recipient: string;
  let keys: SopsKeys;
  let foreign: SopsKeys;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "mooring-sops-"));
    sops = await tool("sops");
    const identity = await generateX25519Identity();
    recipient = await identityToRecipient(identity);
    await writeFile(join(directory, "key.txt"), identity, { mode: 0o600 });
    keys = sopsKeys({ "main.agekey": Buffer.from(`# created: today\n${identity}\n`), other: Buffer.from("ignored") });
    foreign = sopsKeys({ "other.agekey": Buffer.from(await generateX25519Identity()) });
  }, 600_000);

  afterAll(() => rm(directory, { recursive: true }));

  async function encrypt(name: string, content: string | Buffer, args: readonly string[]): Promise<Buffer> {
    const file = join(directory, name);
    await writeFile(file, content);
    await run(sops, ["--encrypt", "--in-place", "--age", recipient, ...args, file]);
    return readFile(file);
  }

  async function decryptByOracle(name: string): Promise<Buffer> {
    const env = { SOPS_AGE_KEY_FILE: join(directory, "key.txt") };
    return (await run(sops, ["--decrypt", join(directory, name)], { env, encoding: "buffer" })).stdout;
  }

  test.each(cases)("%s is decrypted to what sops decrypts it to", async (name, content, args) => {
    const encrypted = await encrypt(name, content, args);
    const format = sopsFormat(name, encrypted) ?? expect.unreachable("not seen to be encrypted");
    const [ours, theirs] = [await decryptFile(encrypted, format, keys), await decryptByOracle(name)];
    expect(comparable(format, ours)).toEqual(comparable(format, theirs));
  });

  test.each(cases)("%s is not seen to be encrypted before it is", (name, content) => {
    expect(sopsFormat(name, Buffer.from(content))).toBeUndefined();
  });

  test.each(cases)("%s is refused without its key, for whom is said", async (name, content, args) => {
    const encrypted = await encrypt(name, content, args);
    const format = sopsFormat(name, encrypted) ?? "binary";
    await expect(decryptFile(encrypted, format, foreign)).rejects.toThrow(
      `is encrypted with SOPS for ${recipient}, and none of the 1 keys here is one of them`,
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
    ["a plain value changed", (text) => text.replace("name: db", "name: cache"), "the MAC of SOPS does not fit"],
    ["a value taken out", (text) => text.replace(/^ *multi: ENC\[.*\]\n/m, ""), "the MAC of SOPS does not fit"],
    [
      "a plain value added",
      (text) => text.replace("kind: Secret", "kind: Secret\ntype: Opaque"),
      "the MAC of SOPS does not fit",
    ],
    [
      "another time",
      (text) => text.replace(/lastmodified: "20../, 'lastmodified: "19..'),
      "the MAC of SOPS does not fit",
    ],
  ])("%s is noticed", async (_what, edit, message) => {
    const encrypted = await encrypt("tampered.yaml", secret, ["--encrypted-regex", "^(data|stringData)$"]);
    await expect(decryptFile(Buffer.from(edit(encrypted.toString())), "yaml", keys)).rejects.toThrow(message);
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
    await run(sops, ["--encrypt", "--in-place", "--pgp", print, join(directory, "pgp.yaml")], { env });
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
    const content = { ini: "[s]\na = b\n", json: '{\n\t"a": "b"\n}', yaml: "a: b\n" }[name.slice(7)] ?? "";
    await writeFile(join(directory, name), content);
    await run(sops, ["--config", join(directory, "groups.config"), "--encrypt", "--in-place", join(directory, name)]);
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
    await expect(tree.read("bad.yaml")).rejects.toThrow("bad.yaml: sops.mac: the MAC of SOPS does not fit");
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

test("what is no key is refused without a word of it", () => {
  expect(() => sopsKeys({ "a.agekey": Buffer.from("hunter2") })).toThrow("a.agekey holds no age identity");
});

/** Files of lines must be the same bytes; structured ones must say the same in the same order, to readers of YAML 1.1 and 1.2. */
function comparable(format: SopsFormat, content: Buffer): unknown {
  if (format === "yaml") {
    const said = (["1.1", "1.2"] as const).map((version) =>
      parseAllDocuments(content.toString(), { version }).map((document) =>
        JSON.stringify(document.toJS()).replaceAll(".000Z", "Z"),
      ),
    );
    return [...said, comments(content)];
  }
  if (format === "json") return JSON.parse(content.toString());
  return format === "ini" ? content.toString().replace(/ +=/g, " =").trim() : content.toString("latin1");
}

function comments(content: Buffer): readonly string[] {
  return content.toString().match(/#.*/g) ?? [];
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
