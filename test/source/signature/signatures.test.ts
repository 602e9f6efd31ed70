import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { KubeObject } from "../../../src/model/manifest.ts";
import {
  anonymous,
  createSourcePool,
  type Fetched,
  type SourcePool,
  type SourceRef,
  signersFrom,
  type Verification,
} from "../../../src/source/index.ts";
import { type GitServer, startGitServer } from "../../support/git/git-server.ts";
import { createWorkTree, type WorkTree } from "../../support/git/work-tree.ts";
import { programMissing } from "../available.ts";
import { failureOf } from "../expectations.ts";

const run = promisify(execFile);
const never = new AbortController().signal;

function secret(data: Readonly<Record<string, string>>): KubeObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "signers", namespace: "mooring-system" },
    data: Object.fromEntries(encoded),
  };
}

/** How somebody signs, and what the others need to check it. */
interface Identity {
  readonly settings: Readonly<Record<string, string>>;
  /** Key and value in the Secret of signers. */
  readonly shared: Readonly<Record<string, string>>;
  /** Part of how they are named. */
  readonly name: string;
}

let directory: string;
let server: GitServer;
let work: WorkTree;
let url: string;
let pool: SourcePool;
let repositories = 0;
const gpgHomes: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mooring-signatures-"));
  server = await startGitServer();
});
afterAll(async () => {
  await Promise.all(gpgHomes.map((home) => run("gpgconf", ["--homedir", home, "--kill", "gpg-agent"])));
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  url = await server.createRepo(`signed-${++repositories}`);
  work = await createWorkTree(url);
  pool = createSourcePool({ userAgent: "mooring/test" });
});
afterEach(() => Promise.all([pool.close(), work.remove()]));

async function sshIdentity(name: string, ...options: readonly string[]): Promise<Identity> {
  const file = join(directory, name);
  await run("ssh-keygen", ["-q", "-N", "", "-C", `${name}@example.com`, "-f", file, ...options]);
  return {
    settings: { "gpg.format": "ssh", "user.signingkey": file },
    shared: { [`${name}.pub`]: await readFile(`${file}.pub`, "utf8") },
    name: `${name}@example.com`,
  };
}

async function gpgIdentity(name: string, algorithm: string): Promise<Identity> {
  const home = join(directory, `gpg-${name}`);
  await mkdir(home, { mode: 0o700 });
  gpgHomes.push(home);
  const gpg = ["--homedir", home, "--batch", "--quiet", "--no-tty"];
  const generate = ["--passphrase", "", "--quick-gen-key", `${name} <${name}@example.com>`, algorithm, "sign", "never"];
  await run("gpg", [...gpg, ...generate]);
  const { stdout } = await run("gpg", [...gpg, "--armor", "--export"]);
  const program = join(home, "gpg");
  await run("sh", [
    "-c",
    'printf \'#!/bin/sh\\nexec gpg --homedir "%s" "$@"\\n\' "$1" > "$2" && chmod +x "$2"',
    "-",
    home,
    program,
  ]);
  return {
    settings: { "gpg.program": program, "user.signingkey": `${name}@example.com` },
    shared: { [`${name}.asc`]: stdout },
    name: `${name}@example.com`,
  };
}

async function signAs(identity: Identity): Promise<void> {
  for (const [key, value] of Object.entries(identity.settings)) await work.git("config", key, value);
}

async function signedCommit(identity: Identity, message: string): Promise<string> {
  await signAs(identity);
  await work.git("commit", "-q", "--allow-empty", "-S", "-m", message);
  await work.git("push", "-q", "-f", "origin", "HEAD");
  return work.git("rev-parse", "HEAD");
}

function trusting(mode: Verification["mode"], ...identities: readonly Identity[]): Verification {
  return { mode, signers: signersFrom(secret(Object.assign({}, ...identities.map(({ shared }) => shared)))) };
}

function fetchVerified(verify: Verification, ref: SourceRef = { branch: "main" }): Promise<Fetched> {
  return pool.fetch({ url, ref, verify }, anonymous, never);
}

/** Rewrites the object that HEAD names, keeps its signature, and makes `main` name the outcome. */
async function tamper(change: (object: string) => string): Promise<void> {
  const object = await run("git", ["cat-file", "commit", "HEAD"], { cwd: work.dir });
  const file = join(directory, `object-${repositories}`);
  await run("sh", ["-c", 'printf "%s" "$1" > "$2"', "-", change(object.stdout), file]);
  const forged = await work.git("hash-object", "-t", "commit", "-w", file);
  await work.git("push", "-q", "-f", "origin", `${forged}:refs/heads/main`);
}

const noGpg = programMissing("gpg", "--version");
const noSsh = programMissing("ssh-keygen", "-?");

const kinds: readonly (readonly [string, string | undefined, (name: string) => Promise<Identity>])[] = [
  ["OpenPGP, ed25519", noGpg, (name) => gpgIdentity(name, "ed25519")],
  ["OpenPGP, RSA", noGpg, (name) => gpgIdentity(name, "rsa2048")],
  ["SSH, ed25519", noSsh, (name) => sshIdentity(name, "-t", "ed25519")],
  ["SSH, RSA", noSsh, (name) => sshIdentity(name, "-t", "rsa", "-b", "2048")],
  ["SSH, P-256", noSsh, (name) => sshIdentity(name, "-t", "ecdsa", "-b", "256")],
  ["SSH, P-384", noSsh, (name) => sshIdentity(name, "-t", "ecdsa", "-b", "384")],
  ["SSH, P-521", noSsh, (name) => sshIdentity(name, "-t", "ecdsa", "-b", "521")],
];

