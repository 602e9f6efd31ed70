import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { newSealingKey } from "../../../src/seal/index.ts";
import { runInProcess } from "../../seal/run-in-process.ts";

const pair = await newSealingKey(new Date(), { bits: 2048 });
const folders: string[] = [];
let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "mooring-edits-"));
  folders.push(cwd);
  await writeFile(join(cwd, "cert.pem"), pair.certificatePem);
  await writeFile(join(cwd, "secret.yaml"), secretOf("stringData: {PASSWORD: hunter2}"));
});

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

const secretOf = (more: string, name = "db", namespace = "shop") =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}, namespace: ${namespace}}\n${more}\n`;
const mooring = (line: string, stdin = "hunter2") => runInProcess(line, { cwd, stdin });

describe("a destination that is no regular file", () => {
  test.each([
    "seal --cert cert.pem -f secret.yaml -w fifo -o yaml",
    "secrets set fifo PASSWORD --cert cert.pem --name db -n shop",
  ])("is written into by `%s`, and never read", async (line) => {
    execFileSync("mkfifo", [join(cwd, "fifo")]);
    const reader = spawn("cat", [join(cwd, "fifo")]);
    const heard: Buffer[] = [];
    reader.stdout.on("data", (chunk) => heard.push(chunk));
    const closed = new Promise((resolve) => reader.on("close", resolve));
    expect(await mooring(line)).toMatchObject({ code: 0 });
    await closed;
    expect(Buffer.concat(heard).toString()).toContain("SealedSecret");
    expect((await lstat(join(cwd, "fifo"))).isFIFO()).toBe(true);
  });

  test
    .skipIf(!existsSync("/dev/full"))
    .each([
      "seal --cert cert.pem -f secret.yaml -w /dev/full",
      "secrets set /dev/full PASSWORD --cert cert.pem --name db -n shop",
    ])("says in `%s` that the disk is full (skipped without /dev/full)", async (line) => {
    expect(await mooring(line)).toMatchObject({ code: 2, stderr: expect.stringContaining("the disk is full") });
  });

  test.each([
    "secrets rename fifo PASSWORD NEW",
    "secrets unset fifo PASSWORD",
    "seal --cert cert.pem -f secret.yaml --merge-into fifo",
  ])("is not to be changed in place by `%s`", async (line) => {
    execFileSync("mkfifo", [join(cwd, "fifo")]);
    expect(await mooring(line)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("fifo: error: is not a regular file"),
    });
  });
});

test
  .skipIf(!existsSync("/dev/zero"))
  .each([
    "seal -f secret.yaml -w db.yaml",
    "secrets set db.yaml PASSWORD --name db -n shop",
    "secrets set db.yaml PASSWORD --env production --name db -n shop",
  ])(
  "a seal.pem that somebody made a link to a device without end is not read by `%s` (skipped without /dev/zero)",
  async (line) => {
    await mkdir(join(cwd, "overlays/production"), { recursive: true });
    for (const folder of [".", "overlays/production"]) await symlink("/dev/zero", join(cwd, folder, "seal.pem"));
    const message = "seal.pem: error: is not a regular file";
    expect(await mooring(line)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  },
);

describe("an item that a template works with", () => {
  const templated = async (template: string) => {
    const seal = (key: string, more = "") => mooring(`secrets set db.yaml ${key} --cert cert.pem${more}`);
    expect(await seal("PW", " --name db -n shop")).toMatchObject({ code: 0 });
    expect(await seal("OTHER")).toMatchObject({ code: 0 });
    const text = (await readFile(join(cwd, "db.yaml"), "utf8")).replace(
      "  template:\n",
      `  template:\n    data:\n      url: '${template}'\n`,
    );
    await writeFile(join(cwd, "db.yaml"), text);
    return text;
  };

  test.each([
    "pg://{{ .PW }}@x",
    '{{ index . "PW" }}',
    "{{ if .OTHER }}{{ with .OTHER }}{{ $.PW | b64enc }}{{ end }}{{ end }}",
    '{{ range list "PW" "OTHER" }}{{ index $ . }}{{ end }}',
    '{{ .PW | default "none" }}',
    "{{ now }}{{ .PW }}",
  ])("is neither renamed nor taken out: %s", async (template) => {
    const text = await templated(template);
    for (const line of ["secrets rename db.yaml PW DBPW", "secrets unset db.yaml OTHER PW"]) {
      const run = await mooring(line);
      expect(run.code).not.toBe(0);
      expect(run.stderr).toContain("spec.template.data.url: uses the item PW");
      expect(await readFile(join(cwd, "db.yaml"), "utf8")).toBe(text);
    }
    expect(await mooring("secrets verify db.yaml")).toMatchObject({ code: 0 });
  });

  test("is missed by `secrets verify` where it is not there, unless the template asks for it", async () => {
    await templated('{{ .GONE }}{{ .LEFT | default "x" }}{{ if .MAY }}{{ .MAY }}{{ end }}');
    const run = await mooring("secrets verify db.yaml");
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("spec.template.data.url: uses the item GONE, which is missing");
    expect(run.stderr).not.toMatch(/LEFT|MAY/);
  });

  test("does not keep others from being changed", async () => {
    await templated("pg://{{ .PW }}@x");
    expect(await mooring("secrets rename db.yaml OTHER ANOTHER")).toMatchObject({ code: 0 });
    expect(await mooring("secrets unset db.yaml ANOTHER")).toMatchObject({ code: 0 });
    expect(await mooring("secrets set db.yaml PW --cert cert.pem", "new")).toMatchObject({ code: 0 });
  });
});

describe("a value that is blank", () => {
  test.each(["\n\n", "   ", " \t\r\n"])("is not set, unless it is meant: %j", async (value) => {
    const line = "secrets set db.yaml PASSWORD --cert cert.pem --name db -n shop";
    const run = await mooring(line, value);
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("holds nothing but white space") });
    expect(existsSync(join(cwd, "db.yaml"))).toBe(false);
    expect(await mooring(`${line} --allow-empty`, value)).toMatchObject({ code: 0 });
  });

  test.each([
    ['stringData: {x: ""}', "stringData.x: is empty"],
    ["data: {x: ''}", "data.x: is empty"],
    ["data: {x: Cgo=, y: eQ==}", "data.x: holds nothing but white space"],
    ["type: Opaque", "data: has no values to seal"],
  ])("of a Secret is not sealed: %s", async (more, message) => {
    await mooring("seal --cert cert.pem -f secret.yaml -w db.yaml");
    const before = await readFile(join(cwd, "db.yaml"), "utf8");
    await writeFile(join(cwd, "blank.yaml"), secretOf(more));
    for (const line of [
      "seal --cert cert.pem -f blank.yaml",
      "seal --cert cert.pem -f blank.yaml --merge-into db.yaml",
    ]) {
      const run = await mooring(line);
      expect([run.code, run.stdout]).toEqual([1, ""]);
      expect(run.stderr).toContain(message);
    }
    expect(await readFile(join(cwd, "db.yaml"), "utf8")).toBe(before);
    expect(await mooring("seal --cert cert.pem -f blank.yaml --allow-empty-data")).toMatchObject({ code: 0 });
  });
});

test.each([
  ["other", "shop", "shop/other"],
  ["db", "prod", "prod/db"],
])(
  "a Secret of another place, %s in %s, is merged with a word of for whom it is sealed",
  async (name, namespace, given) => {
    await mooring("seal --cert cert.pem -f secret.yaml -w db.yaml");
    await writeFile(join(cwd, "more.yaml"), secretOf("stringData: {USER: admin}", name, namespace));
    const run = await mooring("seal --cert cert.pem -f more.yaml --merge-into db.yaml");
    expect(run.code).toBe(0);
    expect(run.stderr).toContain(`the Secret ${given} is sealed for shop/db (strict), as in the file`);
    expect((await mooring("seal --cert cert.pem -f secret.yaml --merge-into db.yaml")).stderr).toBe("");
    expect(await mooring("secrets verify db.yaml")).toMatchObject({ code: 0 });
  },
);

test.each(["--name Bad_Name -n shop", "--name db -n Y_y", "--name db. -n shop"])(
  "no file is made with a name that no API server takes: %s",
  async (names) => {
    expect(await mooring(`secrets set new.yaml PW --cert cert.pem ${names}`)).toMatchObject({ code: 2 });
    expect(existsSync(join(cwd, "new.yaml"))).toBe(false);
  },
);

test.each([
  [secretOf("stringData: {PW: x}", "Bad_Name"), 'metadata.name: "Bad_Name" is not a valid object name'],
  [secretOf("stringData: {PW: x}", "db", "a.b"), 'metadata.namespace: "a.b" is not a valid namespace name'],
  [secretOf("stringData: {PW: x}", "123"), "metadata.name: must be a text"],
  [secretOf('stringData: {"P W": x}'), 'stringData: "P W" cannot be an item'],
])("no Secret is sealed with such a name either: %j", async (text, message) => {
  await writeFile(join(cwd, "wrong.yaml"), text);
  const run = await mooring("seal --cert cert.pem -f wrong.yaml -w new.yaml");
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
  expect(existsSync(join(cwd, "new.yaml"))).toBe(false);
});
