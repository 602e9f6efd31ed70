import { describe, expect, test } from "vitest";
import { anonymous, createSourcePool, type Fetched, ownMachine, type SourcePool } from "../../../source/index.ts";
import { createSources } from "./sources.ts";

const options = { userAgent: "mooring/test", remoteBases: true, network: ownMachine };

/** A pool whose servers answer when they are told to, and what is held of it. */
function quietPool() {
  const held = new Set<string>();
  const fetching = new Set<string>();
  const fetch: SourcePool["fetch"] = ({ url }, _, signal) => {
    fetching.add(url);
    return new Promise<Fetched>((_resolve, reject) => {
      const end = () => {
        fetching.delete(url);
        reject(signal.reason);
      };
      signal.addEventListener("abort", end, { once: true });
    });
  };
  const hold: SourcePool["hold"] = ({ url }) => {
    held.add(url);
    return () => void held.delete(url);
  };
  const pool: SourcePool = {
    fetch,
    fetchElsewhere: (spec, credentials, _, signal) => fetch(spec, credentials, signal),
    hold,
    size: 0,
    close: async () => undefined,
  };
  return { pool, held, fetching };
}

const followed = (url: string) => ({ spec: { url }, credentials: anonymous, intervalMs: 60_000 });

describe("what is followed", () => {
  test("a URL with a password in it is refused, each time, and nothing is begun", () => {
    const { pool, held, fetching } = quietPool();
    const sources = createSources(pool, options);
    for (let pass = 0; pass < 3; pass += 1) {
      expect(() => sources.subscribe(followed("https://user:secret@git.example.com/x.git"), () => undefined)).toThrow(
        expect.objectContaining({ code: "SourceInvalid" }),
      );
    }
    expect([held.size, fetching.size, sources.counts().polls]).toEqual([0, 0, 0]);
  });

  test("the last one that leaves ends the poll and lets the clone go", async () => {
    const { pool, held, fetching } = quietPool();
    const sources = createSources(pool, options);
    const url = "https://git.example.com/x.git";
    const [first, second] = [followed(url), followed(url)].map((each) => sources.subscribe(each, () => undefined));
    expect(sources.counts().polls).toBe(1);
    first?.close();
    expect([...held, ...fetching]).toEqual([url, url]);
    second?.close();
    await expect.poll(() => [held.size, fetching.size, sources.counts().polls]).toEqual([0, 0, 0]);
  });
});

describe("clones", () => {
  test("are closed with the last one that keeps them", async () => {
    const pool = createSourcePool({ userAgent: "mooring/test" });
    const spec = { url: "https://git.example.com/x.git" };
    const releases = [spec, spec, { ...spec, ref: { branch: "main" } }].map((each) => pool.hold(each, anonymous));
    expect(pool.size).toBe(1);
    for (const release of releases.slice(1)) release();
    // Letting go twice is letting go once.
    releases[1]?.();
    expect(pool.size).toBe(1);
    releases[0]?.();
    expect(pool.size).toBe(0);
    await pool.close();
  });
});
