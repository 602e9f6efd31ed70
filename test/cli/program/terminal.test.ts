import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { armor, Decrypter } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  certificateBundle,
  newSealingKey,
  openingKeys,
  sealedDocuments,
  sealingKey,
  sealingKeySecret,
  unsealObject,
} from "../../../src/seal/index.ts";
import { type KeyServer, startKeyServer } from "../key-server.ts";

const root = join(import.meta.dirname, "../../..");
const hasPython = spawnSync("python3", ["-c", "import pty, termios"]).status === 0;

interface Seen {
  readonly shown: string;
  readonly code: number;
  /** The terminal shows what is typed again. */
  readonly echoes: boolean;
  /** What a shell would read next. */
  readonly left: string;
}

// Where there is no Python with its pty, nothing on the machine can play a terminal.
describe.skipIf(!hasPython)("a value that is typed on a terminal (skipped without Python)", () => {
  let folder: string;
  let privateKey: string;
  let server: KeyServer;
  /** The sealing keys of a cluster, and what was asked of it. */
  const keys: unknown[] = [];
  let requests: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mooring-terminal-"));
    const pair = await newSealingKey(new Date(), { bits: 2048 });
    privateKey = pair.privateKeyPem;
    await writeFile(join(folder, "seal.pem"), await certificateBundle(sealingKey(pair.certificatePem, privateKey)));
    keys.push({ ...sealingKeySecret(pair, "mooring-system") });
    server = await startKeyServer(keys, (request) => requests.push(request));
    await writeFile(join(folder, "cluster"), server.kubeconfig(""));
  });

  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true });
  });

  /** Types each text once the one before it was shown. */
  async function onTerminal(line: string, typed: readonly (readonly [string, string])[]): Promise<Seen> {
    const program = [process.execPath, join(root, "src/main.ts"), ...line.split(" ")];
    const args = [join(import.meta.dirname, "on-terminal.py"), JSON.stringify(typed), ...program];
    const { stdout } = await promisify(execFile)("python3", args, { cwd: folder });
    return JSON.parse(stdout);
  }

  async function sealedValue(file: string): Promise<string> {
    const [document] = sealedDocuments(await readFile(join(folder, file), "utf8"), file);
    const secret = await unsealObject(document?.object ?? expect.unreachable(), {
      keys: openingKeys(privateKey, "key"),
    });
    return Buffer.from(String(Object(secret.data).PASSWORD), "base64").toString();
  }

  const set = (file: string) => `secrets set ${file} PASSWORD --name db -n shop`;
  const twice = (value: string) =>
    [
      ["(not shown): ", `${value}\r`],
      ["again: ", `${value}\r`],
    ] as const;

  test("is sealed into a new file and into one that is there, and never shown", async () => {
    for (const value of ["hunter2-canary", "other-päss🔑"]) {
      const seen = await onTerminal(set("db.yaml"), twice(value));
      expect(seen).toMatchObject({ code: 0, echoes: true, left: "" });
      expect(seen.shown).not.toContain(value);
      expect(await sealedValue("db.yaml")).toBe(value);
    }
  });

  test("is what it is after corrections, without keys that are no letters", async () => {
    const typed = "wrong\u0015hunterx\u007f2\u001b[A\u001b[3~\u0007";
    await onTerminal(set("keys.yaml"), [
      ["(not shown): ", `${typed}\r`],
      ["again: ", "hunter2\r"],
    ]);
    expect(await sealedValue("keys.yaml")).toBe("hunter2");
  });

  test("may be a paste of several lines, where the terminal says so", async () => {
    const paste = "\u001b[200~line 1\rline 2\u001b[201~\r";
    const seen = await onTerminal(set("paste.yaml"), [
      ["(not shown): ", paste],
      ["again: ", paste],
    ]);
    expect(seen).toMatchObject({ code: 0, left: "" });
    expect(await sealedValue("paste.yaml")).toBe("line 1\nline 2");
  });

  test.each([
    [
      "two that differ",
      [
        ["(not shown): ", "a\r"],
        ["again: ", "b\r"],
      ],
      2,
      "the two values differ; nothing was changed",
    ],
    [
      "several lines at once",
      [["(not shown): ", "a\rrm -rf x\rls\r"]],
      2,
      "the two values differ; nothing was changed",
    ],
    [
      "nothing",
      [
        ["(not shown): ", "\r"],
        ["again: ", "\r"],
      ],
      2,
      "is empty; nothing was changed",
    ],
    [
      "Ctrl-D alone",
      [
        ["(not shown): ", "\u0004"],
        ["again: ", "\u0004"],
      ],
      2,
      "is empty; nothing was changed",
    ],
    ["Ctrl-C", [["(not shown): ", "hunter2\u0003ls\r"]], 130, "nothing was changed"],
  ] as const)("%s changes nothing, and nothing of it reaches the shell", async (_what, typed, code, message) => {
    const seen = await onTerminal(set("never.yaml"), typed);
    expect(seen).toMatchObject({ code, echoes: true, left: "" });
    expect(seen.shown).toContain(message);
    expect(existsSync(join(folder, "never.yaml"))).toBe(false);
  });

  test("Ctrl-Z stops the program with the terminal as it was, and it asks again when it goes on", async () => {
    const seen = await onTerminal(set("stop.yaml"), [
      ["(not shown): ", "hun\u001a"],
      ["stopped, echo on", "ter2\r"],
      ["again: ", "hunter2\r"],
    ]);
    expect(seen).toMatchObject({ code: 0, echoes: true, left: "" });
    expect(await sealedValue("stop.yaml")).toBe("hunter2");
  });

  const backup = "secrets backup keys.age --kubeconfig cluster";
  const restore = "secrets restore keys.age --kubeconfig cluster";
  const asked = "New passphrase (not shown): ";

  test.each([
    [
      "two that differ",
      [
        [asked, "correct horse\r"],
        ["again: ", "correct house\r"],
      ],
      2,
      "the two values differ; nothing was changed",
    ],
    [
      "nothing",
      [
        [asked, "\r"],
        ["again: ", "\r"],
      ],
      2,
      "the passphrase is empty",
    ],
    ["Ctrl-C", [[asked, "correct\u0003ls\r"]], 130, "nothing was changed"],
  ] as const)("as the passphrase of a backup, %s makes none and notes none", async (_what, typed, code, message) => {
    requests = [];
    const seen = await onTerminal(backup, typed);
    expect(seen).toMatchObject({ code, echoes: true, left: "" });
    expect(seen.shown).toContain(message);
    expect(existsSync(join(folder, "keys.age"))).toBe(false);
    expect(requests.filter((request) => !request.startsWith("GET"))).toEqual([]);
  });

  test("as a passphrase, it locks a backup when it was typed twice, and opens that when it was typed once", async () => {
    const passphrase = "correct hörse canary";
    const made = await onTerminal(backup, [
      [asked, `${passphrase}\r`],
      ["again: ", `${passphrase}\r`],
    ]);
    expect(made).toMatchObject({ code: 0, echoes: true, left: "" });
    expect(made.shown).toContain("keys.age: 1 key");
    expect(made.shown).not.toContain("canary");
    // What another program that knows age makes of it.
    const decrypter = new Decrypter();
    decrypter.addPassphrase(passphrase);
    const text = await readFile(join(folder, "keys.age"), "utf8");
    const plain = await decrypter.decrypt(armor.decode(text), "text");
    expect(plain).toContain(Buffer.from(privateKey).toString("base64"));

    const [key] = keys.splice(0);
    const wrong = await onTerminal(restore, [["Passphrase (not shown): ", "correct hose\r"]]);
    expect(wrong).toMatchObject({ code: 1, echoes: true, left: "" });
    expect(wrong.shown).toContain("does not open");
    const stopped = await onTerminal(restore, [["Passphrase (not shown): ", "correct\u0003ls\r"]]);
    expect(stopped).toMatchObject({ code: 130, echoes: true, left: "" });
    expect(keys).toEqual([]);

    const opened = await onTerminal(restore, [["Passphrase (not shown): ", `${passphrase}\r`]]);
    expect(opened).toMatchObject({ code: 0, echoes: true, left: "" });
    expect(opened.shown).toContain("1 of 1 keys restored");
    expect(opened.shown).not.toContain("canary");
    expect(keys).toMatchObject([{ data: Object(key).data }]);
  });

  test("`seal --raw` asks as well, and shows nothing of it", async () => {
    const seen = await onTerminal("seal --raw -n shop --name db --cert seal.pem", twice("hunter2-canary"));
    expect(seen).toMatchObject({ code: 0, echoes: true, left: "" });
    expect(seen.shown).not.toContain("hunter2-canary");
    expect(seen.shown).toMatch(/[A-Za-z0-9+/=]{300}/);
  });

  test.each([
    ["yes\r", true],
    ["n\r", false],
    ["\u0004", false],
  ])("a question is answered by %j with %s, and the program goes on", async (typed, answer) => {
    const ask = `import { askYes } from ${JSON.stringify(join(root, "src/cli/print/ask.ts"))};
      const stderr = { write: (text) => process.stderr.write(text) };
      console.log("answer " + await askYes({ stderr, signal: new AbortController().signal }, "Sure?"));`;
    const args = [join(import.meta.dirname, "on-terminal.py"), JSON.stringify([["[y/N] ", typed]])];
    const program = [process.execPath, "--input-type=module", "-e", ask];
    const { stdout } = await promisify(execFile)("python3", [...args, ...program], { cwd: folder });
    const seen: Seen = JSON.parse(stdout);
    expect(seen).toMatchObject({ code: 0, left: "", echoes: true });
    expect(seen.shown).toContain(`answer ${answer}`);
  });
});
