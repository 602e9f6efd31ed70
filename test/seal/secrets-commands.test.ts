import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NewSealingKey, newSealingKey, readCertificate } from "../../src/seal/index.ts";
import { goMissing } from "../toolchain/tools.ts";
import { type Kubeseal, kubeseal, readObject } from "./kubeseal.ts";
import { type Run, runInProcess } from "./run-in-process.ts";

/** A value that must never be seen anywhere but where it was asked for. */
const canary = "canary-7f3a-hunter2";

let directory: string;
let older: NewSealingKey;
let newer: NewSealingKey;
/** Everything that any command but `unseal` printed. */
const printed: Run[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mooring-secrets-"));
  const make = () => newSealingKey(new Date(), { bits: 2048 });
  [older, newer] = await Promise.all([make(), make()]);
  await write("old.key", older.privateKeyPem);
  await write("new.key", newer.privateKeyPem);
  await write("old.pem", older.certificatePem);
  await write("new.pem", newer.certificatePem);
  await write("overlays/staging/seal.pem", older.certificatePem);
  await write("overlays/production/seal.pem", newer.certificatePem);
});

afterAll(() => rm(directory, { recursive: true }));

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), content, { mode: 0o600 });
}

const idOf = (key: NewSealingKey) => readCertificate(key.certificatePem).id;
const read = (path: string) => readFile(join(directory, path), "utf8");

async function mooring(line: string, stdin = ""): Promise<Run> {
  const run = await runInProcess(line, { cwd: directory, stdin });
  if (!line.startsWith("unseal")) printed.push(run);
  return run;
}

/** Runs it and gives its output; it must go well. */
async function ok(line: string, stdin = ""): Promise<string> {
  const run = await mooring(line, stdin);
  expect({ line, code: run.code, stderr: run.stderr }).toMatchObject({ line, code: 0 });
  return run.stdout;
}

async function unsealed(path: string, key: string): Promise<unknown> {
  return readObject(await ok(`unseal --recovery-private-key ${key} -f ${path} -o yaml`)).data;
}

const secret = `apiVersion: v1
kind: Secret
metadata: {name: db, namespace: shop}
stringData: {PASSWORD: ${canary}, USER: admin}
`;

describe("secrets in a repository", () => {
  test("one value for two environments, each sealed for its own cluster", async () => {
    const line = "secrets set db.yaml PASSWORD --env staging --env production --name db -n shop";
    expect(await ok(line, `${canary}\n`)).toBe(
      "overlays/staging/db.yaml: PASSWORD set\noverlays/production/db.yaml: PASSWORD set\n",
    );
    expect(await unsealed("overlays/staging/db.yaml", "old.key")).toEqual({ PASSWORD: btoa(canary) });
    expect(await unsealed("overlays/production/db.yaml", "new.key")).toEqual({ PASSWORD: btoa(canary) });
  });

  test("set changes one item and leaves every other byte", async () => {
    const path = "overlays/staging/db.yaml";
    await write(path, (await read(path)).replace("spec:", "# what the shop needs\nspec:   # here"));
    const before = await read(path);
    await ok(`secrets set ${path} USER`, "admin");
    const after = await read(path);
    const changed = /^ *(?:USER: .*|mooring.dev.sealed: .*)\n/gm;
    expect(after.replace(changed, "")).toBe(before.replace(changed, ""));
    expect(await unsealed(path, "old.key")).toEqual({ PASSWORD: btoa(canary), USER: btoa("admin") });
  });

  test("rename and unset need no key", async () => {
    const path = "overlays/staging/db.yaml";
    await ok(`secrets rename ${path} USER LOGIN`);
    expect(await unsealed(path, "old.key")).toEqual({ PASSWORD: btoa(canary), LOGIN: btoa("admin") });
    await ok(`secrets unset ${path} LOGIN`);
    expect(await unsealed(path, "old.key")).toEqual({ PASSWORD: btoa(canary) });
    expect(await mooring(`secrets unset ${path} LOGIN`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("has no key LOGIN"),
    });
  });

  test("verify tells a value copied between environments, without any key", async () => {
    expect((await mooring("secrets verify")).code).toBe(0);
    const copied = await read("overlays/staging/db.yaml");
    await write(
      "overlays/production/copied.yaml",
      copied.replaceAll("name: db", "name: db2").replaceAll("shop/db", "shop/db2"),
    );
    const run = await mooring("secrets verify");
    expect(run).toMatchObject({ code: 1, stdout: "3 sealed values: 1 error, 0 warnings\n" });
    expect(run.stderr).toContain("is sealed with a foreign certificate: that of overlays/staging/seal.pem");
    await rm(join(directory, "overlays/production/copied.yaml"));
  });

  test("reseal renews what is stale, once", async () => {
    const production = await read("overlays/production/db.yaml");
    const line = "secrets reseal --all --from-key old.key --from-key new.key --to-cert new.pem";
    expect(await ok(`${line} --dry-run`)).toBe("overlays/staging/db.yaml: PASSWORD\n1 file would be changed\n");
    expect(await ok(line)).toBe("overlays/staging/db.yaml: PASSWORD\n1 file changed\n");
    expect(await ok(line)).toBe("nothing is stale\n");
    expect(await read("overlays/production/db.yaml")).toBe(production);
    expect(await unsealed("overlays/staging/db.yaml", "new.key")).toEqual({ PASSWORD: btoa(canary) });
  });

  test("list shows what is sealed, and never a value", async () => {
    expect(await ok("secrets list overlays/production")).toMatch(
      /^FILE +NAMESPACE +NAME +ITEM +SCOPE +ALGORITHM +KEY\noverlays\/production\/db.yaml +shop +db +PASSWORD +strict +rsa +SHA256:\S+\n$/,
    );
  });
});

