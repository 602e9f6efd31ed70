import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { anonymous, type Credentials, createSourcePool, type SourceSpec } from "../../../src/source/index.ts";
import { createWorkTree, type WorkTree } from "../../support/git/work-tree.ts";
import { type Gitea, startGitea } from "../../support/gitea/gitea.ts";
import { failureOf, textAt } from "../expectations.ts";

const never = new AbortController().signal;

describe("a repository in a real Gitea", { timeout: 180_000 }, () => {
  let gitea: Gitea;
  let repository: string;
  let work: WorkTree;
  let count = 0;

  beforeAll(async () => {
    gitea = await startGitea();
    await gitea.createOrg("acme");
  });
  afterAll(() => gitea.stop());
  beforeEach(async () => {
    repository = `acme/environment-${++count}`;
    await gitea.createRepo(repository);
    work = await createWorkTree(gitea.pushUrl(repository));
    return () => work.remove();
  });

  /** One fetch after the other, as an agent does it. */
  const follow = (url: string, credentials: Credentials) => {
    const pool = createSourcePool({ userAgent: "mooring/test" });
    onTestFinished(() => pool.close());
    return (spec: Omit<SourceSpec, "url">) => pool.fetch({ url, ...spec }, credentials, never);
  };
  const admin = (): Credentials => ({ username: gitea.admin, password: gitea.token });

  it("is private: it opens to a password, to a token and to nobody else", async () => {
    const sha = await work.commit({ "base/web.yaml": "kind: Service\n" }, "First");
    const reader = await gitea.createUser(`reader-${count}`, ["read:repository"]);
    const stranger = await gitea.createUser(`stranger-${count}`, ["read:repository"]);
    await gitea.addCollaborator(repository, reader.name, "read");
    const url = gitea.repoUrl(repository);
    const welcome: readonly Credentials[] = [
      { username: reader.name, password: reader.password },
      { username: reader.name, password: reader.token },
      { bearerToken: reader.token },
    ];
    for (const credentials of welcome) {
      const { revision, tree } = await follow(url, credentials)({ ref: { branch: "main" } });
      expect(revision).toEqual({ ref: "main", commit: sha });
      expect(await textAt(tree, "base/web.yaml")).toBe("kind: Service\n");
    }
    const wrong: Credentials = { username: reader.name, password: "wrong-horse" };
    for (const credentials of [anonymous, wrong]) {
      const failure = await failureOf(follow(url, credentials)({ ref: { branch: "main" } }));
      expect(failure).toMatchObject({ code: "SourceDenied" });
      expect(failure.message).not.toContain("wrong-horse");
    }
    const outside: Credentials = { username: stranger.name, password: stranger.token };
    const hidden = await failureOf(follow(url, outside)({}));
    expect(hidden.code).toBe("SourceInvalid");
    expect(hidden.message).toContain("there is no repository");
  });

  it("gives its default branch, branches, tags, ranges of versions, commits and full names", async () => {
    const first = await work.commit({ a: "1" }, "First");
    await work.git("tag", "-a", "-m", "Release", "v1.2.0");
    const second = await work.commit({ a: "2" }, "Second");
    await work.git("tag", "v1.3.0");
    const third = await work.commit({ a: "3" }, "Third");
    await work.git("tag", "v2.0.0");
    await work.git("push", "-q", "--tags", "origin", "HEAD:refs/heads/staging");
    const fetch = follow(gitea.repoUrl(repository), admin());
    const refs = [
      [{}, third],
      [{ branch: "staging" }, third],
      [{ tag: "v1.2.0" }, first],
      [{ semver: "^1.2" }, second],
      [{ commit: first }, first],
      [{ name: "refs/tags/v2.0.0" }, third],
    ] as const;
    for (const [ref, commit] of refs) expect((await fetch({ ref })).revision.commit, JSON.stringify(ref)).toBe(commit);
    expect(await failureOf(fetch({ ref: { branch: "none" } }))).toMatchObject({ code: "RefNotFound" });
  });

  it("gives the head of a pull request, by its full name", async () => {
    await work.commit({ a: "1" }, "First");
    await work.git("switch", "-q", "-c", "change");
    const sha = await work.commit({ a: "2" }, "Change");
    await gitea.untilPushed(repository, "change", sha);
    await gitea.call("POST", `/repos/${repository}/pulls`, { head: "change", base: "main", title: "Change" });
    const fetch = follow(gitea.repoUrl(repository), admin());
    expect((await fetch({ ref: { name: "refs/pull/1/head" } })).revision.commit).toBe(sha);
  });

  it("is followed when it is force-pushed, and what was before is told", async () => {
    await work.commit({ a: "1" }, "First");
    const fetch = follow(gitea.repoUrl(repository), admin());
    await fetch({ ref: { branch: "main" } });
    const lost = await work.commit({ a: "2" }, "Second");
    expect(await fetch({ ref: { branch: "main" } })).not.toHaveProperty("rewrittenFrom");
    await work.git("reset", "-q", "--hard", "HEAD~1");
    const sha = await work.commit({ a: "3" }, "Instead");
    const fetched = await fetch({ ref: { branch: "main" } });
    expect(fetched.revision.commit).toBe(sha);
    expect(fetched.rewrittenFrom).toBe(lost);
    expect(await textAt(fetched.tree, "a")).toBe("3");
    // No branch leads to it any more.
    expect((await fetch({ ref: { commit: lost } })).revision.commit).toBe(lost);
  });

  it("brings its submodules along", async () => {
    const library = `${repository}-library`;
    await gitea.createRepo(library);
    await using other = await createWorkTree(gitea.pushUrl(library));
    const pinned = await other.commit({ "base/web.yaml": "pinned" }, "Library");
    await other.commit({ "base/web.yaml": "newer" }, "Newer");
    await work.git("config", "-f", ".gitmodules", "submodule.lib.path", "lib");
    await work.git("config", "-f", ".gitmodules", "submodule.lib.url", `../${library.split("/").at(-1)}.git`);
    await work.git("update-index", "--add", "--cacheinfo", `160000,${pinned},lib`);
    await work.git("add", ".gitmodules");
    await work.git("commit", "-q", "-m", "Link");
    await work.git("push", "-q", "origin", "HEAD");
    const fetch = follow(gitea.repoUrl(repository), admin());
    const { tree } = await fetch({ ref: { branch: "main" }, recurseSubmodules: true });
    expect(await textAt(tree, "lib/base/web.yaml")).toBe("pinned");
  });

  describe("over SSH", () => {
    let directory: string;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "mooring-gitea-keys-"));
    });
    afterAll(() => rm(directory, { recursive: true, force: true }));

    const deployKey = async (...options: readonly string[]): Promise<string> => {
      const file = join(directory, `key-${count}`);
      await promisify(execFile)("ssh-keygen", ["-q", "-N", "", "-f", file, ...options]);
      await gitea.addDeployKey(repository, (await readFile(`${file}.pub`, "utf8")).trim());
      return readFile(file, "utf8");
    };

    it.each([
      ["ed25519", ["-t", "ed25519"]],
      ["RSA", ["-t", "rsa", "-b", "3072"]],
      ["ECDSA", ["-t", "ecdsa", "-b", "256"]],
    ])("opens to a deploy key of %s, commit after commit", async (_, options) => {
      const sha = await work.commit({ a: "1" }, "First");
      const credentials = { identity: await deployKey(...options), knownHosts: gitea.knownHosts };
      const fetch = follow(gitea.repoSshUrl(repository), credentials);
      expect((await fetch({ ref: { branch: "main" } })).revision.commit).toBe(sha);
      const next = await work.commit({ a: "2" }, "Second");
      const { revision, tree } = await fetch({ ref: { branch: "main" } });
      expect(revision.commit).toBe(next);
      expect(await textAt(tree, "a")).toBe("2");
    });

    it("opens no other repository to the same key", async () => {
      const identity = await deployKey("-t", "ed25519");
      const other = `${repository}-other`;
      await gitea.createRepo(other);
      const credentials = { identity, knownHosts: gitea.knownHosts };
      const failure = await failureOf(follow(gitea.repoSshUrl(other), credentials)({}));
      expect(failure.code).toBe("SourceInvalid");
      expect(failure.message).toMatch(/there is no repository at ssh:.*not authorized to read/);
    });

    it("is refused when known_hosts has another key, or none, for the server", async () => {
      const identity = await deployKey("-t", "ed25519");
      const file = join(directory, `stranger-${count}`);
      await promisify(execFile)("ssh-keygen", ["-q", "-N", "", "-t", "ed25519", "-f", file]);
      const stranger = await readFile(`${file}.pub`, "utf8");
      const host = gitea.knownHosts.split(" ")[0];
      for (const knownHosts of [`${host} ${stranger}`, "other.example.com ssh-ed25519 AAAA"]) {
        const failure = await failureOf(follow(gitea.repoSshUrl(repository), { identity, knownHosts })({}));
        expect(failure.code).toBe("SourceDenied");
        expect(failure.message).toContain("SHA256:");
      }
    });
  });
});
