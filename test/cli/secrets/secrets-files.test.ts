import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { writeNamed } from "../../../src/cli/sealing/files/write-file.ts";
import { certificateBundle, newSealingKey, readCertificate, sealingKey } from "../../../src/seal/index.ts";
import { runInProcess } from "../../seal/run-in-process.ts";

const pair = await newSealingKey(new Date(), { bits: 2048 });
const other = await newSealingKey(new Date(), { bits: 2048 });
const fingerprintOf = (pem: string) => readCertificate(pem).id;
const certificate = await certificateBundle(sealingKey(pair.certificatePem, pair.privateKeyPem));
const folders: string[] = [];
let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "mooring-files-"));
  folders.push(cwd);
  await writeFile(join(cwd, "seal.pem"), certificate);
  await writeFile(join(cwd, "key.pem"), pair.privateKeyPem);
});

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

const mooring = (line: string, stdin = "hunter2") => runInProcess(line, { cwd, stdin });
const sealed = (place = "-n shop") => mooring(`secrets set db.yaml PASSWORD --name db ${place}`);
const secret = (name: string) =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}, namespace: prod}\nstringData: {PASSWORD: hunter2}\n`;
const wellSealed = async () => (await mooring("seal --cert seal.pem -o yaml", secret("well"))).stdout;
const write = async (path: string, text: string) => {
  await mkdir(join(cwd, path, ".."), { recursive: true });
  await writeFile(join(cwd, path), text);
};

describe("an empty value", () => {
  test.each([
    "secrets set db.yaml PASSWORD --name db -n shop",
    "secrets set db.yaml PASSWORD --name db -n shop --from-file empty",
    "seal --raw --name db -n shop --cert seal.pem",
    "seal --raw --name db -n shop --cert seal.pem --from-file empty",
  ])("is refused by `%s`, unless it is meant", async (line) => {
    await write("empty", "");
    for (const stdin of line.startsWith("secrets") ? ["", "\n", "\r\n"] : [""]) {
      expect(await mooring(line, stdin)).toMatchObject({ code: 2, stderr: expect.stringContaining("is empty") });
    }
    expect(existsSync(join(cwd, "db.yaml"))).toBe(false);
    expect(await mooring(`${line} --allow-empty`, "")).toMatchObject({ code: 0 });
  });
});

describe("what has no effect, or another", () => {
  test.each([
    ["secrets set db.yaml PASSWORD -n other", "is in the namespace shop, not in other"],
    ["secrets set db.yaml PASSWORD --name other", "contains no SealedSecret other; there is db"],
    ["secrets set db.yaml PASSWORD --scope cluster-wide", "has the scope strict"],
    ["secrets set db.yaml PASSWORD --env production --cert seal.pem", "--env does not go with --cert"],
    ["secrets unset db.yaml PASSWORD -n other", "is in the namespace shop, not in other"],
    ["secrets unset db.yaml PASSWORD --name other", "contains no SealedSecret other; there is db"],
    ["secrets rename db.yaml PASSWORD NEW -n other", "is in the namespace shop, not in other"],
    ["secrets reseal --all db.yaml --to-cert seal.pem", "--all already includes every file"],
    ["seal --raw --name db -n shop -f secret.yaml", "--raw does not go with --secret-file"],
    ["seal --raw --name db -n shop -o json", "--raw does not go with --format"],
    ["seal -f secret.yaml --merge-into db.yaml -w other.yaml", "--merge-into does not go with --sealed-secret-file"],
    ["seal -f secret.yaml --merge-into db.yaml --scope strict", "--merge-into does not go with --scope"],
    ["seal -f secret.yaml --merge-into db.yaml --name other", "--merge-into does not go with --name"],
    ["seal -f secret.yaml --merge-into db.yaml -n other --cert seal.pem", "is in the namespace shop, not in other"],
    [
      "seal -f secret.yaml -o json -w sealed.yaml --cert seal.pem",
      "json was requested, but the name of sealed.yaml means yaml",
    ],
    ["seal -f secret.yaml --cert seal.pem --controller-namespace x", "--cert does not go with --controller-namespace"],
    ["re-encrypt --recovery-private-key key.pem --cert seal.pem", "contains no SealedSecret"],
  ])("`%s` is refused, and changes nothing", async (line, message) => {
    await sealed();
    await write(
      "secret.yaml",
      "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {a: b}\n",
    );
    const before = await readFile(join(cwd, "db.yaml"), "utf8");
    const run = await mooring(line, line.startsWith("re-encrypt") ? "" : "hunter2");
    expect(run.code).not.toBe(0);
    expect(run.stderr).toContain(message);
    expect(await readFile(join(cwd, "db.yaml"), "utf8")).toBe(before);
  });

  test("a backup is not written over without a word", async () => {
    await write("keys.age", "an older backup");
    const run = await mooring("secrets backup keys.age --recipient age1x");
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("keys.age: error: already exists") });
    expect(await readFile(join(cwd, "keys.age"), "utf8")).toBe("an older backup");
  });

  test("unset leaves no empty annotations behind", async () => {
    await sealed();
    expect(await mooring("secrets unset db.yaml PASSWORD")).toMatchObject({ code: 0 });
    expect(await readFile(join(cwd, "db.yaml"), "utf8")).not.toContain("annotations");
  });
});

describe("secrets verify judges what is rendered", () => {
  const overlay = (more: string) => `resources: [../../base]\n${more}\n`;

  beforeEach(async () => {
    await sealed("-n prod");
    await write("base/db.yaml", await readFile(join(cwd, "db.yaml"), "utf8"));
    await write("base/kustomization.yaml", "resources: [db.yaml]\n");
    await rm(join(cwd, "db.yaml"));
  });

  test("each overlay by itself", async () => {
    await write("overlays/good/kustomization.yaml", overlay("namespace: prod"));
    expect(await mooring("secrets verify")).toMatchObject({ code: 0 });
    await write("overlays/moved/kustomization.yaml", overlay("namespace: staging"));
    await write("overlays/named/kustomization.yaml", overlay("namePrefix: my-"));
    const { code, stderr } = await mooring("secrets verify");
    expect(code).toBe(1);
    expect(stderr).toContain('as overlays/moved renders it, it is "prod", but metadata.namespace is "staging"');
    expect(stderr).toContain('as overlays/named renders it, it is "db", but metadata.name is "my-db"');
    expect(stderr).not.toContain("overlays/good");
  });

  test("with what an Environment adds", async () => {
    const spec = "{source: {url: 'https://git.example.com/a.git'}, path: ./base, targetNamespace: elsewhere}";
    await write(
      "environments/e.yaml",
      `apiVersion: mooring.dev/v1alpha1\nkind: Environment\nmetadata: {name: e, namespace: m}\nspec: ${spec}\n`,
    );
    const { code, stderr } = await mooring("secrets verify");
    expect(code).toBe(1);
    expect(stderr).toContain('as Environment e renders it, it is "prod", but metadata.namespace is "elsewhere"');
  });

  test("a namespace that only the overlay gives is right", async () => {
    const text = await readFile(join(cwd, "base/db.yaml"), "utf8");
    await write("base/db.yaml", text.replaceAll(/^ *namespace: prod\n/gm, ""));
    await write("overlays/good/kustomization.yaml", overlay("namespace: prod"));
    expect(await mooring("secrets verify")).toMatchObject({ code: 0, stderr: "" });
  });

  test("an overlay that cannot be rendered is said", async () => {
    await write("overlays/broken/kustomization.yaml", overlay("patches: [{path: none.yaml}]"));
    const { code, stderr } = await mooring("secrets verify");
    expect(stderr).toContain("overlays/broken cannot be rendered, so its files were not checked as rendered");
    expect({ code, first: stderr.split(" ")[1] }).toEqual({ code: 1, first: "error:" });
  });

  test("an overlay that takes something from elsewhere cannot be judged, which is a warning", async () => {
    await write("overlays/far/kustomization.yaml", overlay("components: ['https://example.com/a.git//b']"));
    const { code, stderr } = await mooring("secrets verify");
    expect(stderr).toMatch(/warning: .*overlays\/far cannot be rendered/);
    expect(code).toBe(0);
  });

  test("the members of a list, each as it is rendered", async () => {
    const member = JSON.parse((await mooring("seal --cert seal.pem", secret("db"))).stdout);
    const other = JSON.parse((await mooring("seal --cert seal.pem", secret("other"))).stdout);
    await write("base/db.yaml", JSON.stringify({ apiVersion: "v1", kind: "List", items: [member, other] }));
    expect(await mooring("secrets verify")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("2 sealed values"),
    });
    expect((await mooring("secrets list")).stdout).toMatch(/other +PASSWORD +strict/);
    await write("overlays/moved/kustomization.yaml", overlay("namespace: staging"));
    const moved = await mooring("secrets verify");
    expect(moved.stdout).toContain("2 sealed values: 2 errors");
    for (const line of [
      `secrets unset base/db.yaml PASSWORD --name db`,
      "secrets reseal base --from-key key.pem --algorithm x25519",
    ]) {
      const run = await mooring(line);
      expect(run.stderr).toMatch(/base\/db.yaml:1: error: SealedSecret\/\S*db: is in a list/);
      expect(run.code).not.toBe(0);
    }
  });

  test("nothing to check is an error", async () => {
    await mkdir(join(cwd, "empty"));
    const run = await mooring("secrets verify empty");
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("there is no SealedSecret in empty") });
  });
});

describe("which certificate is taken", () => {
  const idOf = async (file: string) =>
    /mooring.dev\/sealed: '.*?"key":"([^"]*)"/.exec(await readFile(join(cwd, file), "utf8"))?.[1];
  const own = fingerprintOf(pair.certificatePem);
  const foreign = fingerprintOf(other.certificatePem);

  beforeEach(async () => {
    await sealed();
    await write("other.pem", other.certificatePem);
    await write("other.key", other.privateKeyPem);
  });

  test.each(["secrets reseal --all --from-key key.pem", "re-encrypt -f db.yaml --recovery-private-key key.pem"])(
    "%s trusts no seal.pem that belongs to none of the keys that open",
    async (line) => {
      const before = await readFile(join(cwd, "db.yaml"), "utf8");
      expect(await mooring(line)).toMatchObject({ code: 0 });
      await write("seal.pem", other.certificatePem);
      expect(await mooring(line)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`seal.pem: error: holds the key ${foreign}`),
      });
      expect(await readFile(join(cwd, "db.yaml"), "utf8")).toBe(before);
      const key = line.startsWith("secrets") ? "--from-key" : "--recovery-private-key";
      expect(await mooring(`${line} ${key} other.key`)).toMatchObject({ code: 0 });
      expect(await idOf("db.yaml")).toBe(foreign);
    },
  );

  test.each([
    "secrets reseal --all --from-key key.pem --new-certificate",
    "re-encrypt -f db.yaml --recovery-private-key key.pem --new-certificate",
  ])("%s says that it is meant", async (line) => {
    await write("seal.pem", other.certificatePem);
    expect(await mooring(line)).toMatchObject({ code: 0 });
    expect(await idOf("db.yaml")).toBe(foreign);
  });

  test("nor one with an X25519 key beside it that belongs to another", async () => {
    const bundle = await certificateBundle(sealingKey(other.certificatePem, other.privateKeyPem));
    await write("seal.pem", pair.certificatePem + bundle.slice(bundle.indexOf("-----BEGIN PUBLIC KEY-----")));
    const run = await mooring("secrets reseal --all --from-key key.pem --algorithm x25519");
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("or another one, that belongs to none") });
  });

  test.each([
    ["re-encrypt -f db.yaml --recovery-private-key key.pem --cert other.pem", {}],
    ["secrets reseal --all --from-key key.pem --to-cert other.pem", {}],
    ["re-encrypt -f db.yaml --recovery-private-key key.pem", { SEALED_SECRETS_CERT: "other.pem" }],
    ["secrets reseal --all --from-key key.pem", { SEALED_SECRETS_CERT: "other.pem" }],
    ["secrets set db.yaml PASSWORD --new-certificate", { SEALED_SECRETS_CERT: "other.pem" }],
    ["seal -w db.yaml -o yaml --new-certificate", { SEALED_SECRETS_CERT: "other.pem" }],
  ])("%s with %j takes the named one, whatever seal.pem is near", async (line, env) => {
    const stdin = line.startsWith("seal") ? secret("db") : "hunter2";
    expect(await runInProcess(line, { cwd, stdin, env })).toMatchObject({ code: 0, stderr: "" });
    expect(await idOf("db.yaml")).toBe(foreign);
    expect(own).not.toBe(foreign);
  });

  test("the variable is refused where --cert is, and asks no cluster", async () => {
    const env = { SEALED_SECRETS_CERT: "other.pem" };
    const run = (line: string) => runInProcess(line, { cwd, stdin: "hunter2", env });
    expect(await run("secrets set db.yaml PASSWORD --env production")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--env cannot be used with SEALED_SECRETS_CERT"),
    });
    expect(await run("secrets set db.yaml PASSWORD --context x")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--context has no effect: SEALED_SECRETS_CERT gives the certificate"),
    });
  });
});

describe("what cannot be read is not passed over", () => {
  const broken = {
    "twice.yaml": ["  encryptedData: {A: AgA}\n  encryptedData: {B: AgB}\n", "twice.yaml:6"],
    "indent.yaml": ["  encryptedData:\n    A: AgA\n   B: AgB\n", "indent.yaml:7"],
    "alias.yaml": ["  encryptedData: *nowhere\n", "alias.yaml"],
  } as const;
  const head = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: shop}\nspec:\n";

  test.each(Object.entries(broken))("%s", async (name, [spec, place]) => {
    await write("well.yaml", await wellSealed());
    await write(name, head + spec);
    for (const line of [
      "secrets verify",
      "secrets list",
      "secrets reseal --all --from-key key.pem",
      `secrets reseal ${name} --from-key key.pem`,
      `secrets set ${name} PASSWORD`,
      `secrets unset ${name} PASSWORD`,
      `re-encrypt -f ${name} --recovery-private-key key.pem`,
      `seal --cert seal.pem --merge-into ${name}`,
    ]) {
      const run = await mooring(line, line.startsWith("seal") ? secret("db") : undefined);
      expect({ line, code: run.code, stderr: run.stderr }).toEqual({
        line,
        code: 1,
        stderr: expect.stringMatching(new RegExp(`^${place}(?::\\d+)*: error: `, "m")),
      });
    }
  });

  test("and neither is one without a name; but what others say of the kind is", async () => {
    await write("well.yaml", await wellSealed());
    await write("chart.yaml", "# kind: SealedSecret\n{{ if .Values.x }}\na: b\n");
    expect(await mooring("secrets verify")).toMatchObject({ code: 0 });
    await write("nameless.yaml", head.replace("name: db, ", ""));
    expect(await mooring("secrets list")).toMatchObject({
      code: 1,
      stderr: "nameless.yaml:1: error: is a SealedSecret without a metadata.name\n",
    });
  });

  test("and does not keep other files from being written", async () => {
    await write("twice.yaml", head + broken["twice.yaml"][0]);
    expect(await sealed()).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("a file that is written", () => {
  const stdout = { isTerminal: false, style: undefined as never, write: () => undefined, writeData: () => undefined };
  const put = (path: string, content: string, mode?: number) => writeNamed({ cwd, stdout }, path, content, mode);

  test("takes the place of a regular one with its permissions, and of what a link leads to", async () => {
    await write("real", "old");
    await chmod(join(cwd, "real"), 0o640);
    await symlink("real", join(cwd, "link"));
    const before = await stat(join(cwd, "real"));
    await put("link", "new");
    expect((await lstat(join(cwd, "link"))).isSymbolicLink()).toBe(true);
    const after = await stat(join(cwd, "real"));
    expect([after.mode & 0o777, after.uid, after.ino === before.ino]).toEqual([0o640, before.uid, false]);
    expect(await readFile(join(cwd, "real"), "utf8")).toBe("new");
    await symlink("to-come", join(cwd, "dangling"));
    await put("dangling", "made", 0o600);
    expect((await stat(join(cwd, "to-come"))).mode & 0o777).toBe(0o600);
  });

  test("goes into a device and into a FIFO, which stay what they are", async () => {
    await put("/dev/null", "x");
    expect((await lstat("/dev/null")).isCharacterDevice()).toBe(true);
    execFileSync("mkfifo", [join(cwd, "fifo")]);
    const reader = spawn("cat", [join(cwd, "fifo")]);
    const heard: Buffer[] = [];
    reader.stdout.on("data", (chunk) => heard.push(chunk));
    await put("fifo", "through");
    await new Promise((resolve) => reader.on("close", resolve));
    expect(Buffer.concat(heard).toString()).toBe("through");
    expect((await lstat(join(cwd, "fifo"))).isFIFO()).toBe(true);
  });

  test.skipIf(!existsSync("/dev/full"))(
    "that does not fit leaves the old one, and says why (skipped without /dev/full)",
    async () => {
      await expect(put("/dev/full", "x")).rejects.toThrow("/dev/full: cannot be written: the disk is full");
      expect((await lstat("/dev/full")).isCharacterDevice()).toBe(true);
    },
  );

  test("into the program's own output goes there, and not over the file behind it", async () => {
    await sealed();
    const program = join(import.meta.dirname, "../../../src/main.ts");
    const line = `"${process.execPath}" "${program}" seal --raw --name db -n shop --cert seal.pem -w /dev/stdout`;
    execFileSync("sh", ["-c", `{ echo before; echo x | ${line}; } > out`], { cwd });
    expect(readFileSync(join(cwd, "out"), "utf8")).toMatch(/^before\n[A-Za-z0-9+/=]{300}/);
  });

  test("is no leftover beside it when its folder is not there", async () => {
    await expect(put("none/file", "x")).rejects.toThrow(
      "none/file: cannot be written: there is no such file or directory",
    );
  });
});
