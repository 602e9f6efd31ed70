import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { Failure } from "../../src/model/failure.ts";
import { anonymous, createSource, createSourcePool, type Source } from "../../src/source/index.ts";
import { type GitServer, startGitServer } from "../support/git/git-server.ts";
import { createWorkTree, type WorkTree } from "../support/git/work-tree.ts";
import { failureOf, textAt } from "./expectations.ts";

const never = new AbortController().signal;
const options = { userAgent: "mooring/test" };

describe("a repository over HTTP", () => {
  let server: GitServer;
  let work: WorkTree;
  let source: Source;
  let repository = 0;

  beforeAll(async () => {
    server = await startGitServer({ allowAnySha1InWant: false, allowFilter: false });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const url = await server.createRepo(`environment-${++repository}`);
    work = await createWorkTree(url);
    source = createSource(url, anonymous, options);
    return async () => {
      await source.close();
      await work.remove();
    };
  });

  const requestsOf = async (act: () => Promise<unknown>): Promise<readonly string[]> => {
    const before = server.requests.length;
    await act();
    return server.requests.slice(before).map(({ method, path }) => `${method} ${path.split("/").at(-1)}`);
  };

  it("gives the files of a branch's commit, and who made it", async () => {
    const sha = await work.commit({ "base/web.yaml": "kind: Service\n", "README.md": "hello\n" }, "Add web\n\nWhy not");
    const fetched = await source.fetch({ branch: "main" }, never);
    expect(fetched.revision).toEqual({ ref: "main", commit: sha });
    expect(fetched.commit).toMatchObject({
      author: { name: "Test", email: "test@example.com" },
      subject: "Add web",
      message: "Add web\n\nWhy not\n",
    });
    expect(fetched.commit.date).toBe(new Date(await work.git("log", "-1", "--format=%cI")).toISOString());
    expect(await fetched.tree.list("")).toEqual(["README.md", "base"]);
    expect(await fetched.tree.list("base")).toEqual(["web.yaml"]);
    expect(await textAt(fetched.tree, "base/web.yaml")).toBe("kind: Service\n");
    const oid = await work.git("rev-parse", "HEAD:base/web.yaml");
    expect(await fetched.tree.entry("base/web.yaml")).toEqual({ kind: "file", oid });
    expect(await fetched.tree.entry("base/none.yaml")).toBeUndefined();
    expect(await failureOf(fetched.tree.read("base/none.yaml"))).toMatchObject({ code: "PathNotFound" });
  });

  it("costs one request when nothing is new, and one more for what is", async () => {
    await work.commit({ a: "1" }, "First");
    await source.fetch({ branch: "main" }, never);
    expect(await requestsOf(() => source.fetch({ branch: "main" }, never))).toEqual(["POST git-upload-pack"]);
    await work.commit({ a: "2" }, "Second");
    const fetch = () => source.fetch({ branch: "main" }, never);
    expect(await requestsOf(fetch)).toEqual(["POST git-upload-pack", "POST git-upload-pack"]);
  });

  it("shares one request among those who ask at once", async () => {
    await work.commit({ a: "1" }, "First");
    await source.fetch({ branch: "main" }, never);
    const many = () => Promise.all(Array.from({ length: 20 }, () => source.fetch({ branch: "main" }, never)));
    expect(await requestsOf(many)).toEqual(["POST git-upload-pack"]);
  });

  it("fetches only what is new, and keeps what was fetched before readable", async () => {
    const large = Buffer.alloc(300_000, 0).map((_, index) => (index * 2_654_435_761) >>> 13);
    await work.commit({ large, small: "1" }, "First");
    const first = await source.fetch({ branch: "main" }, never);
    for (let n = 2; n <= 20; n++) {
      await work.commit({ small: `${n}` }, `Change ${n}`);
      const { tree, commit } = await source.fetch({ branch: "main" }, never);
      expect(commit.subject).toBe(`Change ${n}`);
      expect(await textAt(tree, "small")).toBe(`${n}`);
      expect(Buffer.from(await tree.read("large")).equals(large)).toBe(true);
    }
    expect(await textAt(first.tree, "small")).toBe("1");
  });

  it("reads what git packs as deltas of one another", async () => {
    const line = (n: number) => `line ${n} of a file that is much like the others\n`;
    const manifest = (n: number) => Array.from({ length: 200 }, (_, at) => line(at === n ? n * 1000 : at)).join("");
    const files = Array.from({ length: 150 }, (_, n) => [`base/${n % 7}/${n}.yaml`, manifest(n)] as const);
    await work.commit(Object.fromEntries(files), "Many");
    const { tree } = await source.fetch({ branch: "main" }, never);
    for (const [path, text] of files) expect(await textAt(tree, path)).toBe(text);
    await work.commit({ "base/0/0.yaml": `${manifest(0)}and more\n`, "base/1/1.yaml": undefined }, "Some");
    const next = await source.fetch({ branch: "main" }, never);
    expect(await textAt(next.tree, "base/0/0.yaml")).toBe(`${manifest(0)}and more\n`);
    expect(await next.tree.entry("base/1/1.yaml")).toBeUndefined();
    expect(await textAt(next.tree, "base/2/2.yaml")).toBe(manifest(2));
  });

  it("follows a branch that was force-pushed", async () => {
    await work.commit({ a: "1" }, "First");
    await work.commit({ a: "2", b: "2" }, "Second");
    await source.fetch({ branch: "main" }, never);
    await work.git("reset", "-q", "--hard", "HEAD~1");
    const sha = await work.commit({ a: "3" }, "Other second");
    const { revision, tree } = await source.fetch({ branch: "main" }, never);
    expect(revision.commit).toBe(sha);
    expect(await tree.list("")).toEqual(["a"]);
    expect(await textAt(tree, "a")).toBe("3");
  });

  it("says so where the server can tell, and not of a branch that only moves on", async () => {
    const able = await startGitServer({ allowFilter: true });
    onTestFinished(() => able.stop());
    await using own = await createWorkTree(await able.createRepo("environment"));
    const follower = createSource(able.repoUrl("environment"), anonymous, options);
    onTestFinished(() => follower.close());
    const fetch = () => follower.fetch({ branch: "main" }, never);
    await own.commit({ a: "1" }, "First");
    expect((await fetch()).rewrittenFrom).toBeUndefined();
    await own.commit({ a: "2" }, "Second");
    const third = await own.commit({ a: "3" }, "Third");
    expect((await fetch()).rewrittenFrom).toBeUndefined();
    await own.git("reset", "-q", "--hard", "HEAD~1");
    const other = await own.commit({ a: "4" }, "Other third");
    expect((await fetch()).rewrittenFrom).toBe(third);
    await own.git("reset", "-q", "--hard", "HEAD~2");
    await own.git("push", "-q", "-f", "origin", "HEAD");
    expect((await fetch()).rewrittenFrom).toBe(other);
    await own.git("checkout", "-q", "-b", "feature");
    await own.commit({ b: "1" }, "On a branch");
    await own.git("checkout", "-q", "main");
    await own.git("merge", "-q", "--no-ff", "-m", "Merge", "feature");
    await own.git("push", "-q", "-f", "origin", "HEAD");
    expect((await fetch()).rewrittenFrom).toBeUndefined();
  });

  it("goes back to an earlier commit without asking for it again", async () => {
    const first = await work.commit({ a: "1" }, "First");
    await source.fetch({ branch: "main" }, never);
    await work.commit({ a: "2" }, "Second");
    await source.fetch({ branch: "main" }, never);
    await work.git("push", "-q", "-f", "origin", `${first}:main`);
    expect(await requestsOf(() => source.fetch({ branch: "main" }, never))).toEqual(["POST git-upload-pack"]);
    expect((await source.fetch({ branch: "main" }, never)).revision.commit).toBe(first);
  });

  it.each([
    ["a lightweight tag", { tag: "light" }, "light"],
    ["an annotated tag", { tag: "v1.2.0" }, "v1.2.0"],
    ["the highest tag of a range", { semver: ">=1.0.0 <2.0.0" }, "v1.10.0"],
    ["a full name", { name: "refs/pull/7/head" }, "refs/pull/7/head"],
    ["the default branch", {}, "main"],
    ["a tag rather than a branch", { branch: "main", tag: "light" }, "light"],
  ])("resolves %s", async (_, ref, name) => {
    await work.commit({ a: "1" }, "First");
    await work.git("tag", "light");
    await work.git("tag", "-a", "-m", "one two", "v1.2.0");
    await work.commit({ a: "2" }, "Second");
    await work.git("tag", "-a", "-m", "one ten", "v1.10.0");
    await work.git("tag", "v2.0.0-rc.1");
    await work.git("tag", "not-a-version");
    await work.commit({ a: "3" }, "Third");
    await work.git("push", "-q", "--tags", "origin", "HEAD:refs/pull/7/head");
    const wanted = name === "refs/pull/7/head" ? "HEAD" : `${name}^{commit}`;
    const commit = await work.git("rev-parse", wanted);
    const fetched = await source.fetch(ref, never);
    expect(fetched.revision).toEqual({ ref: name, commit });
    expect(await textAt(fetched.tree, "a")).toBe(await work.git("show", `${commit}:a`));
  });

  it("gives a commit by its name though only a later one is a branch's, and asks no more for it", async () => {
    const first = await work.commit({ a: "1" }, "First");
    await work.commit({ a: "2" }, "Second");
    const fetched = await source.fetch({ commit: first }, never);
    expect(fetched.revision).toEqual({ ref: "", commit: first });
    expect(await textAt(fetched.tree, "a")).toBe("1");
    expect(await requestsOf(() => source.fetch({ commit: first }, never))).toEqual([]);
  });

  it("says of a commit that does not exist that it does not", async () => {
    await work.commit({ a: "1" }, "First");
    const failure = await failureOf(source.fetch({ commit: "0123456789012345678901234567890123456789" }, never));
    expect(failure.code).toBe("RefNotFound");
    expect(failure.message).toContain("0123456789012345678901234567890123456789");
  });

  it.each([
    ["branch", { branch: "prodution" }, /^branch prodution does not exist in http.*of its 2 branches.*: production\)$/],
    ["tag", { tag: "v1" }, /^tag v1 does not exist in http.*the repository has no tags/],
    ["range", { semver: "1.x" }, /^a tag in the range 1\.x does not exist/],
    ["name", { name: "refs/pull/8/head" }, /^reference refs\/pull\/8\/head does not exist/],
  ])("names what is there when a %s is not", async (_, ref, message) => {
    await work.commit({ a: "1" }, "First");
    await work.git("push", "-q", "origin", "HEAD:refs/heads/production");
    const failure = await failureOf(source.fetch(ref, never));
    expect(failure.code).toBe("RefNotFound");
    expect(failure.message).toMatch(message);
  });

  it("says of an empty repository that it has no branches", async () => {
    const failure = await failureOf(source.fetch({ branch: "main" }, never));
    expect(failure.code).toBe("RefNotFound");
    expect(failure.message).toContain("the repository has no branches");
  });

  it("reports links, and shows a submodule as an empty folder", async () => {
    await work.git("submodule", "add", "-q", work.dir, "vendor/sub").catch(() => undefined);
    await work.git(
      "-c",
      "protocol.file.allow=always",
      "update-index",
      "--add",
      "--cacheinfo",
      `160000,${"1".repeat(40)},sub`,
    );
    await work.git("commit", "-q", "-m", "Add a submodule");
    await work.git("push", "-q", "origin", "HEAD");
    const { tree } = await source.fetch({ branch: "main" }, never);
    expect(await tree.entry("sub")).toMatchObject({ kind: "directory" });
    expect(await tree.list("sub")).toEqual([]);
  });

  it("refuses the pointer of a file in Git LFS by its name", async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12345\n`;
    await work.commit({ "files/logo.png": pointer }, "Add a logo");
    const { tree } = await source.fetch({ branch: "main" }, never);
    const failure = await failureOf(tree.read("files/logo.png"));
    expect(failure.code).toBe("SourceInvalid");
    expect(failure.message).toMatch(/^files\/logo.png: is stored in Git LFS/);
  });

  it("says of a cache directory that is not there that it is, not the server", async () => {
    await work.commit({ a: "1" }, "First");
    const cacheDir = join(tmpdir(), "mooring-no-such-directory");
    const homeless = createSource(server.repoUrl(`environment-${repository}`), anonymous, { ...options, cacheDir });
    onTestFinished(() => homeless.close());
    const failure = await failureOf(homeless.fetch({ branch: "main" }, never));
    expect(failure.message).toMatch(
      /^cannot keep what was fetched: ENOENT.*\(check the cache directory and its room\)$/,
    );
  });

  it("leaves no file behind, open or closed", async () => {
    const cacheDir = await mkdtemp(join(tmpdir(), "mooring-source-test-"));
    onTestFinished(() => rm(cacheDir, { recursive: true }));
    await work.commit({ a: "1" }, "First");
    const pool = createSourcePool({ ...options, cacheDir });
    const url = server.repoUrl(`environment-${repository}`);
    const { tree } = await pool.fetch({ url, ref: { branch: "main" } }, anonymous, never);
    expect(await textAt(tree, "a")).toBe("1");
    expect(await readdir(cacheDir)).toEqual([]);
    await pool.close();
    expect(await failureOf(tree.read("a"))).toBeInstanceOf(Failure);
  });
});
