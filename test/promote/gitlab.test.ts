import { describe, expect, it, onTestFinished } from "vitest";
import type { Json, JsonObject } from "../../src/model/json/json.ts";
import { createForge, type Forge } from "../../src/promote/index.ts";
import { markdown } from "../../src/promote/text/markdown.ts";
import { failureOf } from "../source/expectations.ts";
import { type Exchange, startContract } from "./contract.ts";

const never = new AbortController().signal;
const [first, second] = ["1".repeat(40), "2".repeat(40)];
const docs = "https://docs.gitlab.com/api";
const root = "/api/v4/projects/acme%2Fshop%2Fenvironment";

/** A merge request, cut to the documented fields that matter: {docs}/merge_requests/#get-single-mr */
const request = (change: JsonObject = {}): JsonObject => ({
  iid: 7,
  web_url: "https://gitlab.example.com/acme/shop/environment/-/merge_requests/7",
  state: "opened",
  title: "Promote",
  description: "What changes",
  source_branch: "staging",
  target_branch: "production",
  source_project_id: 1,
  target_project_id: 1,
  sha: second,
  labels: ["mooring"],
  has_conflicts: false,
  detailed_merge_status: "mergeable",
  ...change,
});

describe("a project on GitLab, by the contract of its documentation", () => {
  const open = async (exchanges: readonly Exchange[]) => {
    const contract = await startContract(exchanges);
    const forge = await createForge({
      type: "gitlab",
      url: contract.url,
      repository: "acme/shop/environment",
      access: { token: "glpat-secret" },
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
    page: `${docs}/merge_requests/#list-project-merge-requests`,
    method: "GET",
    path: `${root}/merge_requests?source_branch=staging&target_branch=production&per_page=20&order_by=created_at&sort=desc`,
    headers: { authorization: "Bearer glpat-secret", "user-agent": "mooring/test" },
    answer,
  });

  it("finds the open merge request, or else the newest", async () => {
    const between = { head: "staging", base: "production" };
    const closed = request({ iid: 9, state: "closed" });
    const merged = request({ iid: 8, state: "merged" });
    expect(await during([list([closed, request()])], (forge) => forge.findPullRequest(between, never))).toEqual({
      number: 7,
      url: "https://gitlab.example.com/acme/shop/environment/-/merge_requests/7",
      state: "open",
      title: "Promote",
      body: "What changes",
      head: "staging",
      headSha: second,
      base: "production",
      labels: ["mooring"],
    });
    const last = await during([list([merged, closed])], (forge) => forge.findPullRequest(between, never));
    expect(last).toMatchObject({ number: 8, state: "merged" });
    const foreign = request({ source_project_id: 2 });
    expect(await during([list([foreign])], (forge) => forge.findPullRequest(between, never))).toBeUndefined();
    expect(await during([list([])], (forge) => forge.findPullRequest(between, never))).toBeUndefined();
  });

  it("opens a merge request with its labels", async () => {
    const create: Exchange = {
      page: `${docs}/merge_requests/#create-mr`,
      method: "POST",
      path: `${root}/merge_requests`,
      body: {
        source_branch: "staging",
        target_branch: "production",
        title: "Promote",
        description: "What changes",
        labels: "mooring,release",
      },
      status: 201,
      answer: request({ labels: ["mooring", "release"] }),
    };
    const draft = { head: "staging", base: "production", title: "Promote", body: "What changes" };
    const labels = ["mooring", "release"];
    const opened = await during([create], (forge) => forge.openPullRequest({ ...draft, labels }, never));
    expect(opened).toMatchObject({ number: 7, labels });
  });

  const update = (body: JsonObject): Exchange => ({
    page: `${docs}/merge_requests/#update-mr`,
    method: "PUT",
    path: `${root}/merge_requests/7`,
    body,
    answer: request(),
  });
  const note = (body: string): Exchange => ({
    page: `${docs}/notes/#create-new-merge-request-note`,
    method: "POST",
    path: `${root}/merge_requests/7/notes`,
    body: { body },
    status: 201,
    answer: { id: 3, body },
  });

  it("edits and closes a merge request", async () => {
    await during([update({ title: "More", description: "Text" })], (forge) =>
      forge.updatePullRequest(7, { title: "More", body: "Text" }, never),
    );
    await during([note("Done."), update({ state_event: "close" })], (forge) =>
      forge.closePullRequest(7, markdown`Done.`, never),
    );
  });

  const show = (change: JsonObject = {}): Exchange => ({
    page: `${docs}/merge_requests/#get-single-mr`,
    method: "GET",
    path: `${root}/merge_requests/7`,
    answer: request(change),
  });
  const statuses = (answer: Json): Exchange => ({
    page: `${docs}/commits/#list-commit-statuses`,
    method: "GET",
    path: `${root}/repository/commits/${second}/statuses`,
    answer,
  });
  const approvals = (left: number): Exchange => ({
    page: `${docs}/merge_request_approvals/#get-configuration-1`,
    method: "GET",
    path: `${root}/merge_requests/7/approvals`,
    answer: { iid: 7, approvals_required: 1, approvals_left: left, approved_by: [] },
  });
  const status = (id: number, name: string, word: string) => ({
    id,
    name,
    status: word,
    description: null,
    target_url: null,
  });

  it("judges checks: the newest of each name", async () => {
    const found = [
      status(3, "mooring/staging", "success"),
      status(1, "mooring/staging", "failed"),
      status(2, "build", "running"),
    ];
    expect(await during([show(), statuses(found), approvals(0)], (forge) => forge.readiness(7, never))).toEqual({
      state: "open",
      headSha: second,
      labels: ["mooring"],
      mergeable: "yes",
      checks: { state: "pending", pending: ["build"], failed: [] },
      reviews: "satisfied",
    });
  });

  it.each([
    ["an approval is missing", { detailed_merge_status: "not_approved" }, 1, { reviews: "missing", mergeable: "yes" }],
    ["an approval is missing, as well as CI", { detailed_merge_status: "ci_must_pass" }, 1, { reviews: "missing" }],
    ["changes are requested", { detailed_merge_status: "requested_changes" }, 0, { reviews: "changesRequested" }],
    ["GitLab is still looking", { detailed_merge_status: "checking" }, 0, { mergeable: "unknown" }],
    ["it conflicts", { has_conflicts: true, detailed_merge_status: "conflict" }, 0, { mergeable: "no" }],
  ])("says when %s", async (_, change, left, expected) => {
    const exchanges = [show(change), statuses([]), approvals(left)];
    expect(await during(exchanges, (forge) => forge.readiness(7, never))).toMatchObject(expected);
  });

  const merging = (code: number, answer: Json): Exchange => ({
    page: `${docs}/merge_requests/#merge-a-merge-request`,
    method: "PUT",
    path: `${root}/merge_requests/7/merge`,
    body: { sha: second, merge_commit_message: "Promote (!7)" },
    status: code,
    answer,
  });
  const merge = { headSha: second, title: "Promote (!7)" };

  it("merges the head that was judged", async () => {
    const done = merging(200, request({ state: "merged" }));
    expect(await during([done], (forge) => forge.mergePullRequest(7, merge, never))).toEqual({ type: "merged" });
  });

  it.each([
    [409, "SHA does not match HEAD of source branch: 3333", {}, "headMoved"],
    [422, "Branch cannot be merged", { has_conflicts: true }, "conflict"],
    [405, "405 Method Not Allowed", { detailed_merge_status: "not_approved" }, "gated"],
    [401, "401 Unauthorized", {}, "gated"],
    [405, "405 Method Not Allowed", { state: "closed" }, "notOpen"],
  ])("says why it was not merged (%i %s)", async (code, message, change, reason) => {
    const exchanges = [merging(code, { message }), show(change)];
    const result = await during(exchanges, (forge) => forge.mergePullRequest(7, merge, never));
    expect(result).toMatchObject({ type: "refused", reason, message: expect.stringContaining(message) });
  });

  it("keeps one comment, wherever it is among the pages", async () => {
    const page = `${docs}/rest/#pagination`;
    const path = `${root}/merge_requests/7/notes?per_page=100&sort=asc&order_by=created_at`;
    const next = "per_page=100&sort=asc&order_by=created_at&page=2";
    const link = `<https://gitlab.example.com/ignored?${next}>; rel="next"`;
    const exchanges: Exchange[] = [
      {
        page,
        method: "GET",
        path,
        answerHeaders: { link },
        answer: [{ id: 1, body: "<!-- plan -->", author: { id: 5 } }],
      },
      {
        page,
        method: "GET",
        path: `${root}/merge_requests/7/notes?${next}`,
        answer: [{ id: 2, body: "<!-- plan -->", author: { id: 7 } }],
      },
      { page: `${docs}/users/#get-the-current-user`, method: "GET", path: "/api/v4/user", answer: { id: 7 } },
      {
        page: `${docs}/notes/#modify-existing-merge-request-note`,
        method: "PUT",
        path: `${root}/merge_requests/7/notes/2`,
        body: { body: "<!-- plan -->\nNew" },
        answer: { id: 2 },
      },
    ];
    await during(exchanges, (forge) => forge.upsertComment(7, "<!-- plan -->", "New", never));
  });

  const setting = (state: string, code: number, answer: Json): Exchange => ({
    page: `${docs}/commits/#set-commit-pipeline-status`,
    method: "POST",
    path: `${root}/statuses/${second}`,
    body: { state, context: "mooring/eu/production", description: "no image" },
    status: code,
    answer,
  });
  const wanted = { context: "mooring/eu/production", state: "failure", description: "no image" } as const;

  it("sets and reads commit statuses", async () => {
    await during([setting("failed", 201, {})], (forge) => forge.setCommitStatus(second, wanted, never));
    const found = [{ ...status(1, "mooring/eu/production", "failed"), description: "no image" }];
    expect(await during([statuses(found)], (forge) => forge.commitStatuses(second, never))).toEqual([wanted]);
  });

  it("does not mind that GitLab will not set the state that stands", async () => {
    const message =
      'Cannot transition status via :enqueue from :pending (Reason(s): Status cannot transition via "enqueue")';
    const again = setting("pending", 400, { message });
    await during([again], (forge) => forge.setCommitStatus(second, { ...wanted, state: "pending" }, never));
    const other = setting("pending", 400, { message: "400 Bad request" });
    const { forge } = await open([other]);
    const failure = await failureOf(forge.setCommitStatus(second, { ...wanted, state: "pending" }, never));
    expect(failure.code).toBe("ForgeRefused");
  });

  const branch = (name: string, code: number, answer: Json, more: Partial<Exchange> = {}): Exchange => ({
    page: `${docs}/branches/#get-single-repository-branch`,
    method: "GET",
    path: `${root}/repository/branches/${encodeURIComponent(name)}`,
    status: code,
    answer,
    ...more,
  });

  it("knows branches, and the commits between them", async () => {
    const there = branch("feature/one", 200, { name: "feature/one", commit: { id: second } });
    expect(await during([there], (forge) => forge.branchHead("feature/one", never))).toBe(second);
    const none = branch("two", 404, { message: "404 Branch Not Found" });
    expect(await during([none], (forge) => forge.branchHead("two", never))).toBeUndefined();
    const log: Exchange = {
      page: `${docs}/commits/#list-repository-commits`,
      method: "GET",
      path: `${root}/repository/commits?ref_name=production..staging&per_page=100`,
      answer: [
        { id: second, title: "Second", author_name: "Grace" },
        { id: first, title: "First", author_name: "Ada" },
      ],
    };
    expect(await during([log], (forge) => forge.commitsBetween("production", "staging", never))).toEqual({
      commits: [
        { sha: first, subject: "First", author: "Ada" },
        { sha: second, subject: "Second", author: "Grace" },
      ],
      total: 2,
    });
  });

  it("leaves GitLab alone after a limit, until the time that it says", async () => {
    const limited = branch(
      "production",
      429,
      { message: "429 Too Many Requests" },
      {
        page: "https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers",
        answerHeaders: { "ratelimit-remaining": "0", "ratelimit-reset": "4000000000", "retry-after": "600" },
      },
    );
    const { contract, forge } = await open([limited]);
    for (const again of [1, 2, 3]) {
      const failure = await failureOf(forge.branchHead("production", never));
      expect([again, failure.code]).toEqual([again, "ForgeBusy"]);
      expect(failure.retryAt?.getTime()).toBeGreaterThan(Date.now());
    }
    expect(contract.breaches()).toEqual([]);
  });

  it.each([
    [401, { message: "401 Unauthorized" }, "ForgeDenied"],
    [403, { error: "insufficient_scope" }, "ForgeDenied"],
    [409, { message: ["Another open merge request already exists for this source branch: !7"] }, "ForgeRefused"],
    [502, { message: "502 Bad Gateway" }, "ForgeUnreachable"],
  ])("turns %i into a failure, asked once, and never shows the token", async (code, answer, expected) => {
    const { contract, forge } = await open([branch("production", code, answer)]);
    const failure = await failureOf(forge.branchHead("production", never));
    expect(failure.code).toBe(expected);
    expect(JSON.stringify(failure.problems)).not.toContain("glpat-secret");
    expect(contract.breaches()).toEqual([]);
    const ended = await failureOf(forge.branchHead("production", AbortSignal.abort()));
    expect(ended.code).toBe("Interrupted");
  });

  it("pushes with the token as git does", async () => {
    const { contract, forge } = await open([]);
    const credentials = { username: "oauth2", password: "glpat-secret", ca: undefined };
    expect(forge.git).toEqual({ url: `${contract.url}/acme/shop/environment.git`, credentials });
  });
});
