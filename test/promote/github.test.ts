import { describe, expect, it, onTestFinished } from "vitest";
import type { Json, JsonObject } from "../../src/model/json/json.ts";
import { createForge, type Forge } from "../../src/promote/index.ts";
import { markdown } from "../../src/promote/text/markdown.ts";
import { type Contract, type Exchange, startContract } from "./contract.ts";

const never = new AbortController().signal;
const [first, second] = ["1".repeat(40), "2".repeat(40)];
const docs = "https://docs.github.com/en/rest";
const root = "/api/v3/repos/acme/environment";

/** A pull request, cut to the documented fields that matter: {docs}/pulls/pulls#get-a-pull-request */
const pull = (change: JsonObject = {}): JsonObject => ({
  number: 7,
  html_url: "https://github.example.com/acme/environment/pull/7",
  state: "open",
  title: "Promote",
  body: "What changes",
  merged_at: null,
  mergeable: true,
  mergeable_state: "clean",
  head: { ref: "staging", sha: second, repo: { id: 1 } },
  base: { ref: "production", sha: first, repo: { id: 1 } },
  labels: [{ id: 1, name: "mooring" }],
  ...change,
});

describe("a repository on GitHub, by the contract of its documentation", () => {
  const open = async (exchanges: readonly Exchange[]) => {
    const contract = await startContract(exchanges);
    const forge = await createForge({
      type: "github",
      url: contract.url,
      repository: "acme/environment",
      access: { token: "gho_secret" },
      userAgent: "mooring/test",
    });
    onTestFinished(() => forge.close());
    return { contract, forge };
  };
  const during = async <T>(exchanges: readonly Exchange[], work: (forge: Forge) => Promise<T>): Promise<T> => {
    const { contract, forge } = await open(exchanges);
    const result = await work(forge);
    expect(contract.breaches()).toEqual([]);
    return result;
  };

  const list = (answer: Json): Exchange => ({
    page: `${docs}/pulls/pulls#list-pull-requests`,
    method: "GET",
    path: `${root}/pulls?head=acme%3Astaging&base=production&state=all&per_page=30`,
    headers: { authorization: "Bearer gho_secret", "user-agent": "mooring/test" },
    answer,
  });

  it("finds the open pull request, or else the newest", async () => {
    const between = { head: "staging", base: "production" };
    const closed = pull({ number: 9, state: "closed" });
    const merged = pull({ number: 8, state: "closed", merged_at: "2026-11-20T10:00:00Z" });
    expect(await during([list([closed, pull()])], (forge) => forge.findPullRequest(between, never))).toEqual({
      number: 7,
      url: "https://github.example.com/acme/environment/pull/7",
      state: "open",
      title: "Promote",
      body: "What changes",
      head: "staging",
      headSha: second,
      base: "production",
      labels: ["mooring"],
    });
    const newest = await during([list([closed, merged])], (forge) => forge.findPullRequest(between, never));
    expect(newest).toMatchObject({ number: 9, state: "closed" });
    const last = await during([list([merged])], (forge) => forge.findPullRequest(between, never));
    expect(last).toMatchObject({ number: 8, state: "merged" });
    const foreign = pull({ head: { ref: "staging", sha: second, repo: { id: 2 } } });
    expect(await during([list([foreign])], (forge) => forge.findPullRequest(between, never))).toBeUndefined();
    expect(await during([list([])], (forge) => forge.findPullRequest(between, never))).toBeUndefined();
  });

  it("opens a pull request and labels it", async () => {
    const draft = { head: "staging", base: "production", title: "Promote", body: "What changes" };
    const exchanges: Exchange[] = [
      {
        page: `${docs}/pulls/pulls#create-a-pull-request`,
        method: "POST",
        path: `${root}/pulls`,
        body: draft,
        status: 201,
        answer: pull({ labels: [] }),
      },
      {
        page: `${docs}/issues/labels#add-labels-to-an-issue`,
        method: "POST",
        path: `${root}/issues/7/labels`,
        body: { labels: ["mooring"] },
        answer: [{ id: 1, name: "mooring" }],
      },
    ];
    const opened = await during(exchanges, (forge) => forge.openPullRequest({ ...draft, labels: ["mooring"] }, never));
    expect(opened).toMatchObject({ number: 7, labels: ["mooring"] });
  });

  const update = (body: JsonObject): Exchange => ({
    page: `${docs}/pulls/pulls#update-a-pull-request`,
    method: "PATCH",
    path: `${root}/pulls/7`,
    body,
    answer: pull(body),
  });
  const comment = (body: string): Exchange => ({
    page: `${docs}/issues/comments#create-an-issue-comment`,
    method: "POST",
    path: `${root}/issues/7/comments`,
    body: { body },
    status: 201,
    answer: { id: 1, body },
  });

  it("edits and closes a pull request", async () => {
    await during([update({ title: "Promote more" })], (forge) =>
      forge.updatePullRequest(7, { title: "Promote more" }, never),
    );
    await during([comment("Done."), update({ state: "closed" })], (forge) =>
      forge.closePullRequest(7, markdown`Done.`, never),
    );
  });

  const show = (change: JsonObject = {}): Exchange => ({
    page: `${docs}/pulls/pulls#get-a-pull-request`,
    method: "GET",
    path: `${root}/pulls/7`,
    answer: pull(change),
  });
  const judging = (runs: Exchange, reviews: Json, statuses: Json, change: JsonObject = {}): Exchange[] => [
    show(change),
    {
      page: `${docs}/commits/statuses#list-commit-statuses-for-a-reference`,
      method: "GET",
      path: `${root}/commits/${second}/statuses?per_page=100`,
      answer: statuses,
    },
    runs,
    {
      page: `${docs}/pulls/reviews#list-reviews-for-a-pull-request`,
      method: "GET",
      path: `${root}/pulls/7/reviews?per_page=100`,
      answer: reviews,
    },
  ];
  const runs = (answer: Json, status = 200): Exchange => ({
    page: `${docs}/checks/runs#list-check-runs-for-a-git-reference`,
    method: "GET",
    path: `${root}/commits/${second}/check-runs?per_page=100`,
    status,
    answer,
  });
  const status = (context: string, state: string) => ({ context, state, description: null, target_url: null });
  const review = (id: number, state: string) => ({ user: { id, login: `user-${id}` }, state });

  it("judges checks and reviews: the newest status, the last word of each reviewer", async () => {
    const found = [
      { name: "build", status: "completed", conclusion: "success" },
      { name: "lint", status: "in_progress", conclusion: null },
      { name: "docs", status: "completed", conclusion: "skipped" },
    ];
    const statuses = [status("ci", "success"), status("ci", "failure"), status("mooring/staging", "error")];
    const reviews = [review(1, "CHANGES_REQUESTED"), review(1, "COMMENTED"), review(1, "APPROVED")];
    const exchanges = judging(runs({ total_count: 3, check_runs: found }), reviews, statuses);
    expect(await during(exchanges, (forge) => forge.readiness(7, never))).toEqual({
      state: "open",
      headSha: second,
      labels: ["mooring"],
      mergeable: "yes",
      checks: { state: "failure", pending: ["lint"], failed: ["mooring/staging"] },
      reviews: "satisfied",
    });
  });

  it.each([
    ["an approval is missing", { mergeable_state: "blocked" }, [], { reviews: "missing", mergeable: "yes" }],
    [
      "changes are requested",
      {},
      [review(1, "APPROVED"), review(2, "CHANGES_REQUESTED")],
      { reviews: "changesRequested" },
    ],
    ["a request was dismissed", {}, [review(2, "DISMISSED")], { reviews: "satisfied" }],
    ["GitHub is still looking", { mergeable: null, mergeable_state: "unknown" }, [], { mergeable: "unknown" }],
    ["it conflicts", { mergeable: false, mergeable_state: "dirty" }, [], { mergeable: "no" }],
  ])("says when %s", async (_, change, reviews, expected) => {
    const exchanges = judging(runs({ total_count: 0, check_runs: [] }), reviews, [], change);
    const ready = await during(exchanges, (forge) => forge.readiness(7, never));
    expect(ready).toMatchObject({ ...expected, checks: { state: "success" } });
  });

  it.each([
    ["clean", "success"],
    ["unstable", "pending"],
  ])("goes by what GitHub sums up (%s) where the token may not see check runs", async (word, state) => {
    const denied = { message: "Resource not accessible by personal access token" };
    const exchanges = judging(runs(denied, 403), [], [], { mergeable_state: word });
    expect((await during(exchanges, (forge) => forge.readiness(7, never))).checks.state).toBe(state);
  });

  const merge = { headSha: second, title: "Promote (#7)" };
  const merging = (answer: JsonObject, code = 200): Exchange => ({
    page: `${docs}/pulls/pulls#merge-a-pull-request`,
    method: "PUT",
    path: `${root}/pulls/7/merge`,
    body: { sha: second, commit_title: "Promote (#7)", merge_method: "merge" },
    status: code,
    answer,
  });

  it("merges the head that was judged", async () => {
    const done = merging({ sha: first, merged: true, message: "Pull Request successfully merged" });
    expect(await during([done], (forge) => forge.mergePullRequest(7, merge, never))).toEqual({ type: "merged" });
  });

  it.each([
    [409, "Head branch was modified. Review and try the merge again.", {}, "headMoved"],
    [405, "Pull Request is not mergeable", { mergeable: false }, "conflict"],
    [405, "At least 1 approving review is required by reviewers with write access.", {}, "gated"],
    [405, "Pull Request is not mergeable", { state: "closed" }, "notOpen"],
    [403, "Resource not accessible by integration", {}, "gated"],
  ])("says why it was not merged (%i %s)", async (code, message, change, reason) => {
    const exchanges = [merging({ message }, code), show(change)];
    const result = await during(exchanges, (forge) => forge.mergePullRequest(7, merge, never));
    expect(result).toMatchObject({ type: "refused", reason, message: expect.stringContaining(message) });
  });

  it("keeps one comment, wherever it is among the pages", async () => {
    const page = `${docs}/using-the-rest-api/using-pagination-in-the-rest-api`;
    const path = `${root}/issues/7/comments?per_page=100`;
    const listing = (contract: () => Contract): Exchange[] => [
      {
        page,
        method: "GET",
        path,
        get answerHeaders() {
          return {
            link: `<${contract().url}${path}&page=2>; rel="next", <${contract().url}${path}&page=2>; rel="last"`,
          };
        },
        answer: [
          { id: 1, body: "I like it", user: { id: 5 } },
          { id: 3, body: "<!-- plan -->\nOld", user: { id: 6 } },
        ],
      },
      {
        page,
        method: "GET",
        path: `${path}&page=2`,
        answer: [{ id: 2, body: "<!-- plan -->\r\nOld", user: { id: 7 } }],
      },
      {
        page: `${docs}/users/users#get-the-authenticated-user`,
        method: "GET",
        path: "/api/v3/user",
        status: 403,
        answer: { message: "Resource not accessible by integration" },
      },
      {
        page: "https://docs.github.com/en/graphql/reference/queries#viewer",
        method: "POST",
        path: "/api/graphql",
        body: { query: "query { viewer { databaseId } }" },
        answer: { data: { viewer: { databaseId: 7 } } },
      },
    ];
    const cases: readonly (readonly [string, readonly Exchange[]])[] = [
      [
        "New",
        [
          {
            page: `${docs}/issues/comments#update-an-issue-comment`,
            method: "PATCH",
            path: `${root}/issues/comments/2`,
            body: { body: "<!-- plan -->\nNew" },
            answer: { id: 2 },
          },
        ],
      ],
      ["Old", []],
    ];
    for (const [body, more] of cases) {
      const { contract, forge } = await open([...listing(() => contract), ...more]);
      await forge.upsertComment(7, "<!-- plan -->", body, never);
      expect(contract.breaches()).toEqual([]);
    }
  });

  it("sets and reads commit statuses", async () => {
    const set: Exchange = {
      page: `${docs}/commits/statuses#create-a-commit-status`,
      method: "POST",
      path: `${root}/statuses/${second}`,
      body: { context: "mooring/eu/production", state: "failure", description: "no image" },
      status: 201,
      answer: {},
    };
    const wanted = { context: "mooring/eu/production", state: "failure", description: "no image" } as const;
    await during([set], (forge) => forge.setCommitStatus(second, wanted, never));
    const got: Exchange = {
      page: `${docs}/commits/statuses#list-commit-statuses-for-a-reference`,
      method: "GET",
      path: `${root}/commits/${second}/statuses?per_page=100`,
      answer: [
        { ...wanted, target_url: null },
        { ...wanted, state: "pending", target_url: null },
        { context: "ci", state: "success", description: null, target_url: "https://ci.example.com/1" },
      ],
    };
    expect(await during([got], (forge) => forge.commitStatuses(second, never))).toEqual([
      wanted,
      { context: "ci", state: "success", description: "", url: "https://ci.example.com/1" },
    ]);
  });

  const reference = (code: number, answer: Json): Exchange => ({
    page: `${docs}/git/refs#get-a-reference`,
    method: "GET",
    path: `${root}/git/ref/heads%2Fproduction`,
    status: code,
    answer,
  });

  it("knows branches, and the commits between them", async () => {
    const at = { ref: "refs/heads/production", object: { type: "commit", sha: second } };
    expect(await during([reference(200, at)], (forge) => forge.branchHead("production", never))).toBe(second);
    const none = reference(404, { message: "Not Found" });
    expect(await during([none], (forge) => forge.branchHead("production", never))).toBeUndefined();
    const compare: Exchange = {
      page: `${docs}/commits/commits#compare-two-commits`,
      method: "GET",
      path: `${root}/compare/production...${second}?per_page=50`,
      answer: {
        total_commits: 80,
        commits: [{ sha: first, commit: { message: "First\n\nMore", author: { name: "Ada" } } }],
      },
    };
    expect(await during([compare], (forge) => forge.commitsBetween("production", second, never))).toEqual({
      commits: [{ sha: first, subject: "First", author: "Ada" }],
      total: 80,
    });
  });
});
