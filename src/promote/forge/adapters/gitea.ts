import { Failure } from "../../../model/failure.ts";
import { isObject, type Json, listAt, numberAt, stringAt, valueAt } from "../../../model/json/json.ts";
import { combineChecks, fromWord } from "../checks.ts";
import { type Comments, upsertComment } from "../comments.ts";
import type { CommitStatus, Forge, MergeRefusal, PullRequest, Readiness } from "../forge.ts";
import { listedCommits, shortDescription } from "../forge.ts";
import type { ForgeHttp } from "../http/http.ts";
import { statusOf, unless } from "../http/response-failure.ts";
import { self } from "../self.ts";
import { createGiteaApi, type GiteaApi } from "./gitea-api.ts";

const encoded = encodeURIComponent;

/** A repository on Gitea or Forgejo. */
export function giteaForge(http: ForgeHttp, apiUrl: string, repository: string): Omit<Forge, "git" | "close"> {
  const api = createGiteaApi(http, apiUrl, repository);
  const pull = async (number: number, signal: AbortSignal) => api.call("GET", `/pulls/${number}`, { signal });
  const comment = async (number: number, body: string, signal: AbortSignal) =>
    void (await api.call("POST", `/issues/${number}/comments`, { body: { body }, signal }));
  return {
    async findPullRequest({ head, base }, signal) {
      const fits = (item: Json) => branchOf(item, "head") === head && branchOf(item, "base") === base && isOwn(item);
      for (const state of ["open", "closed"]) {
        const query = { state, base_branch: base };
        const found = await api.pages("/pulls", { query, signal, enough: (page) => page.some(fits) });
        const fitting = found.filter(fits).map(toPullRequest);
        if (fitting.length > 0) return fitting.reduce((newest, one) => (one.number > newest.number ? one : newest));
      }
      return undefined;
    },
    async openPullRequest({ head, base, title, body, labels }, signal) {
      const ids = await labelIds(api, labels, signal);
      const draft = { head, base, title, body, labels: ids };
      return toPullRequest(await api.call("POST", "/pulls", { body: draft, signal }));
    },
    updatePullRequest: async (number, change, signal) =>
      void (await api.call("PATCH", `/pulls/${number}`, { body: change, signal })),
    async closePullRequest(number, text, signal) {
      if (text !== undefined) await comment(number, text, signal);
      await api.call("PATCH", `/pulls/${number}`, { body: { state: "closed" }, signal });
    },
    async readiness(number, signal) {
      const found = await pull(number, signal);
      const { state, headSha, labels, base } = toPullRequest(found);
      const [statuses, reviews, branch] = await Promise.all([
        statusesOf(api, headSha, signal),
        api.pages(`/pulls/${number}/reviews`, { signal }),
        api.call("GET", `/branches/${encoded(base)}`, { signal }),
      ]);
      return {
        state,
        headSha,
        labels,
        // It says false as well while it has not looked yet.
        mergeable: valueAt(found, "mergeable") === true ? "yes" : "unknown",
        checks: combineChecks(statuses, requiredChecks(branch)),
        reviews: judgeReviews(reviews, numberAt(branch, "required_approvals") ?? 0),
      };
    },
    async mergePullRequest(number, { headSha, title }, signal) {
      const body = { do: "merge", merge_title_field: title, head_commit_id: headSha };
      const refused = await unless([404, 405, 409], api.call("POST", `/pulls/${number}/merge`, { body, signal }));
      if (!(refused instanceof Failure)) return { type: "merged" };
      const { state, headSha: now } = toPullRequest(await pull(number, signal));
      const reason = state !== "open" ? "notOpen" : now !== headSha ? "headMoved" : whyNot(refused);
      return { type: "refused", reason, message: refused.message };
    },
    async upsertComment(number, marker, body, signal) {
      const toKnown = (item: Json | undefined) => ({
        id: numberAt(item, "id") ?? 0,
        text: stringAt(item, "body") ?? "",
        author: numberAt(item, "user", "id"),
      });
      const comments: Comments = {
        list: async () => {
          const all = await api.call("GET", `/issues/${number}/comments`, { signal });
          return Array.isArray(all) ? all.map(toKnown) : [];
        },
        create: async (text) =>
          toKnown(await api.call("POST", `/issues/${number}/comments`, { body: { body: text }, signal })),
        edit: async (id, text) =>
          void (await api.call("PATCH", `/issues/comments/${id}`, { body: { body: text }, signal })),
        remove: async (id) => void (await api.call("DELETE", `/issues/comments/${id}`, { signal })),
        self: () => self(http, `${apiUrl}/user`, signal),
      };
      await upsertComment(comments, marker, body);
    },
    async setCommitStatus(sha, { context, state, description, url: page }, signal) {
      const target = page === undefined ? {} : { target_url: page };
      const body = { context, state, description: shortDescription(description), ...target };
      await api.call("POST", `/statuses/${sha}`, { body, signal });
    },
    commitStatuses: (sha, signal) => statusesOf(api, sha, signal),
    async branchHead(branch, signal) {
      const found = await unless([404], api.call("GET", `/branches/${encoded(branch)}`, { signal }));
      return found instanceof Failure ? undefined : stringAt(found, "commit", "id");
    },
    async commitsBetween(base, head, signal) {
      const query = { files: "false", verification: "false" };
      const between = `${encodeURI(base)}...${encodeURI(head)}`;
      const found = await api.call("GET", `/compare/${between}`, { query, signal });
      const commits = listAt(found, "commits").map((item) => ({
        sha: stringAt(item, "sha") ?? "",
        subject: (stringAt(item, "commit", "message") ?? "").split("\n", 1)[0] ?? "",
        author: stringAt(item, "commit", "author", "name") ?? "",
      }));
      // It lists the newest first.
      return { commits: commits.slice(0, listedCommits).reverse(), total: numberAt(found, "total_commits") ?? 0 };
    },
  };
}

