import type { FileTree } from "../../src/model/file-tree.ts";
import type { Forge, GatherTree, PullRequest, Readiness } from "../../src/promote/index.ts";
import type { Push, PushResult } from "../../src/source/index.ts";

/**
 * A repository on a forge, as small as promotion needs it: commits are names, with their parents; branches; pull requests.
 * For properties over thousands of histories; what real forges do is tested on a real one.
 */
export class ModelForge {
  readonly parents = new Map<string, readonly string[]>();
  readonly branches = new Map<string, string>();
  readonly pulls: PullRequest[] = [];
  /** Asked before and after everything that changes something; may throw, as a crash would end it there. */
  crash: () => void = () => undefined;
  writes = 0;

  commit(...parents: readonly string[]): string {
    const sha = (this.parents.size + 1).toString(16).padStart(40, "0");
    this.parents.set(sha, parents);
    return sha;
  }

  /** A commit and all before it. */
  reachable(sha: string): ReadonlySet<string> {
    const found = new Set<string>();
    const next = [sha];
    for (let each = next.pop(); each !== undefined; each = next.pop()) {
      if (found.has(each)) continue;
      found.add(each);
      next.push(...(this.parents.get(each) ?? []));
    }
    return found;
  }

  open(): PullRequest | undefined {
    return this.pulls.find(({ state }) => state === "open");
  }

  change(number: number, to: Partial<PullRequest>): void {
    const index = this.pulls.findIndex((pull) => pull.number === number);
    const pull = this.pulls[index];
    if (pull !== undefined) this.pulls[index] = { ...pull, ...to };
  }

  /** As a forge does when a branch was moved. */
  move(branch: string, sha: string): void {
    this.branches.set(branch, sha);
    const open = this.open();
    if (open?.head === branch) this.change(open.number, { headSha: sha });
  }

  merge(number: number): void {
    const pull = this.pulls.find((each) => each.number === number);
    if (pull === undefined) return;
    this.branches.set(pull.base, this.commit(this.branches.get(pull.base) ?? "", pull.headSha));
    this.change(number, { state: "merged" });
  }

  async #write<T>(work: () => T): Promise<T> {
    this.crash();
    const done = work();
    this.writes += 1;
    this.crash();
    return done;
  }

  readonly files = async (commit: string): Promise<FileTree> => ({
    entry: async (path) => (path === "" ? { kind: "directory", oid: commit } : undefined),
    read: async () => new Uint8Array(),
    list: async () => [],
  });

  readonly gather: GatherTree = async (tree) => ({ tree, remotes: new Map() });

  readonly pushRef = async ({ branch, from, to }: Push): Promise<PushResult> => {
    if (this.branches.get(branch) !== from) return { type: "refused", reason: "moved", message: "moved" };
    await this.#write(() => this.move(branch, String(to)));
    return { type: "pushed" };
  };

  readonly forge: Forge = {
    git: { url: "https://git.example.com/acme/environment.git", credentials: {} },
    findPullRequest: async ({ head, base }) => {
      const fitting = this.pulls.filter((pull) => pull.head === head && pull.base === base);
      return fitting.find(({ state }) => state === "open") ?? fitting.at(-1);
    },
    openPullRequest: ({ head, base, title, body, labels }) =>
      this.#write(() => {
        const number = this.pulls.length + 1;
        const url = `https://git.example.com/acme/environment/pulls/${number}`;
        const headSha = this.branches.get(head) ?? "";
        const pull = { number, url, state: "open", title, body, head, headSha, base, labels } as const;
        this.pulls.push(pull);
        return pull;
      }),
    updatePullRequest: (number, change) => this.#write(() => this.change(number, change)),
    closePullRequest: (number) => this.#write(() => this.change(number, { state: "closed" })),
    readiness: async (number): Promise<Readiness> => {
      const { state, headSha, labels } = this.pulls[number - 1] ?? { state: "closed", headSha: "", labels: [] };
      const checks = { state: "success", pending: [], failed: [] } as const;
      return { state, headSha, labels, mergeable: "yes", checks, reviews: "satisfied" };
    },
    mergePullRequest: async (number, { headSha }) => {
      if (this.pulls[number - 1]?.headSha !== headSha)
        return { type: "refused", reason: "headMoved", message: "moved" };
      await this.#write(() => this.merge(number));
      return { type: "merged" };
    },
    upsertComment: async () => undefined,
    setCommitStatus: async () => undefined,
    commitStatuses: async () => [],
    branchHead: async (branch) => this.branches.get(branch),
    commitsBetween: async (base, head) => {
      const known = this.reachable(base);
      const commits = [...this.reachable(head)].filter((sha) => !known.has(sha));
      return { commits: commits.map((sha) => ({ sha, subject: "", author: "" })), total: commits.length };
    },
    close: async () => undefined,
  };
}
