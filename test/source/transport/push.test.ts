import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { anonymous, type Credentials, openRemote } from "../../../src/source/index.ts";
import { type GitServer, startGitServer } from "../../support/git/git-server.ts";
import { createWorkTree, type WorkTree } from "../../support/git/work-tree.ts";
import { failureOf } from "../expectations.ts";
import { startFront } from "./front.ts";

const never = new AbortController().signal;
const author = { name: "Mooring", email: "mooring@example.com" };
const date = new Date("2026-11-21T12:00:00Z");

describe("moving branches of a real Git server", { timeout: 180_000 }, () => {
  let server: GitServer;
  let work: WorkTree;
  let first: string;
  let second: string;
  let name: string;
  let count = 0;

  beforeAll(async () => {
    server = await startGitServer();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    name = `environment-${count++}`;
    work = await createWorkTree(await server.createRepo(name));
    first = await work.commit({ "web.yaml": "kind: Service\n", "old.yaml": "kind: Role\n" }, "First");
    second = await work.commit({ "web.yaml": "kind: Deployment\n", "old.yaml": undefined }, "Second");
    onTestFinished(() => work.remove());
  });

  const remote = (url = server.repoUrl(name), credentials: Credentials = anonymous) => {
    const opened = openRemote(url, credentials, { userAgent: "mooring/test" });
    onTestFinished(() => opened.close());
    return opened;
  };
  const head = async (branch: string) => {
    const line = await work.git("ls-remote", "origin", `refs/heads/${branch}`);
    return line === "" ? undefined : line.split("\t")[0];
  };

  it("makes a branch of a commit that is there, moves it, moves it back and deletes it", async () => {
    const { pushRef } = remote();
    const steps = [
      { from: undefined, to: first },
      { from: first, to: second },
      { from: second, to: first },
      { from: first, to: undefined },
    ];
    for (const step of steps) {
      expect(await pushRef({ branch: "promote/production", ...step }, never)).toEqual({ type: "pushed" });
      expect(await head("promote/production")).toBe(step.to);
    }
  });

  it("is done where the branch is there already", async () => {
    expect(await remote().pushRef({ branch: "main", from: first, to: second }, never)).toEqual({ type: "pushed" });
  });

  it("does not move a branch that somebody else moved, made or deleted", async () => {
    const third = await work.commit({}, "Third");
    const { pushRef } = remote();
    const moved = { type: "refused", reason: "moved", message: expect.stringContaining("main") };
    expect(await pushRef({ branch: "main", from: second, to: first }, never)).toEqual(moved);
    expect(await pushRef({ branch: "main", from: undefined, to: first }, never)).toEqual(moved);
    expect(await head("main")).toBe(third);
    const gone = await pushRef({ branch: "gone", from: first, to: second }, never);
    expect(gone).toMatchObject({ type: "refused", reason: "moved" });
    expect(await head("gone")).toBeUndefined();
  });

  it("does not lose a push that comes between looking and moving", async () => {
    let third = "";
    const front = await startFront(server.url, (request, response) => {
      if (request.method !== "POST" || !request.url?.endsWith("git-receive-pack") || third !== "") return false;
      third = "coming";
      const url = new URL(request.url, server.url);
      const body: Buffer[] = [];
      request.on("data", (piece: Buffer) => body.push(piece));
      request.on("end", async () => {
        third = await work.commit({}, "Third");
        const { "content-type": type = "" } = request.headers;
        const answer = await fetch(url, {
          method: "POST",
          body: Buffer.concat(body),
          headers: { "content-type": type },
        });
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(Buffer.from(await answer.arrayBuffer()));
      });
      return true;
    });
    onTestFinished(() => front.stop());
    const { pushRef } = remote(`${front.url}/${name}.git`);
    const result = await pushRef({ branch: "main", from: second, to: first }, never);
    expect(result).toMatchObject({ type: "refused", reason: "moved" });
    expect(await head("main")).toBe(third);
  });

  it("restores the files of an earlier commit in one forward commit", async () => {
    const { commitTree, pushRef } = remote();
    const draft = { filesOf: first, parent: second, author, date, message: "Restore what was healthy\n\nWas bad." };
    const commit = await commitTree(draft, never);
    expect(await pushRef({ branch: "main", from: second, to: commit }, never)).toEqual({ type: "pushed" });
    await work.git("fetch", "-q", "origin", "main");
    await work.git("fsck", "--strict", commit.oid);
    expect(await work.git("diff", "--stat", first, "FETCH_HEAD")).toBe("");
    expect(await work.git("log", "-1", "--format=%H|%P|%an|%ae|%cn|%at|%B", "FETCH_HEAD")).toBe(
      `${commit.oid}|${second}|Mooring|mooring@example.com|Mooring|1795262400|Restore what was healthy\n\nWas bad.`,
    );
    expect((await commitTree(draft, never)).oid).toBe(commit.oid);
  });

  it("keeps a name from breaking the commit apart", async () => {
    const { commitTree, pushRef } = remote();
    const hostile = { name: "Eve <eve@x>\ncommitter Mallory", email: "a>b\n" };
    const commit = await commitTree({ filesOf: first, parent: second, author: hostile, date, message: "x" }, never);
    await pushRef({ branch: "main", from: second, to: commit }, never);
    await work.git("fetch", "-q", "origin", "main");
    expect(await work.git("log", "-1", "--format=%an|%ae|%cn", "FETCH_HEAD")).toBe(
      "Eve eve@xcommitter Mallory|ab|Eve eve@xcommitter Mallory",
    );
  });

  it("restores files from a server that cannot leave them out", async () => {
    const plain = await startGitServer({ allowFilter: false });
    onTestFinished(() => plain.stop());
    await work.git("push", "-q", await plain.createRepo("plain"), "HEAD:main");
    const { commitTree } = remote(plain.repoUrl("plain"));
    const commit = await commitTree({ filesOf: first, parent: second, author, date, message: "Back" }, never);
    expect(commit.data.toString()).toContain(`tree ${await work.git("rev-parse", `${first}^{tree}`)}\n`);
  });

  it("tells what a hook of the server says", async () => {
    const repository = join(server.root, `${name}.git`);
    await writeFile(join(repository, "hooks/pre-receive"), "#!/bin/sh\necho 'branch main is protected' >&2\nexit 1\n");
    await chmod(join(repository, "hooks/pre-receive"), 0o755);
    const result = await remote().pushRef({ branch: "main", from: second, to: first }, never);
    expect(result).toMatchObject({ type: "refused", reason: "denied" });
    expect(result).toMatchObject({ message: expect.stringContaining("pre-receive hook declined") });
    expect(result).toMatchObject({ message: expect.stringContaining("branch main is protected") });
    expect(await head("main")).toBe(second);
  });

  it("says that the credentials are wrong, or are not enough, and never what they are", async () => {
    const closed = await startGitServer({ username: "git", password: "correct-horse" });
    onTestFinished(() => closed.stop());
    const url = await closed.createRepo("closed");
    await work.git("push", "-q", closed.pushUrl("closed"), "HEAD:main");
    const wrong = { username: "git", password: "wrong-horse" };
    const failure = await failureOf(remote(url, wrong).pushRef({ branch: "x", from: undefined, to: first }, never));
    expect(failure.code).toBe("SourceDenied");
    expect(JSON.stringify(failure.problems)).not.toContain("horse");
    const right = remote(url, { username: "git", password: "correct-horse" });
    expect(await right.pushRef({ branch: "x", from: undefined, to: first }, never)).toEqual({ type: "pushed" });
  });

  it("ends with the signal", async () => {
    const failure = await failureOf(remote().pushRef({ branch: "x", from: undefined, to: first }, AbortSignal.abort()));
    expect(failure.code).toBe("Interrupted");
  });
});