function toPullRequest(item: Json | undefined): PullRequest {
  const merged = valueAt(item, "merged") === true;
  return {
    number: numberAt(item, "number") ?? 0,
    url: stringAt(item, "html_url") ?? "",
    state: merged ? "merged" : stringAt(item, "state") === "open" ? "open" : "closed",
    title: stringAt(item, "title") ?? "",
    body: stringAt(item, "body") ?? "",
    head: branchOf(item, "head"),
    headSha: stringAt(item, "head", "sha") ?? "",
    base: branchOf(item, "base"),
    labels: listAt(item, "labels").flatMap((label) => stringAt(label, "name") ?? []),
  };
}

/** Its name, also when it has been deleted; `ref` is another one then. */
function branchOf(item: Json | undefined, end: "head" | "base"): string {
  return stringAt(item, end, "label") ?? "";
}

/** From this repository: a fork may have a branch of the same name. */
function isOwn(item: Json): boolean {
  return numberAt(item, "head", "repo_id") === numberAt(item, "base", "repo_id");
}

async function labelIds(api: GiteaApi, names: readonly string[], signal: AbortSignal): Promise<readonly number[]> {
  if (names.length === 0) return [];
  const known = await api.pages("/labels", { signal });
  const idOf = async (name: string): Promise<number> => {
    const found = known.find((label) => stringAt(label, "name") === name);
    const label = found ?? (await api.call("POST", "/labels", { body: { name, color: "#0e8a16" }, signal }));
    return numberAt(label, "id") ?? 0;
  };
  const ids: number[] = [];
  for (const name of names) ids.push(await idOf(name));
  return ids;
}

/** The newest of each context is what the combined status is made of. */
async function statusesOf(api: GiteaApi, sha: string, signal: AbortSignal): Promise<readonly CommitStatus[]> {
  const found = await api.pages(`/commits/${sha}/status`, { signal, within: "statuses" });
  return found.map((item) => {
    const page = stringAt(item, "target_url") ?? "";
    const url = page === "" ? {} : { url: page };
    const [context, description] = [stringAt(item, "context") ?? "", stringAt(item, "description") ?? ""];
    return { context, state: fromWord(stringAt(item, "status")), description, ...url };
  });
}

/** The contexts that branch protection asks for by their whole name; patterns are left to the merge itself. */
function requiredChecks(branch: Json | undefined): readonly string[] {
  if (valueAt(branch, "enable_status_check") !== true) return [];
  return listAt(branch, "status_check_contexts").filter(
    (name) => typeof name === "string" && !/[*?[{]/.test(name),
  ) as readonly string[];
}

/** A reviewer's last word counts. */
function judgeReviews(reviews: readonly Json[], required: number): Readiness["reviews"] {
  const lastWords = new Map<string, Json>();
  for (const review of reviews) {
    const isWord = ["APPROVED", "REQUEST_CHANGES"].includes(stringAt(review, "state") ?? "");
    if (isWord && valueAt(review, "dismissed") !== true) lastWords.set(stringAt(review, "user", "login") ?? "", review);
  }
  const words = [...lastWords.values()].filter(isObject);
  if (words.some(({ state }) => state === "REQUEST_CHANGES")) return "changesRequested";
  const approvals = words.filter(({ official, stale }) => official === true && stale !== true).length;
  return approvals >= required ? "satisfied" : "missing";
}

/** 409 is about the merge itself, 405 about whether it may be. */
function whyNot(failure: Failure): MergeRefusal {
  if (statusOf(failure) !== 409) return "gated";
  return /out of date/i.test(failure.message) ? "headMoved" : /rejected/i.test(failure.message) ? "gated" : "conflict";
}
