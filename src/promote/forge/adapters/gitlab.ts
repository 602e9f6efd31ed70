import {
  Branches,
  Commits,
  type ExpandedMergeRequestSchema as MergeRequest,
  MergeRequestApprovals,
  MergeRequestNotes,
  MergeRequests,
} from "@gitbeaker/rest";
import { Failure } from "../../../model/failure.ts";
import { numberAt } from "../../../model/json/json.ts";
import { combineChecks, fromWord } from "../checks.ts";
import { type Comments, upsertComment } from "../comments.ts";
import type { CommitStatus, Forge, MergeRefusal, PullRequest, Readiness } from "../forge.ts";
import { listedCommits, shortDescription } from "../forge.ts";
import type { ForgeHttp } from "../http/http.ts";
import { forgeFailure, statusOf, unless } from "../http/response-failure.ts";
import { self } from "../self.ts";
import { gitlabRequester } from "./gitlab-requester.ts";

const perPage = 100;

/** A project on GitLab. Upstream: https://docs.gitlab.com/api/rest/ */
export function gitlabForge(http: ForgeHttp, apiUrl: string, project: string): Omit<Forge, "git" | "close"> {
  const api = (signal: AbortSignal) => {
    const options = { host: apiUrl.replace(/\/api\/v4$/, ""), token: "", requesterFn: gitlabRequester(http, signal) };
    return {
      requests: new MergeRequests(options),
      notes: new MergeRequestNotes(options),
      approvals: new MergeRequestApprovals(options),
      commits: new Commits(options),
      branches: new Branches(options),
    };
  };
  const statusesOf = async (sha: string, signal: AbortSignal): Promise<readonly CommitStatus[]> =>
    newestOf(await coded(api(signal).commits.allStatuses(project, sha)));
  const comment = async (number: number, body: string, signal: AbortSignal) =>
    void (await coded(api(signal).notes.create(project, number, body)));
  const show = (number: number, signal: AbortSignal) => coded(api(signal).requests.show(project, number));

  return {
    async findPullRequest({ head, base }, signal) {
      const query = { projectId: project, sourceBranch: head, targetBranch: base, perPage: 20, maxPages: 1 };
      const newestFirst = { orderBy: "created_at", sort: "desc" } as const;
      const found = await coded(api(signal).requests.all({ ...query, ...newestFirst }));
      // A fork may have a branch of the same name.
      const own = found.filter((one) => one.source_project_id === one.target_project_id);
      const chosen = own.find(({ state }) => state === "opened") ?? own[0];
      return chosen === undefined ? undefined : toPullRequest(chosen);
    },
    async openPullRequest({ head, base, title, body: description, labels }, signal) {
      const more = { description, ...(labels.length === 0 ? {} : { labels: labels.join(",") }) };
      return toPullRequest(await coded(api(signal).requests.create(project, head, base, title, more)));
    },
    async updatePullRequest(number, { title, body }, signal) {
      const change = {
        ...(title === undefined ? {} : { title }),
        ...(body === undefined ? {} : { description: body }),
      };
      await coded(api(signal).requests.edit(project, number, change));
    },
    async closePullRequest(number, text, signal) {
      if (text !== undefined) await comment(number, text, signal);
      await coded(api(signal).requests.edit(project, number, { stateEvent: "close" }));
    },
    async readiness(number, signal) {
      const found = await show(number, signal);
      const { state, headSha, labels } = toPullRequest(found);
      const asked = { mergerequestIId: number };
      const [statuses, approvals] = await Promise.all([
        statusesOf(headSha, signal),
        coded(api(signal).approvals.showConfiguration(project, asked)),
      ]);
      const checks = combineChecks(statuses);
      return { state, headSha, labels, mergeable: mergeableOf(found), checks, reviews: judge(found, approvals) };
    },
    async mergePullRequest(number, { headSha, title }, signal) {
      const merging = api(signal).requests.merge(project, number, { sha: headSha, mergeCommitMessage: title });
      const refused = await unless([401, 403, 404, 405, 406, 409, 422], merging);
      if (!(refused instanceof Failure)) return { type: "merged" };
      return { type: "refused", reason: whyNot(refused, await show(number, signal)), message: refused.message };
    },
    async upsertComment(number, marker, body, signal) {
      const { notes } = api(signal);
      const comments: Comments = {
        list: async () => {
          const all = await coded(notes.all(project, number, { perPage, sort: "asc", orderBy: "created_at" }));
          return all.map(({ id, body: text, author }) => ({ id, text, author: numberAt(author, "id") }));
        },
        create: async (text) => {
          const { id, author } = await coded(notes.create(project, number, text));
          return { id, author: numberAt(author, "id") };
        },
        edit: async (id, text) => void (await coded(notes.edit(project, number, id, { body: text }))),
        remove: async (id) => void (await coded(notes.remove(project, number, id))),
        self: () => self(http, `${apiUrl}/user`, signal),
      };
      await upsertComment(comments, marker, body);
    },
    async setCommitStatus(sha, { context, state, description, url }, signal) {
      const target = url === undefined ? {} : { targetUrl: url };
      const status = { context, description: shortDescription(description), ...target };
      const word = state === "failure" ? "failed" : state;
      const set = await unless([400], api(signal).commits.editStatus(project, sha, word, status));
      // It refuses to set the state that stands already.
      if (set instanceof Failure && !set.message.includes("Cannot transition status")) throw set;
    },
    commitStatuses: statusesOf,
    async branchHead(branch, signal) {
      const found = await unless([404], api(signal).branches.show(project, branch));
      return found instanceof Failure ? undefined : found.commit.id;
    },
    async commitsBetween(base, head, signal) {
      // A comparison would bring all changes along; a range of the log does not. It lists the newest first.
      const range = { refName: `${base}..${head}`, perPage, maxPages: 1 };
      const found = await coded(api(signal).commits.all(project, range));
      const commits = found.slice(0, listedCommits).reverse();
      return {
        commits: commits.map(({ id, title, author_name: author }) => ({ sha: id, subject: title, author })),
        total: found.length,
      };
    },
  };
}

