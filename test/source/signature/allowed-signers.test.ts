import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toFailure } from "../../../src/model/failure.ts";
import { signersFrom } from "../../../src/source/index.ts";
import { programMissing } from "../available.ts";

const run = promisify(execFile);
const now = Date.now();
const name = "alice@example.com";

let folder = "";
let key = "";
let other = "";

const missing = programMissing("ssh-keygen", "-?");

beforeAll(() => {
  if (missing !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), "mooring-signers-"));
  for (const file of ["alice", "bob"])
    execFileSync("ssh-keygen", ["-q", "-N", "", "-t", "ed25519", "-f", join(folder, file)]);
  writeFileSync(join(folder, "message"), "a message\n");
  execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-n", "git", "-f", join(folder, "alice"), join(folder, "message")]);
  const publicKey = (file: string) => readFileSync(join(folder, file), "utf8").split(" ").slice(0, 2).join(" ");
  [key, other] = [publicKey("alice.pub"), publicKey("bob.pub")];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** Whether OpenSSH takes the signature, by these allowed signers. */
async function openssh(allowed: string): Promise<boolean> {
  const file = join(folder, `allowed-${++files}`);
  writeFileSync(file, allowed);
  const script = 'ssh-keygen -Y verify -f "$1" -I "$2" -n git -s "$3.sig" < "$3"';
  const args = ["-c", script, "-", file, name, join(folder, "message")];
  const env = { ...process.env, TZ: "UTC" };
  return run("sh", args, { env }).then(
    () => true,
    () => false,
  );
}

function problemsOf(allowed: string): readonly string[] {
  const data = { allowed_signers: Buffer.from(allowed).toString("base64") };
  try {
    const { ssh } = signersFrom({ apiVersion: "v1", kind: "Secret", metadata: { name: "signers" }, data });
    const blob = Buffer.from(key.split(" ")[1] ?? "", "base64");
    const valid = ssh.some(
      (each) => each.blob.equals(blob) && (each.validAfter ?? now) <= now && now <= (each.validBefore ?? now),
    );
    return valid ? [] : ["no signer"];
  } catch (thrown) {
    return toFailure(thrown).problems.map(({ field, message }) => `${field}: ${message}`);
  }
}

/** KEY stands for the key that signed, OTHER for another one. */
const taken: readonly string[] = [
  `${name} KEY`,
  `${name} KEY a comment with spaces`,
  `  ${name}\tKEY`,
  `"${name}" KEY`,
  `*@example.com KEY`,
  `bob@example.com,${name} KEY`,
  `# a comment\n\n${name} KEY\r\n`,
  `${name} namespaces="git" KEY`,
  `${name} NameSpaces="file,git" KEY`,
  `${name} namespaces="g?t" KEY`,
  `${name} namespaces="*" KEY`,
  `${name} ,,namespaces="git" KEY`,
  `${name} valid-after="20200101" KEY`,
  `${name} valid-after="20200101Z",valid-before="20990101235960Z" KEY`,
  `${name} valid-before="20990230" KEY`,
  `${name} valid-before="209901010000UTC",namespaces="git" KEY`,
  `${name} valid-before="20200101" KEY\n${name} KEY`,
  `${name} namespaces="file" KEY\n${name} KEY`,
  `${name} cert-authority OTHER\n${name} KEY`,
];

