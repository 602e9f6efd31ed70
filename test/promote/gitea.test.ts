import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createForge, type Forge, type Merge } from "../../src/promote/index.ts";
import { markdown } from "../../src/promote/text/markdown.ts";
import { openRemote } from "../../src/source/index.ts";
import { failureOf } from "../source/expectations.ts";
import { createWorkTree, type WorkTree } from "../support/git/work-tree.ts";
import type { GiteaUser } from "../support/gitea/api.ts";
import { type Gitea, startGitea } from "../support/gitea/gitea.ts";
import { eventually } from "../support/wait.ts";

const never = new AbortController().signal;
const userAgent = "mooring/test";

describe("a repository on a real Gitea", { timeout: 180_000 }, () => {
  let gitea: Gitea;
  let bot: GiteaUser;
  let repository: string;
  let work: WorkTree;
  let forge: Forge;
  let first: string;
  let second: string;
  let count = 0;

  const open = async (token: string, name = repository): Promise<Forge> => {
    const opened = await createForge({
      type: "gitea",
      url: gitea.url,
      repository: name,
      access: { token },
      userAgent,
    });
    onTestFinished(() => opened.close());
    return opened;
  };

  beforeAll(async () => {
    gitea = await startGitea();
    // What docs/promotion.md says is enough.
    bot = await gitea.createUser("mooring-bot", ["write:repository", "write:issue"]);
  });
  afterAll(() => gitea.stop());
  beforeEach(async () => {
    repository = `${gitea.admin}/environment-${count++}`;
    await gitea.createRepo(repository);
    await gitea.addCollaborator(repository, bot.name, "write");
    work = await createWorkTree(gitea.pushUrl(repository), "production");
    onTestFinished(() => work.remove());
    first = await work.commit({ "web.yaml": "kind: Service\n" }, "First");
    await work.git("push", "-q", "origin", "HEAD:staging");
    await work.git("checkout", "-q", "-b", "staging");
    second = await work.commit({ "web.yaml": "kind: Deployment\n" }, "Second\n\nWith more to say.");
    await gitea.untilPushed(repository, "staging", second);
    await gitea.untilPushed(repository, "production", first);
    forge = await open(bot.token);
  });

  const draft = { head: "staging", base: "production", title: "Promote", body: "What changes", labels: ["mooring"] };
  const between = { head: "staging", base: "production" };
  const untilMergeable = (number: number) =>
    eventually(
      async () => {
        const ready = await forge.readiness(number, never);
        return ready.mergeable === "yes" ? ready : undefined;
      },
      { what: "the pull request to be looked at", timeout: 60_000 },
    );

  /** Gitea looks at a pull request again after whatever happened to it, and refuses to merge it meanwhile. */
  const untilMerged = (number: number, merge: Merge) =>
    eventually(async () => (await forge.mergePullRequest(number, merge, never)).type === "merged", {
      what: "the pull request to be merged",
      timeout: 60_000,
    });

  it("opens a pull request with a label it makes, finds it, edits it and closes it", async () => {
    expect(await forge.findPullRequest(between, never)).toBeUndefined();
    const opened = await forge.openPullRequest(draft, never);
    expect(opened).toMatchObject({ ...draft, number: 1, state: "open", headSha: second });
    expect(opened.url).toBe(`${gitea.url}/${repository}/pulls/1`);
    await forge.updatePullRequest(1, { title: "Promote staging", body: "More" }, never);
    expect(await forge.findPullRequest(between, never)).toMatchObject({ title: "Promote staging", body: "More" });
    await forge.closePullRequest(1, markdown`Nothing to promote any more.`, never);
    expect(await forge.findPullRequest(between, never)).toMatchObject({ number: 1, state: "closed" });
    expect(await gitea.call("GET", `/repos/${repository}/issues/1/comments`)).toMatchObject([
      { body: "Nothing to promote any more." },
    ]);
    const again = await forge.openPullRequest(draft, never);
    expect(await forge.findPullRequest(between, never)).toMatchObject({ number: again.number, state: "open" });
    expect(await gitea.call("GET", `/repos/${repository}/labels`)).toHaveLength(1);
    await forge.closePullRequest(again.number, undefined, never);
    await work.git("push", "-q", "origin", ":refs/heads/staging");
    await eventually(async () => (await forge.branchHead("staging", never)) === undefined, {
      what: "the branch to go",
    });
    const last = await forge.findPullRequest(between, never);
    expect(last).toMatchObject({ number: again.number, state: "closed", head: "staging" });
    await work.git("push", "-q", "origin", `${second}:refs/heads/other`);
    expect(await forge.findPullRequest({ head: "other", base: "production" }, never)).toBeUndefined();
  });

  it("does not take the pull request of a fork for one of its own", async () => {
    const name = repository.split("/")[1] ?? "";
    const eve = await gitea.createUser(`eve-${count}`, ["write:repository", "write:issue"]);
    await gitea.addCollaborator(repository, eve.name, "read");
    await gitea.call("POST", `/repos/${repository}/forks`, {}, eve.token);
    const forked = async () => {
      const body = { head: `${eve.name}:staging`, base: "production", title: "Mine" };
      return gitea.call("POST", `/repos/${repository}/pulls`, body, eve.token);
    };
    await eventually(forked, { what: `${eve.name}/${name} to open a pull request`, timeout: 60_000 });
    expect(await forge.findPullRequest(between, never)).toBeUndefined();
  });

  it("merges what it judged, and nothing else", async () => {
    const { number } = await forge.openPullRequest(draft, never);
    const ready = await untilMergeable(number);
    expect(ready).toEqual({
      state: "open",
      headSha: second,
      labels: ["mooring"],
      mergeable: "yes",
      checks: { state: "success", pending: [], failed: [] },
      reviews: "satisfied",
    });
    const stale = await forge.mergePullRequest(number, { headSha: first, title: "Promote" }, never);
    expect(stale).toMatchObject({ type: "refused", reason: "headMoved" });
    const merge = { headSha: second, title: `Promote staging (#${number})` };
    await untilMerged(number, merge);
    expect(await forge.findPullRequest(between, never)).toMatchObject({ state: "merged" });
    await work.git("fetch", "-q", "origin", "production");
    expect(await work.git("log", "-1", "--format=%s|%P", "FETCH_HEAD")).toBe(`${merge.title}|${first} ${second}`);
    const twice = await forge.mergePullRequest(number, merge, never);
    expect(twice).toMatchObject({ type: "refused", reason: "notOpen" });
  });

  it("does not merge a conflict", async () => {
    await work.git("checkout", "-q", "-B", "production", first);
    await work.commit({ "web.yaml": "kind: StatefulSet\n" }, "In the way");
    const { number } = await forge.openPullRequest(draft, never);
    const refused = await eventually(
      async () => {
        const result = await forge.mergePullRequest(number, { headSha: second, title: "Promote" }, never);
        return result.type === "refused" ? result : undefined;
      },
      { what: "the merge to be refused", timeout: 60_000 },
    );
    expect(["conflict", "gated"]).toContain(refused.reason);
    expect((await forge.readiness(number, never)).mergeable).toBe("unknown");
  });

  it("tells which checks and reviews are missing, and is refused while they are", async () => {
    await gitea.protectBranch(repository, "production", {
      enable_status_check: true,
      status_check_contexts: ["ci/test"],
      required_approvals: 1,
    });
    const { number } = await forge.openPullRequest(draft, never);
    const before = await untilMergeable(number);
    expect(before.checks).toEqual({ state: "pending", pending: ["ci/test"], failed: [] });
    expect(before.reviews).toBe("missing");
    const refused = await forge.mergePullRequest(number, { headSha: second, title: "Promote" }, never);
    expect(refused).toMatchObject({ type: "refused", reason: "gated" });

    await forge.setCommitStatus(second, { context: "ci/test", state: "failure", description: "Broken" }, never);
    expect((await forge.readiness(number, never)).checks).toEqual({
      state: "failure",
      pending: [],
      failed: ["ci/test"],
    });
    await forge.setCommitStatus(second, { context: "ci/test", state: "success", description: "Fine" }, never);
    const review = (event: string) =>
      gitea.call("POST", `/repos/${repository}/pulls/${number}/reviews`, { event, body: event });
    await review("REQUEST_CHANGES");
    expect((await forge.readiness(number, never)).reviews).toBe("changesRequested");
    await review("APPROVED");
    expect(await forge.readiness(number, never)).toMatchObject({
      reviews: "satisfied",
      checks: { state: "success" },
    });
    await untilMerged(number, { headSha: second, title: "Promote" });
  });

  it("keeps one comment up to date among others", async () => {
    const { number } = await forge.openPullRequest(draft, never);
    const path = `/repos/${repository}/issues/${number}/comments`;
    await gitea.call("POST", path, { body: "I like it. <!-- mooring:plan -->" });
    await gitea.call("POST", `/repos/${repository}/issues/${number}/comments`, {
      body: "<!-- mooring:plan -->\nForged",
    });
    await forge.upsertComment(number, "<!-- mooring:plan -->", "First plan", never);
    await forge.upsertComment(number, "<!-- mooring:other -->", "Something else", never);
    await forge.upsertComment(number, "<!-- mooring:plan -->", "Second plan", never);
    const comments = await gitea.call<readonly { body: string; updated_at: string }[]>("GET", path);
    expect(comments.map(({ body }) => body)).toEqual([
      "I like it. <!-- mooring:plan -->",
      "<!-- mooring:plan -->\nForged",
      "<!-- mooring:plan -->\nSecond plan",
      "<!-- mooring:other -->\nSomething else",
    ]);
    await forge.upsertComment(number, "<!-- mooring:plan -->", "Second plan\n", never);
    expect(await gitea.call("GET", path)).toEqual(comments);
  });

  it("sets the status of a commit under each context, and reads the newest of each", async () => {
    const status = { context: "mooring/eu/production", state: "pending", description: "rolling out" } as const;
    await forge.setCommitStatus(second, status, never);
    await forge.setCommitStatus(second, { ...status, context: "mooring/us/production", state: "success" }, never);
    const long = { ...status, state: "failure", description: `${"x".repeat(100)}\n${"y".repeat(100)}` } as const;
    await forge.setCommitStatus(second, { ...long, url: "https://example.com/why" }, never);
    expect(await forge.commitStatuses(first, never)).toEqual([]);
    const found = await forge.commitStatuses(second, never);
    expect(found).toHaveLength(2);
    expect(found).toContainEqual({ ...status, context: "mooring/us/production", state: "success" });
    const description = `${"x".repeat(100)} ${"y".repeat(38)}…`;
    expect(found).toContainEqual({ ...long, description, url: "https://example.com/why" });
  });

  it("knows branches, and the commits between them", async () => {
    await work.git("push", "-q", "origin", `${second}:refs/heads/feature/one`);
    await gitea.untilPushed(repository, "feature/one", second);
    expect(await forge.branchHead("feature/one", never)).toBe(second);
    expect(await forge.branchHead("feature/two", never)).toBeUndefined();
    const third = await work.commit({}, "Third");
    await gitea.untilPushed(repository, "staging", third);
    const commit = (sha: string, subject: string) => ({ sha, subject, author: "Test" });
    const expected = { commits: [commit(second, "Second"), commit(third, "Third")], total: 2 };
    expect(await forge.commitsBetween("production", "staging", never)).toEqual(expected);
    expect(await forge.commitsBetween(first, third, never)).toEqual(expected);
    expect(await forge.commitsBetween(third, third, never)).toEqual({ commits: [], total: 0 });
  });

  it("lets Git push with its token, and branch protection have its say", async () => {
    const remote = openRemote(forge.git.url, forge.git.credentials, { userAgent });
    onTestFinished(() => remote.close());
    const branch = "mooring/promote-production";
    expect(await remote.pushRef({ branch, from: undefined, to: second }, never)).toEqual({ type: "pushed" });
    await gitea.untilPushed(repository, branch, second);
    await gitea.protectBranch(repository, "production", { enable_push: false });
    const refused = await remote.pushRef({ branch: "production", from: first, to: second }, never);
    expect(refused).toMatchObject({ type: "refused", reason: "denied" });
    expect(refused).toMatchObject({ message: expect.stringMatching(/protected/i) });
  });

  it("says what is wrong, and never the token", async () => {
    const wrong = await open("0123456789012345678901234567890123456789");
    const cases = [
      [await failureOf(wrong.branchHead("production", never)), "ForgeDenied"],
      [await failureOf((await open(bot.token, "nobody/nothing")).openPullRequest(draft, never)), "ForgeRefused"],
      [await failureOf(forge.openPullRequest({ ...draft, head: "nowhere" }, never)), "ForgeRefused"],
      [await failureOf(forge.branchHead("production", AbortSignal.abort())), "Interrupted"],
    ] as const;
    for (const [failure, code] of cases) {
      expect(failure.code).toBe(code);
      expect(JSON.stringify(failure.problems)).not.toMatch(new RegExp(`${bot.token}|0123456789012`));
    }
    expect(cases[1][0].message).toContain("/repos/nobody/nothing/");
  });

  it("says that a right is missing", async () => {
    const reader = await gitea.createUser(`reader-${count}`, ["read:repository"]);
    await gitea.addCollaborator(repository, reader.name, "read");
    const timid = await open(reader.token);
    expect(await timid.branchHead("staging", never)).toBe(second);
    const status = { context: "mooring/production", state: "success", description: "" } as const;
    const failure = await failureOf(timid.setCommitStatus(second, status, never));
    expect(failure.code).toBe("ForgeDenied");
  });
});
