import { Octokit } from "@octokit/rest";
import { Failure } from "../../model/failure.ts";
import { forgeFailure, statusOf, unless } from "./answer-failure.ts";
import { combineChecks, fromWord } from "./checks.ts";
import { commentToWrite } from "./comments.ts";
import type { CommitStatus, Forge, MergeRefusal, PullRequest, Readiness } from "./forge.ts";
import { listedCommits, shortDescription } from "./forge.ts";
import type { ForgeHttp } from "./http.ts";

type Pull = Awaited<ReturnType<Octokit["rest"]["pulls"]["get"]>>["data"];
type Status = Awaited<ReturnType<Octokit["rest"]["repos"]["listCommitStatusesForRef"]>>["data"][number];
type Review = Awaited<ReturnType<Octokit["rest"]["pulls"]["listReviews"]>>["data"][number];

const perPage = 100;

/** A repository on GitHub or GitHub Enterprise Server. Upstream: https://docs.github.com/en/rest */
export function githubForge(http: ForgeHttp, apiUrl: string, repository: string): Omit<Forge, "git" | "close"> {
  const [owner = "", repo = ""] = repository.split("/");
  const { rest, paginate } = client(http, apiUrl);
  const here = (signal: AbortSignal) => ({ owner, repo, request: { signal } });
  const statusesOf = async (sha: string, signal: AbortSignal): Promise<readonly CommitStatus[]> => {
    const asked = { ...here(signal), ref: sha, per_page: perPage };
    return newestOf(await coded(paginate(rest.repos.listCommitStatusesForRef, asked)));
  };
  const comment = async (number: number, body: string, signal: AbortSignal) =>
    void (await coded(rest.issues.createComment({ ...here(signal), issue_number: number, body })));
  const pull = async (number: number, signal: AbortSignal) =>
    (await coded(rest.pulls.get({ ...here(signal), pull_number: number }))).data;

  return {
    async findPullRequest({ head, base }, signal) {
      const query = { ...here(signal), head: `${owner}:${head}`, base, state: "all", per_page: 30 } as const;
      const { data } = await coded(rest.pulls.list(query));
      const found = data.find(({ state }) => state === "open") ?? data[0];
      return found === undefined ? undefined : toPullRequest(found);
    },
    async openPullRequest({ head, base, title, body, labels }, signal) {
      const { data } = await coded(rest.pulls.create({ ...here(signal), head, base, title, body }));
      if (labels.length === 0) return toPullRequest(data);
      await coded(rest.issues.addLabels({ ...here(signal), issue_number: data.number, labels: [...labels] }));
      return { ...toPullRequest(data), labels };
    },
    updatePullRequest: async (number, change, signal) =>
      void (await coded(rest.pulls.update({ ...here(signal), pull_number: number, ...change }))),
    async closePullRequest(number, text, signal) {
      if (text !== undefined) await comment(number, text, signal);
      await coded(rest.pulls.update({ ...here(signal), pull_number: number, state: "closed" }));
    },
    async readiness(number, signal) {
      const found = await pull(number, signal);
      const { state, headSha, labels } = toPullRequest(found);
      const ref = { ...here(signal), ref: headSha, per_page: perPage };
      const [statuses, runs, reviews] = await Promise.all([
        statusesOf(headSha, signal),
        coded(paginate(rest.checks.listForRef, ref)),
        coded(paginate(rest.pulls.listReviews, { ...here(signal), pull_number: number, per_page: perPage })),
      ]);
      const ended = runs.map(({ name, conclusion }) => ({ context: name, state: fromWord(conclusion ?? undefined) }));
      const checks = combineChecks([...statuses, ...ended]);
      const isBlocked = found.mergeable_state === "blocked" && checks.state === "success";
      return { state, headSha, labels, mergeable: mergeableOf(found), checks, reviews: judge(reviews, isBlocked) };
    },
    async mergePullRequest(number, { headSha, title }, signal) {
      const how = { sha: headSha, commit_title: title, merge_method: "merge" } as const;
      const merging = rest.pulls.merge({ ...here(signal), pull_number: number, ...how });
      const refused = await unless([403, 404, 405, 409, 422], merging);
      if (!(refused instanceof Failure)) return { type: "merged" };
      return { type: "refused", reason: whyNot(refused, await pull(number, signal)), message: refused.message };
    },
    async upsertComment(number, marker, body, signal) {
      const asked = { ...here(signal), issue_number: number, per_page: perPage };
      const all = await coded(paginate(rest.issues.listComments, asked));
      const comments = all.map((one) => ({ id: one.id, body: one.body ?? "" }));
      const { text, id } = commentToWrite(marker, body, comments, "body");
      if (text === undefined) return;
      if (id === undefined) await comment(number, text, signal);
      else await coded(rest.issues.updateComment({ ...here(signal), comment_id: id, body: text }));
    },
    async setCommitStatus(sha, { context, state, description, url }, signal) {
      const target = url === undefined ? {} : { target_url: url };
      const status = { context, state, description: shortDescription(description), ...target };
      await coded(rest.repos.createCommitStatus({ ...here(signal), sha, ...status }));
    },
    commitStatuses: statusesOf,
    async branchHead(branch, signal) {
      const found = await unless([404], rest.git.getRef({ ...here(signal), ref: `heads/${branch}` }));
      return found instanceof Failure ? undefined : found.data.object.sha;
    },
    async commitsBetween(base, head, signal) {
      const range = { ...here(signal), basehead: `${base}...${head}`, per_page: listedCommits };
      const { data } = await coded(rest.repos.compareCommitsWithBasehead(range));
      const commits = data.commits.map(({ sha, commit }) => ({
        sha,
        subject: commit.message.split("\n", 1)[0] ?? "",
        author: commit.author?.name ?? "",
      }));
      return { commits, total: data.total_commits };
    },
  };
}

/** Octokit over Mooring's own client; it says nothing by itself. */
function client(http: ForgeHttp, baseUrl: string): Octokit {
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const fetch = async (url: string, init: FetchInit): Promise<Response> => {
    const { method = "GET", headers = {}, body } = init;
    const answer = await http.send({ method, url, headers, body }, init.signal ?? new AbortController().signal);
    const empty = answer.status === 204 || answer.status === 205;
    return new Response(empty ? null : new Uint8Array(answer.body), { status: answer.status, headers: answer.headers });
  };
  return new Octokit({ baseUrl, log, request: { fetch } });
}

interface FetchInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
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