describe.each(kinds.map(([kind, missing, create], index) => ({ kind, missing, create, index })))(
  "signatures of $kind",
  ({ missing, create, index }) => {
    describe.skipIf(missing !== undefined)(
      missing === undefined ? "" : `(skipped without what signs: ${missing})`,
      () => {
        let alice: Identity;
        let mallory: Identity;

        beforeAll(async () => {
          alice = await create(`alice${index}`);
          mallory = await create(`mallory${index}`);
        });

        it("are accepted on commits, tags and both", async () => {
          const commit = await signedCommit(alice, "Signed\n\nwith a longer message\n\n-- \nsomebody");
          await work.git("tag", "-s", "-m", "a signed tag", "v1.0.0");
          await work.git("push", "-q", "--tags", "origin");
          expect((await fetchVerified(trusting("head", mallory, alice))).revision.commit).toBe(commit);
          expect((await fetchVerified(trusting("tag", alice), { tag: "v1.0.0" })).revision.commit).toBe(commit);
          expect((await fetchVerified(trusting("tagAndHead", alice), { semver: "1.x" })).revision.commit).toBe(commit);
        });

        it("of somebody else are not", async () => {
          await signedCommit(mallory, "Signed by another");
          const failure = await failureOf(fetchVerified(trusting("head", alice)));
          expect(failure.code).toBe("SignerUnknown");
          expect(failure.message).toContain("who is not among the signers");
        });

        it("do not fit what was changed after them", async () => {
          await signedCommit(alice, "Pay one coin");
          await tamper((object) => object.replace("Pay one coin", "Pay two coins"));
          const failure = await failureOf(fetchVerified(trusting("head", alice)));
          expect(failure.code).toBe("SignatureInvalid");
        });
      },
    );
  },
);

describe.skipIf(noSsh !== undefined)("what else is refused (skipped without ssh-keygen)", () => {
  let alice: Identity;

  beforeAll(async () => {
    alice = await sshIdentity("alice", "-t", "ed25519");
  });

  it("a commit without a signature", async () => {
    await work.commit({ a: "1" }, "Unsigned");
    const failure = await failureOf(fetchVerified(trusting("head", alice)));
    expect(failure.code).toBe("SignatureMissing");
    expect(failure.message).toMatch(/^commit [0-9a-f]{12} is not signed/);
  });

  it("a lightweight tag, and an annotated one without a signature", async () => {
    await signedCommit(alice, "Signed");
    await work.git("tag", "light");
    await work.git("tag", "-a", "-m", "annotated", "v1.0.0");
    await work.git("push", "-q", "--tags", "origin");
    for (const tag of ["light", "v1.0.0"]) {
      const failure = await failureOf(fetchVerified(trusting("tagAndHead", alice), { tag }));
      expect(failure.code).toBe("SignatureMissing");
      expect(failure.message).toContain(`tag ${tag} is not signed`);
    }
  });

  it("a signed tag in the place of another", async () => {
    await signedCommit(alice, "Signed");
    await work.git("tag", "-s", "-m", "the old one", "v1.0.0");
    await work.git("push", "-q", "origin", "refs/tags/v1.0.0:refs/tags/v2.0.0");
    const failure = await failureOf(fetchVerified(trusting("tag", alice), { tag: "v2.0.0" }));
    expect(failure.code).toBe("SignatureInvalid");
    expect(failure.message).toContain('names itself "v1.0.0"');
  });

  it("a commit with two signatures", async () => {
    await signedCommit(alice, "Signed");
    await tamper((object) => object.replace(/gpgsig .*?-----END SSH SIGNATURE-----\n/s, "$&$&"));
    expect((await failureOf(fetchVerified(trusting("head", alice)))).code).toBe("SignatureMissing");
  });

  it("a signature for something that is not Git's", async () => {
    await signedCommit(alice, "Signed");
    const payload = join(directory, "payload");
    const strip = "git cat-file commit HEAD | sed '/^gpgsig /,/END SSH SIGNATURE/d' > \"$1\"";
    await run("sh", ["-c", strip, "-", payload], { cwd: work.dir });
    await run("ssh-keygen", ["-q", "-Y", "sign", "-n", "file", "-f", join(directory, "alice"), payload]);
    const other = (await readFile(`${payload}.sig`, "utf8")).trimEnd().replaceAll("\n", "\n ");
    await tamper((object) => object.replace(/gpgsig .*?-----END SSH SIGNATURE-----/s, `gpgsig ${other}`));
    expect((await failureOf(fetchVerified(trusting("head", alice)))).code).toBe("SignatureInvalid");
  });

  it("a signature from outside the time that an allowed signer is given", async () => {
    await signedCommit(alice, "Signed");
    const key = alice.shared["alice.pub"] ?? "";
    const verification = (options: string): Verification => ({
      mode: "head",
      signers: signersFrom(secret({ allowed_signers: `# people\nalice@example.com ${options} ${key}` })),
    });
    await fetchVerified(verification('namespaces="git",valid-after="20200101Z"'));
    const failure = await failureOf(fetchVerified(verification('valid-before="20200101Z"')));
    expect(failure.code).toBe("SignerUnknown");
    expect(failure.message).toContain("had expired");
  });

  it("a Secret without keys", () => {
    expect(() => signersFrom(secret({ "README.md": "no key" }))).toThrow("holds no public key of a signer");
  });
});