describe.skipIf(goMissing() !== undefined)("kubeseal's flags (skipped without Go)", () => {
  let tool: Kubeseal;

  beforeAll(async () => {
    tool = await kubeseal();
  }, 600_000);

  afterAll(() => tool.remove());

  const recover = (sealed: string) =>
    tool.run(["--recovery-unseal", "--recovery-private-key", join(directory, "new.key")], sealed);

  test.each(["", "-o yaml", "--scope namespace-wide", "--scope cluster-wide -o yaml"])("seal %s", async (flags) => {
    const sealed = await ok(`seal --cert new.pem ${flags}`.trim(), secret);
    expect(readObject(await recover(sealed)).data).toEqual({ PASSWORD: btoa(canary), USER: btoa("admin") });
  });

  test("-f and -w: the name of the file says the form", async () => {
    await write("plain/secret.yaml", secret);
    await ok("seal --cert new.pem -f plain/secret.yaml -w sealed.yaml");
    await rm(join(directory, "plain"), { recursive: true });
    expect(await read("sealed.yaml")).toMatch(/^---\napiVersion: bitnami.com\/v1alpha1\n/);
    await ok("validate --recovery-private-key new.key -f sealed.yaml");
  });

  test("texts that other YAML readers take for something else survive -o yaml", async () => {
    const texts = [
      "y",
      "yes",
      "No",
      "on",
      "true",
      "null",
      "~",
      "",
      "1",
      "1.0",
      "1e3",
      "0x1F",
      "0o17",
      "017",
      "1_000",
      "+1",
      ".5",
    ];
    const more = [
      "12:30:45",
      "2020-01-01",
      "2020-01-01T00:00:00Z",
      "=",
      "<<",
      "*x",
      "&x",
      "!x",
      "@x",
      "`x",
      "- x",
      "a: b",
      "# x",
      " x",
      "x ",
      "é",
      "\t",
    ];
    const annotations = Object.fromEntries([...texts, ...more].map((text, index) => [`a${index}`, text]));
    const metadata = { name: "db", namespace: "shop", annotations };
    const input = JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata, stringData: { a: "b" } });
    const sealed = await ok("seal --cert new.pem -o yaml", input);
    expect(JSON.parse(await recover(sealed)).metadata.annotations).toEqual(annotations);
    const theirs = await tool.run(["--cert", join(directory, "new.pem"), "-o", "yaml"], input);
    const opened = await ok("unseal --recovery-private-key new.key", theirs);
    expect(JSON.parse(opened).metadata.annotations).toEqual(annotations);
  });

  test("the seal.pem beside the file to write does for --cert", async () => {
    await ok("seal -w overlays/staging/kept.yaml", secret);
    expect(await unsealed("overlays/staging/kept.yaml", "old.key")).toEqual({
      PASSWORD: btoa(canary),
      USER: btoa("admin"),
    });
  });

  test("a seal.pem that was replaced seals nothing for a stranger", async () => {
    const overlay = "overlays/replaced";
    await write(`${overlay}/seal.pem`, older.certificatePem);
    await ok(`secrets set ${overlay}/db.yaml USER -n shop --name db`, "admin");
    await write(`${overlay}/seal.pem`, newer.certificatePem);
    const before = await read(`${overlay}/db.yaml`);
    for (const line of [
      `secrets set ${overlay}/db.yaml PASSWORD`,
      "secrets set db.yaml PASSWORD --env replaced",
      `secrets set ${overlay}/db.yaml PASSWORD --cert ${overlay}/seal.pem`,
    ]) {
      const run = await mooring(line, canary);
      expect(run).toMatchObject({ code: 1, stdout: "" });
      expect(run.stderr).toContain(idOf(newer));
      expect(run.stderr).toContain(idOf(older));
      expect(run.stderr).toContain("--new-certificate");
    }
    const merged = await mooring(`seal --merge-into ${overlay}/db.yaml`, secret);
    expect(merged).toMatchObject({ code: 1 });
    expect(await read(`${overlay}/db.yaml`)).toBe(before);
    await ok(`secrets set ${overlay}/db.yaml PASSWORD --new-certificate`, canary);
    // Where other files alone were sealed with another key, it is said.
    for (const line of [`secrets set ${overlay}/new.yaml MORE -n shop --name new`, `seal -w ${overlay}/other.yaml`]) {
      const warned = await mooring(line, secret);
      expect(warned).toMatchObject({ code: 0 });
      expect(warned.stderr).toContain(`was sealed with ${idOf(older)}`);
    }
  });

  test("several documents, in YAML and in JSON", async () => {
    const two = `${secret}---\n${secret.replace("name: db", "name: cache")}`;
    for (const flags of ["", " -o yaml"]) {
      const sealed = await ok(`seal --cert new.pem${flags}`, two);
      const opened = await ok("unseal --recovery-private-key new.key -o yaml", sealed);
      expect([...opened.matchAll(/^ {2}name: (.*)$/gm)].map(([, name]) => name)).toEqual(["db", "cache"]);
    }
  });

  test("--raw, pasted into a file that kubeseal made", async () => {
    const value = await ok("seal --raw --cert new.pem -n shop --name db --from-file /dev/stdin", canary);
    const theirs = await tool.run(["--cert", join(directory, "new.pem"), "-o", "yaml"], secret);
    const pasted = theirs.replace("encryptedData:", `encryptedData:\n    PASTED: ${value}`);
    expect(readObject(await recover(pasted)).data).toMatchObject({ PASTED: btoa(canary), USER: btoa("admin") });
  });

  test("--merge-into a file that kubeseal made", async () => {
    await write("merged.yaml", await tool.run(["--cert", join(directory, "new.pem"), "-o", "yaml"], secret));
    const more = secret.replace(/stringData: .*/, "stringData: {MORE: x, USER: root}");
    await ok("seal --cert new.pem --merge-into merged.yaml", more);
    expect(readObject(await recover(await read("merged.yaml"))).data).toEqual({
      PASSWORD: btoa(canary),
      USER: btoa("root"),
      MORE: btoa("x"),
    });
  });

  test("re-encrypt in place", async () => {
    await write("stale.yaml", await tool.run(["--cert", join(directory, "old.pem"), "-o", "yaml"], secret));
    await ok("re-encrypt -f stale.yaml --recovery-private-key old.key --cert new.pem");
    expect(readObject(await recover(await read("stale.yaml"))).data).toMatchObject({ PASSWORD: btoa(canary) });
  });
});