async function coded<T>(work: Promise<T>): Promise<T> {
  return work.catch((thrown: unknown) => {
    throw forgeFailure(thrown);
  });
}

/** What all of GitLab's merge requests have, in lists and alone. */
type AnyMergeRequest = Pick<
  MergeRequest,
  "iid" | "web_url" | "state" | "title" | "source_branch" | "target_branch" | "sha"
> & { readonly description: string | null; readonly labels: unknown };

function toPullRequest(request: AnyMergeRequest): PullRequest {
  const { labels, state } = request;
  return {
    number: request.iid,
    url: request.web_url,
    state: state === "merged" ? "merged" : state === "opened" ? "open" : "closed",
    title: request.title,
    body: request.description ?? "",
    head: request.source_branch,
    headSha: request.sha,
    base: request.target_branch,
    labels: Array.isArray(labels) ? labels.filter((label) => typeof label === "string") : [],
  };
}

interface RawStatus {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly description?: string | null;
  readonly target_url?: string | null;
}

/** A status that is set anew after it has ended is another one, with a higher number. */
function newestOf(statuses: readonly RawStatus[]): readonly CommitStatus[] {
  const newest = new Map<string, CommitStatus>();
  for (const { name, status, description, target_url: page } of [...statuses].sort((a, b) => a.id - b.id)) {
    const url = page === null || page === undefined ? {} : { url: page };
    newest.set(name, { context: name, state: fromWord(status), description: description ?? "", ...url });
  }
  return [...newest.values()];
}

/** https://docs.gitlab.com/api/merge_requests/#merge-status */
function mergeableOf({
  has_conflicts: hasConflicts,
  detailed_merge_status: word,
}: MergeRequest): Readiness["mergeable"] {
  if (hasConflicts || conflicting.has(word)) return "no";
  return undecided.has(word) ? "unknown" : "yes";
}

const conflicting: ReadonlySet<string> = new Set(["conflict", "need_rebase", "broken_status"]);
const undecided: ReadonlySet<string> = new Set(["checking", "unchecked", "preparing", "approvals_syncing"]);

function judge(request: MergeRequest, approvals: { readonly approvals_left?: unknown }): Readiness["reviews"] {
  const word: string = request.detailed_merge_status;
  if (word === "requested_changes") return "changesRequested";
  return word === "not_approved" || Number(approvals.approvals_left ?? 0) > 0 ? "missing" : "satisfied";
}

/** https://docs.gitlab.com/api/merge_requests/#merge-a-merge-request */
function whyNot(failure: Failure, now: MergeRequest): MergeRefusal {
  if (now.state !== "opened") return "notOpen";
  if (statusOf(failure) === 409) return "headMoved";
  return mergeableOf(now) === "no" ? "conflict" : "gated";
}
