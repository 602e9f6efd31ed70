import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Failure } from "../../model/failure.ts";
import type { RemoteReference } from "../../model/remote.ts";
import { memoryTree } from "../../render/index.ts";
import type { SourcePool } from "../pool.ts";
import { createGatherer, type GathererOptions } from "./gather.ts";

const never = new AbortController().signal;
const shop = "https://git.example.com/acme/shop";

/** A reference to a repository, as a kustomization writes it. */
const reference = (ref: string, url = shop): RemoteReference => ({
  text: `ssh://${url.slice("https://".length)}?ref=${ref}`,
  isUrl: false,
  role: "any",
  repository: { url, path: "", ref, submodules: true },
  place: { file: "kustomization.yaml", line: 3, field: "resources", chain: [] },
});

/** A pool whose branches are at commits that the test moves. */
function poolOf(commits: Record<string, string | Failure>) {
  const fetches: string[] = [];
  const pool = {
    async fetchElsewhere({
      url,
      ref,
    }: {
      readonly url: string;
      readonly ref?: { readonly commit?: string; readonly short?: string };
    }) {
      const name = ref?.commit ?? ref?.short ?? "";
      fetches.push(`${url} ${name}`);
      const commit = ref?.commit ?? commits[name] ?? new Failure("RefNotFound", { message: `there is no ${name}` });
      if (commit instanceof Failure) throw commit;
      return { revision: { ref: name, commit }, tree: { ...memoryTree({ "a.yaml": commit }), id: commit } };
    },
  };
  return { fetches, pool: pool as unknown as SourcePool };
}

const options: GathererOptions = {
  userAgent: "mooring/test",
  home: { url: "https://git.example.com/acme/environment", credentials: {} },
  allowed: true,
};
const searching = (...found: readonly RemoteReference[]) => ({ find: async () => found, isResources: () => true });
const [one, two] = ["1".repeat(40), "2".repeat(40)];
const own = memoryTree({ "kustomization.yaml": "" });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("what kustomizations take from elsewhere", () => {
  test("is put into the tree, at its commit", async () => {
    const { pool } = poolOf({ main: one });
    const gathered = await createGatherer(pool, options).gather(own, searching(reference("main")), 60_000, never);
    const [target] = [...gathered.remotes.values()];
    expect(target?.repository).toBe("git.example.com/acme/shop@111111111111");
    expect(Buffer.from(await gathered.tree.read(`${target?.repository}/a.yaml`)).toString()).toBe(one);
    expect(gathered.failure).toBeUndefined();
    expect(gathered.bases).toMatch(/^[0-9a-f]{12}$/);
  });

  test("is resolved anew when it is old enough, and the digest tells that it moved", async () => {
    const commits = { main: one };
    const { pool, fetches } = poolOf(commits);
    const gatherer = createGatherer(pool, options);
    const gather = () => gatherer.gather(own, searching(reference("main")), 60_000, never);
    const resolutions = () => fetches.filter((each) => each.endsWith(" main")).length;
    const first = await gather();
    vi.advanceTimersByTime(59_999);
    commits.main = two;
    expect((await gather()).bases).toBe(first.bases);
    expect(resolutions()).toBe(1);
    vi.advanceTimersByTime(1);
    expect((await gather()).bases).not.toBe(first.bases);
    expect(resolutions()).toBe(2);
  });

  test("by its commit never moves", async () => {
    const { pool } = poolOf({});
    const gathered = await createGatherer(pool, options).gather(own, searching(reference(one)), 0, never);
    expect(gathered.bases).toBeUndefined();
    expect([...gathered.remotes.values()][0]?.repository).toContain("@111111111111");
  });

  test("that cannot be resolved anew is what it was, and the failure says so until it can", async () => {
    const commits: Record<string, string | Failure> = { main: one };
    const { pool } = poolOf(commits);
    const gatherer = createGatherer(pool, options);
    const gather = () => gatherer.gather(own, searching(reference("main")), 60_000, never);
    const first = await gather();
    commits.main = new Failure("SourceUnreachable", { message: "gone" });
    vi.advanceTimersByTime(60_000);
    for (let times = 0; times < 2; times++) {
      const { bases, failure } = await gather();
      expect(bases).toBe(first.bases);
      expect(failure?.message).toContain("kustomization.yaml:3: resources: cannot fetch");
      expect(failure?.message).toContain("gone");
    }
    commits.main = one;
    vi.advanceTimersByTime(60_000);
    expect((await gather()).failure).toBeUndefined();
  });

  test("and is named no more is not remembered", async () => {
    const { pool, fetches } = poolOf({ main: one });
    const gatherer = createGatherer(pool, options);
    await gatherer.gather(own, searching(reference("main")), 60_000, never);
    await gatherer.gather(own, searching(), 60_000, never);
    await gatherer.gather(own, searching(reference("main")), 60_000, never);
    expect(fetches.filter((each) => each.endsWith(" main"))).toHaveLength(2);
  });

  test("is announced before it is fetched, without credentials", async () => {
    const urls: string[] = [];
    const { pool } = poolOf({ main: one });
    const secret = { ...reference("main"), text: "https://me:s3cret@git.example.com/acme/shop?ref=main" };
    await createGatherer(pool, { ...options, onAsk: (url) => urls.push(url) }).gather(own, searching(secret), 0, never);
    expect(urls).toHaveLength(1);
    expect(urls[0]).not.toContain("s3cret");
  });
});

describe("what is refused", () => {
  const gathering = (given: Partial<GathererOptions>, ...found: readonly RemoteReference[]) =>
    createGatherer(poolOf({ main: one }).pool, { ...options, ...given }).gather(own, searching(...found), 0, never);

  test("everything, where nothing is allowed", async () => {
    await expect(gathering({ allowed: false, hint: "use what is here" }, reference("main"))).rejects.toMatchObject({
      code: "KustomizationInvalid",
      problems: [{ file: "kustomization.yaml", line: 3, hint: "use what is here" }],
    });
  });

  test("hosts that nobody named, each with its place", async () => {
    const network = { named: [], apiServers: [], near: "private", unnamed: "none" } as const;
    const others = ["https://a.example.org/x", "https://b.example.org/y"].map((url) => reference("main", url));
    await expect(gathering({ network }, reference("main"), ...others)).rejects.toMatchObject({
      code: "KustomizationInvalid",
      problems: [
        { line: 3, message: expect.stringContaining("a.example.org:443 is not among the hosts") },
        { line: 3, message: expect.stringContaining("b.example.org:443 is not among the hosts") },
      ],
    });
  });

  test("more than a hundred things", async () => {
    const many = Array.from({ length: 101 }, (_, n) => reference(`${n}`));
    await expect(gathering({}, ...many)).rejects.toMatchObject({ code: "InputTooLarge" });
  });

  test("what is not there, all of it at once", async () => {
    await expect(gathering({}, reference("main"), reference("x"), reference("y"))).rejects.toMatchObject({
      code: "RefNotFound",
      problems: [
        { line: 3, message: expect.stringContaining("there is no x") },
        { line: 3, message: expect.stringContaining("there is no y") },
      ],
    });
  });

  test("nothing, where somebody leaves: the signal's reason comes through", async () => {
    const left = new Failure("Interrupted", { message: "left" });
    const { pool } = poolOf({ main: one });
    const gatherer = createGatherer(pool, options);
    await gatherer.gather(own, searching(reference("main")), 0, never);
    await expect(gatherer.gather(own, searching(reference("gone")), 0, AbortSignal.abort(left))).rejects.toMatchObject({
      code: "Interrupted",
    });
  });
});
