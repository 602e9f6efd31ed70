import { Octokit } from "@octokit/rest";
import { Failure } from "../../../model/failure.ts";
import { combineChecks, fromWord } from "../checks.ts";
import { type Comments, upsertComment } from "../comments.ts";
import type { CommitStatus, Forge, MergeRefusal, PullRequest, Readiness } from "../forge.ts";
import { listedCommits, shortDescription } from "../forge.ts";
import type { ForgeHttp } from "../http/http.ts";
import { forgeFailure, statusOf, unless } from "../http/response-failure.ts";
import { selfOnGithub } from "../self.ts";

type Pull = Awaited<ReturnType<Octokit["rest"]["pulls"]["get"]>>["data"];
type Status = Awaited<ReturnType<Octokit["rest"]["repos"]["listCommitStatusesForRef"]>>["data"][number];
type Review = Awaited<ReturnType<Octokit["rest"]["pulls"]["listReviews"]>>["data"][number];

const perPage = 100;

/** A repository on GitHub or GitHub Enterprise Server. Upstream: https://docs.github.com/en/rest */
export function githubForge(http: ForgeHttp, apiUrl: string, repository: string): Omit<Forge, "git" | "close"> {
  const [owner = "", repo = ""] = repository.split("/");
  const here = { owner, repo };
  const api = (signal: AbortSignal) => client(http, apiUrl, signal);
  const statusesOf = async (sha: string, signal: AbortSignal): Promise<readonly CommitStatus[]> => {
    const { rest, paginate } = api(signal);
    const asked = { ...here, ref: sha, per_page: perPage };
    return newestOf(await coded(paginate(rest.repos.listCommitStatusesForRef, asked)));
  };
  const comment = async (number: number, body: string, signal: AbortSignal) =>
    void (await coded(api(signal).rest.issues.createComment({ ...here, issue_number: number, body })));
  const pull = async (number: number, signal: AbortSignal) =>
    (await coded(api(signal).rest.pulls.get({ ...here, pull_number: number }))).data;

  return {
    async findPullRequest({ head, base }, signal) {
      const query = { ...here, head: `${owner}:${head}`, base, state: "all", per_page: 30 } as const;
      const { data } = await coded(api(signal).rest.pulls.list(query));
      // Within an organisation a fork has the same owner.
      const own = data.filter((one) => one.head.repo?.id === one.base.repo.id);
      const found = own.find(({ state }) => state === "open") ?? own[0];
      return found === undefined ? undefined : toPullRequest(found);
    },
    async openPullRequest({ head, base, title, body, labels }, signal) {
      const { data } = await coded(api(signal).rest.pulls.create({ ...here, head, base, title, body }));
      if (labels.length === 0) return toPullRequest(data);
      await coded(api(signal).rest.issues.addLabels({ ...here, issue_number: data.number, labels: [...labels] }));
      return { ...toPullRequest(data), labels };
    },
    updatePullRequest: async (number, change, signal) =>
      void (await coded(api(signal).rest.pulls.update({ ...here, pull_number: number, ...change }))),
    async closePullRequest(number, text, signal) {
      if (text !== undefined) await comment(number, text, signal);
      await coded(api(signal).rest.pulls.update({ ...here, pull_number: number, state: "closed" }));
    },
    async readiness(number, signal) {
      const found = await pull(number, signal);
      const { state, headSha, labels } = toPullRequest(found);
      const { rest, paginate } = api(signal);
      const ref = { ...here, ref: headSha, per_page: perPage };
      const [statuses, runs, reviews] = await Promise.all([
        statusesOf(headSha, signal),
        unless([403], paginate(rest.checks.listForRef, ref)),
        coded(paginate(rest.pulls.listReviews, { ...here, pull_number: number, per_page: perPage })),
      ]);
      const checks = combineChecks([...statuses, ...(runs instanceof Failure ? hidden(found) : runs.map(toCheck))]);
      const isBlocked = found.mergeable_state === "blocked" && checks.state === "success";
      return { state, headSha, labels, mergeable: mergeableOf(found), checks, reviews: judge(reviews, isBlocked) };
    },
    async mergePullRequest(number, { headSha, title }, signal) {
      const how = { sha: headSha, commit_title: title, merge_method: "merge" } as const;
      const merging = api(signal).rest.pulls.merge({ ...here, pull_number: number, ...how });
      const refused = await unless([403, 404, 405, 409, 422], merging);
      if (!(refused instanceof Failure)) return { type: "merged" };
      return { type: "refused", reason: whyNot(refused, await pull(number, signal)), message: refused.message };
    },
    async upsertComment(number, marker, body, signal) {
      const { rest, paginate } = api(signal);
      const asked = { ...here, issue_number: number, per_page: perPage };
      const comments: Comments = {
        list: async () => {
          const all = await coded(paginate(rest.issues.listComments, asked));
          return all.map((one) => ({ id: one.id, text: one.body ?? "", author: one.user?.id }));
        },
        create: async (text) => {
          const { data } = await coded(rest.issues.createComment({ ...here, issue_number: number, body: text }));
          return { id: data.id, author: data.user?.id };
        },
        edit: async (id, text) =>
          void (await coded(rest.issues.updateComment({ ...here, comment_id: id, body: text }))),
        remove: async (id) => void (await coded(rest.issues.deleteComment({ ...here, comment_id: id }))),
        self: () => selfOnGithub(http, apiUrl, signal),
      };
      await upsertComment(comments, marker, body);
    },
    async setCommitStatus(sha, { context, state, description, url }, signal) {
      const target = url === undefined ? {} : { target_url: url };
      const status = { context, state, description: shortDescription(description), ...target };
      await coded(api(signal).rest.repos.createCommitStatus({ ...here, sha, ...status }));
    },
    commitStatuses: statusesOf,
    async branchHead(branch, signal) {
      const found = await unless([404], api(signal).rest.git.getRef({ ...here, ref: `heads/${branch}` }));
      return found instanceof Failure ? undefined : found.data.object.sha;
    },
    async commitsBetween(base, head, signal) {
      const range = { ...here, basehead: `${base}...${head}`, per_page: listedCommits };
      const { data } = await coded(api(signal).rest.repos.compareCommitsWithBasehead(range));
      const commits = data.commits.map(({ sha, commit }) => ({
        sha,
        subject: commit.message.split("\n", 1)[0] ?? "",
        author: commit.author?.name ?? "",
      }));
      return { commits, total: data.total_commits };
    },
  };
}