/** What is said of the line; "no signer" where it is understood, and does not let this signature count. */
const refused: readonly (readonly [lines: string, why: string])[] = [
  [`${name} OTHER`, "no signer"],
  [`${name} namespaces="file" KEY`, "holds no public key of a signer"],
  [`${name} namespaces="" KEY`, "holds no public key of a signer"],
  [`${name} namespaces="*,!git" KEY`, "holds no public key of a signer"],
  [`${name} valid-before="20200101" KEY`, "no signer"],
  [`${name} valid-after="20990101Z" KEY`, "no signer"],
  [`${name} valid-before="20200231" KEY`, "no signer"],
  [`${name} cert-authority KEY`, "holds no public key of a signer"],
  [`${name} cert-authority,namespaces="git" KEY`, "holds no public key of a signer"],
  [`${name} valid-before=20200101 KEY`, 'the value of "valid-before" is not in quotes'],
  [`${name} valid-before="2020" KEY`, 'the value of "valid-before" is not a valid time'],
  [`${name} valid-before="20201301" KEY`, 'the value of "valid-before" is not a valid time'],
  [`${name} valid-before="20200100" KEY`, 'the value of "valid-before" is not a valid time'],
  [`${name} valid-before="202001012460" KEY`, 'the value of "valid-before" is not a valid time'],
  [`${name} valid-before="2020-01-01" KEY`, 'the value of "valid-before" is not a valid time'],
  [`${name} valid-before="20990101X" KEY`, 'the value of "valid-before" is not a valid time'],
  [`${name} valid-before="20990101+0100" KEY`, 'the value of "valid-before" is not a valid time'],
  [`${name} valid-after="19700101Z" KEY`, 'the value of "valid-after" is not a valid time'],
  [`${name} valid-before="" KEY`, 'the value of "valid-before" is not a valid time'],
  [`${name} valid-after="20300101Z",valid-before="20290101Z" KEY`, '"valid-before" is not later than "valid-after"'],
  [`${name} valid-after="20200101",valid-after="20210101" KEY`, '"valid-after" is given twice'],
  [`${name} namespaces="git",namespaces="git" KEY`, '"namespaces" is given twice'],
  [`${name} namespaces=git KEY`, 'the value of "namespaces" is not in quotes'],
  [`${name} namespaces=file KEY`, 'the value of "namespaces" is not in quotes'],
  [`${name} namespaces="git KEY`, "the quotes of an option are not closed"],
  [`${name} namespaces KEY`, 'the option "namespaces" is not known'],
  [`${name} no-touch-required KEY`, 'the option "no-touch-required" is not known'],
  [`${name} restrict,namespaces="git" KEY`, 'the option "restrict" is not known'],
  [`${name} namespaces="git", KEY`, "the options end with a comma"],
  [`${name} , KEY`, "the options end with a comma"],
  [`${name} namespaces="git"x KEY`, 'the option "x" is not known'],
  [`${name} cert-authority=yes KEY`, 'the option "cert-authority" is not known'],
  [`${name} !cert-authority KEY`, "the options are not understood"],
  [`@revoked ${name} KEY`, "begins with a mark"],
  [`@cert-authority ${name} KEY`, "begins with a mark"],
  [`@revoked KEY`, "begins with a mark"],
  [`!${name} KEY`, "its principals name nobody"],
  [`"${name} KEY`, "the quotes of the principals are not closed"],
  [`namespaces="file" KEY`, "begins with options instead of principals"],
  [`cert-authority KEY`, "begins with options instead of principals"],
  [`${name} ssh-ed25519`, "holds no ssh-ed25519 key"],
  [`${name} ssh-ed25519 AAAA`, "holds no ssh-ed25519 key"],
  [`${name} ssh-rsa MATERIAL`, "holds no ssh-rsa key"],
  [`${name} KEY=`, "holds no ssh-ed25519 key"],
  [`${name} KEY==`, "holds no ssh-ed25519 key"],
  [`${name} KEYA`, "holds no ssh-ed25519 key"],
];

const fill = (lines: string) => {
  const material = key.split(" ")[1] ?? "";
  return `${lines
    .replaceAll("KEY", () => key)
    .replaceAll("OTHER", () => other)
    .replaceAll("MATERIAL", () => material)}\n`;
};

describe.skipIf(missing !== undefined)(
  "allowed signers, as ssh-keygen -Y verify reads them (skipped without ssh-keygen)",
  () => {
    test.each(taken)("taken: %s", async (lines) => {
      expect(await openssh(fill(lines))).toBe(true);
      expect(problemsOf(fill(lines))).toEqual([]);
    });

    test.each(refused)("refused: %s", async (lines, why) => {
      expect(await openssh(fill(lines))).toBe(false);
      expect(problemsOf(fill(lines)).join("\n")).toContain(why);
    });

    test("every refused line is named, with its number", () => {
      const text = fill(`# signers\n${name} KEY\n${name} namespaces=file KEY\n\n${name} no-pty KEY`);
      expect(problemsOf(text)).toEqual([
        'allowed_signers, line 3: the value of "namespaces" is not in quotes',
        'allowed_signers, line 5: the option "no-pty" is not known',
      ]);
    });
  },
);
