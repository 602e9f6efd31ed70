import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { git } from "./git-command.ts";
import { type GitServerOptions, startGitServer } from "./git-server.ts";
import { createWorkTree } from "./work-tree.ts";

async function inTemporaryFolder(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "mooring-git-server-test-"));
  try {
    await run(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

test("what is committed and pushed is what the real git clones", async () => {
  await using server = await startGitServer();
  const url = await server.createRepo("environment");
  await using tree = await createWorkTree(server.pushUrl("environment"), "production");
  const first = await tree.commit({ "a/b.txt": "one\n", "gone.txt": "x" }, "Add");
  const second = await tree.commit({ "a/b.txt": "two\n", "gone.txt": undefined }, "Change");
  await inTemporaryFolder(async (dir) => {
    await git(dir, "clone", "-q", "--depth=1", "-b", "production", url, "copy");
    expect(await readFile(join(dir, "copy/a/b.txt"), "utf8")).toBe("two\n");
    expect(await git(join(dir, "copy"), "ls-files")).toBe("a/b.txt");
    expect(await git(join(dir, "copy"), "rev-parse", "HEAD")).toBe(second);
  });
  expect(first).not.toBe(second);
  expect(server.requests).toContainEqual({ method: "GET", path: "/environment.git/info/refs" });
  expect(server.requests).toContainEqual({ method: "POST", path: "/environment.git/git-upload-pack" });
});

test("a large push, which git sends in chunks, arrives whole", async () => {
  await using server = await startGitServer();
  await server.createRepo("large");
  await using tree = await createWorkTree(server.pushUrl("large"));
  const bytes = new Uint8Array(3_000_000).map((_, index) => (index * 2_654_435_761) >>> 13);
  await tree.commit({ "blob.bin": bytes }, "Add a large file");
  await inTemporaryFolder(async (dir) => {
    await git(dir, "clone", "-q", server.repoUrl("large"), "copy");
    expect(new Uint8Array(await readFile(join(dir, "copy/blob.bin")))).toEqual(bytes);
  });
});

test("with a password, only those who know it come in", async () => {
  await using server = await startGitServer({ username: "deploy", password: "s3cret/with@signs" });
  const url = await server.createRepo("private");
  await using tree = await createWorkTree(server.pushUrl("private"));
  await tree.commit({ "a.txt": "a" }, "Add");
  await inTemporaryFolder(async (dir) => {
    await expect(git(dir, "ls-remote", url)).rejects.toThrow(/could not read Username|Authentication failed/);
    await expect(git(dir, "ls-remote", url.replace("//", "//deploy:wrong@"))).rejects.toThrow("Authentication failed");
    expect(await git(dir, "ls-remote", server.pushUrl("private"), "main")).toMatch(/^[0-9a-f]{40}\trefs\/heads\/main$/);
  });
});

test("a repository that is not there is not found", async () => {
  await using server = await startGitServer();
  expect((await fetch(`${server.repoUrl("none")}/info/refs?service=git-upload-pack`)).status).toBe(404);
});

// Protocol v2 lets any reachable and unreachable object be asked for, so version 0 is what the setting is about.
test.each<{ options: GitServerOptions; taken: boolean }>([
  { options: {}, taken: true },
  { options: { allowAnySha1InWant: false }, taken: false },
])("an older commit is given by its id: $taken with $options", async ({ options, taken }) => {
  await using server = await startGitServer(options);
  const url = await server.createRepo("history");
  await using tree = await createWorkTree(server.pushUrl("history"));
  const older = await tree.commit({ "a.txt": "1" }, "One");
  await tree.commit({ "a.txt": "2" }, "Two");
  await inTemporaryFolder(async (dir) => {
    await git(dir, "init", "-q");
    const fetched = git(dir, "-c", "protocol.version=0", "fetch", "-q", "--depth=1", url, older).then(
      () => true,
      () => false,
    );
    expect(await fetched).toBe(taken);
  });
});
