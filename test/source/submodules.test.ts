import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { anonymous, createSourcePool, ownMachine, readNamedHost } from "../../src/source/index.ts";
import { type GitServer, startGitServer } from "../support/git/git-server.ts";
import { createWorkTree, type WorkTree } from "../support/git/work-tree.ts";
import { failureOf, textAt } from "./expectations.ts";

const never = new AbortController().signal;
const login = { username: "git", password: "correct-horse" };

describe("submodules", () => {
  let server: GitServer;
  let other: GitServer;
  let parent: WorkTree;
  let library: WorkTree;

  beforeAll(async () => {
    server = await startGitServer(login);
    other = await startGitServer(login);
    await server.createRepo("acme/environment");
    await server.createRepo("acme/library");
    await server.createRepo("acme/deep");
    parent = await createWorkTree(server.pushUrl("acme/environment"));
    library = await createWorkTree(server.pushUrl("acme/library"));
  });
  afterAll(() => Promise.all([server.stop(), other.stop(), parent.remove(), library.remove()]));

  /** Names a commit as a submodule, without a checkout. */
  const link = async (tree: WorkTree, path: string, url: string, commit: string): Promise<void> => {
    await tree.git("config", "-f", ".gitmodules", `submodule.${path}.path`, path);
    await tree.git("config", "-f", ".gitmodules", `submodule.${path}.url`, url);
    await tree.git("add", ".gitmodules");
    await tree.git("update-index", "--add", "--cacheinfo", `160000,${commit},${path}`);
    await tree.git("commit", "-q", "-m", `Link ${path}`);
    await tree.git("push", "-q", "origin", "HEAD");
  };
  const fetch = (recurseSubmodules: boolean, ...hosts: readonly string[]) => {
    const network = { ...ownMachine, named: hosts.map(readNamedHost) };
    const pool = createSourcePool({ userAgent: "mooring/test", network });
    onTestFinished(() => pool.close());
    return pool.fetch(
      { url: server.repoUrl("acme/environment"), ref: { branch: "main" }, recurseSubmodules },
      login,
      never,
    );
  };

  it("are folders of the commit they name, in submodules too, when that is asked for", async () => {
    await using deep = await createWorkTree(server.pushUrl("acme/deep"));
    const pinned = await deep.commit({ "deep.yaml": "pinned" }, "Pinned");
    await deep.commit({ "deep.yaml": "newer" }, "Newer");
    await library.commit({ "base/web.yaml": "kind: Service\n" }, "Library");
    await link(library, "vendor/deep", "./../deep.git", pinned);
    await parent.commit({ "kustomization.yaml": "resources: [lib/base]\n" }, "Environment");
    await link(parent, "lib", "../library.git", await library.git("rev-parse", "HEAD"));

    const { tree } = await fetch(true);
    expect(await tree.list("")).toEqual([".gitmodules", "kustomization.yaml", "lib"]);
    expect(await tree.entry("lib")).toMatchObject({ kind: "directory" });
    expect(await tree.list("lib")).toEqual([".gitmodules", "base", "vendor"]);
    expect(await textAt(tree, "lib/base/web.yaml")).toBe("kind: Service\n");
    expect(await textAt(tree, "lib/vendor/deep/deep.yaml")).toBe("pinned");
    expect(await (await fetch(false)).tree.list("lib")).toEqual([]);
  });

  it("on another server get no credentials", async () => {
    await other.createRepo("library");
    await link(parent, "foreign", other.repoUrl("library"), "1".repeat(40));
    const failure = await failureOf(fetch(true, new URL(other.url).host));
    expect(failure.code).toBe("SourceDenied");
    expect(failure.message).toContain(`${other.repoUrl("library")} does not accept the credentials (401)`);
  });

  it("on another server are refused where the operator did not name it", async () => {
    const failure = await failureOf(fetch(true));
    expect(failure.code).toBe("SourceDenied");
    expect(failure.message).toContain(".gitmodules: foreign: not connected to: 127.0.0.1 is a loopback address");
  });

  it("may not name what is no repository's URL", async () => {
    await using odd = await createWorkTree(await (await anonymousServer()).createRepo("odd"));
    await link(odd, "lib", "ext::sh -c touch", "1".repeat(40));
    const pool = createSourcePool({ userAgent: "mooring/test" });
    onTestFinished(() => pool.close());
    const url = await odd.git("remote", "get-url", "origin");
    const failure = await failureOf(
      pool.fetch({ url, recurseSubmodules: true, ref: { branch: "main" } }, anonymous, never),
    );
    expect(failure.message).toContain("not the URL of a Git repository");
  });
});

async function anonymousServer(): Promise<GitServer> {
  const started = await startGitServer();
  onTestFinished(() => started.stop());
  return started;
}