describe("what is wrong is said, and nothing else", () => {
  test.each<[string, string, number, string]>([
    ["seal --cert missing.pem", secret, 2, "missing.pem: error: cannot be read: there is no such file or directory"],
    ["seal --cert old.key", secret, 1, "no certificate found"],
    ["seal --cert new.pem", "", 2, "the input contains no Secret to seal"],
    ["seal --cert new.pem", secret.replace("namespace: shop", "labels: {}"), 1, "metadata.namespace: is missing"],
    ["seal --cert new.pem -n other", secret, 1, 'is "shop", but --namespace is "other"'],
    ["seal --cert new.pem", secret.replace("stringData", "data"), 1, "data.PASSWORD: must be base64"],
    ["seal --cert new.pem", `stringData: {a: ${canary}\n`, 1, "is not valid YAML"],
    ["seal --cert new.pem", `a: ${canary}: ${canary}`, 1, "is not valid YAML"],
    ["seal --cert new.pem --raw", canary, 2, "--raw with scope strict needs --namespace"],
    ["secrets set new.yaml KEY --cert new.pem", canary, 2, "does not exist; a new file needs --name"],
    ["secrets set new.yaml a/b --cert new.pem", canary, 2, '"a/b" cannot be an item'],
    ["secrets reseal", "", 2, "give files or folders, or use --all"],
    ["unseal --recovery-private-key new.pem", secret, 2, "is a Secret, not a SealedSecret"],
    ["secrets reseal --all --from-key new.pem", "", 1, "new.pem: error: holds no private key"],
  ])("%s", async (line, stdin, code, message) => {
    const run = await mooring(line, stdin);
    expect(run).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(message) });
    expect(run.stderr).not.toContain("    at ");
  });
});

test("the plain value is in no output and in no file", async () => {
  expect(printed.length).toBeGreaterThan(25);
  for (const { stdout, stderr } of printed) expect(`${stdout}${stderr}`).not.toContain(canary);
  for (const name of await readdir(directory, { recursive: true })) {
    const path = join(directory, name);
    if ((await stat(path)).isFile())
      expect({ name, found: (await readFile(path, "utf8")).includes(canary) }).toEqual({ name, found: false });
  }
});