/** Octokit over Mooring's own client, until the signal aborts: its pagination would forget a signal. It says nothing by itself. */
function client(http: ForgeHttp, baseUrl: string, signal: AbortSignal): Octokit {
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const fetch = async (url: string, { method = "GET", headers = {}, body }: FetchInit): Promise<Response> => {
    const answer = await http.send({ method, url, headers, body }, signal);
    const empty = answer.status === 204 || answer.status === 205;
    const init = { status: answer.status, headers: answer.headers };
    // Its pagination reads the address, which a response that was made by hand does not have.
    return Object.defineProperty(new Response(empty ? null : new Uint8Array(answer.body), init), "url", { value: url });
  };
  return new Octokit({ baseUrl, log, request: { fetch } });
}

interface FetchInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Octokit wraps what its client throws. */
async function coded<T>(work: Promise<T>): Promise<T> {
  return work.catch((thrown: unknown) => {
    throw forgeFailure(thrown);
  });
}

/** What all of GitHub's pull requests have, in lists and alone. */
type AnyPull = Pick<Pull, "number" | "html_url" | "title" | "body" | "merged_at"> & {
  readonly state: string;
  readonly head: { readonly ref: string; readonly sha: string };
  readonly base: { readonly ref: string };
  readonly labels: readonly { readonly name: string }[];
};

function toPullRequest(pull: AnyPull): PullRequest {
  return {
    number: pull.number,
    url: pull.html_url,
    state: pull.merged_at !== null ? "merged" : pull.state === "open" ? "open" : "closed",
    title: pull.title,
    body: pull.body ?? "",
    head: pull.head.ref,
    headSha: pull.head.sha,
    base: pull.base.ref,
    labels: pull.labels.map(({ name }) => name),
  };
}

type Check = Pick<CommitStatus, "context" | "state">;

function toCheck({ name, conclusion }: { readonly name: string; readonly conclusion: string | null }): Check {
  return { context: name, state: fromWord(conclusion ?? undefined) };
}

/** Fine-grained tokens cannot be allowed to see check runs. GitHub says no more then than whether all is well. */
function hidden({ mergeable_state: state }: Pull): readonly Check[] {
  return ["clean", "has_hooks"].includes(state)
    ? []
    : [{ context: "checks that the token may not see", state: "pending" }];
}

/** They come newest first; each context's first is the one that holds. */
function newestOf(statuses: readonly Status[]): readonly CommitStatus[] {
  const newest = new Map<string, CommitStatus>();
  for (const { context, state, description, target_url: page } of statuses) {
    const url = page === null ? {} : { url: page };
    const status = { context, state: fromWord(state), description: description ?? "", ...url };
    if (!newest.has(context)) newest.set(context, status);
  }
  return [...newest.values()];
}

function mergeableOf({ mergeable }: Pull): Readiness["mergeable"] {
  return mergeable === null ? "unknown" : mergeable ? "yes" : "no";
}

/** A reviewer's last word counts; GitHub alone knows how many approvals the branch wants. */
function judge(reviews: readonly Review[], isBlocked: boolean): Readiness["reviews"] {
  const words = new Map<number, string>();
  for (const { user, state } of reviews) {
    if (["APPROVED", "CHANGES_REQUESTED", "DISMISSED"].includes(state)) words.set(user?.id ?? 0, state);
  }
  if ([...words.values()].includes("CHANGES_REQUESTED")) return "changesRequested";
  return isBlocked ? "missing" : "satisfied";
}

/** https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request: 409 where the head is another, 405 for all else. */
function whyNot(failure: Failure, now: Pull): MergeRefusal {
  if (now.state !== "open") return "notOpen";
  if (statusOf(failure) === 409) return "headMoved";
  return now.mergeable === false ? "conflict" : "gated";
}
