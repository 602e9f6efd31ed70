import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { anonymous, type Credentials } from "./credentials/credentials.ts";
import { createSourcePool } from "./pool.ts";

const url = "https://git.example.com/acme/environment.git";
const hour = 3_600_000;
const login = (password: string): Credentials => ({ username: "me", password });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function poolOf() {
  const pool = createSourcePool({ userAgent: "mooring/test" });
  onTestFinished(() => pool.close());
  return pool;
}

describe("a clone is shared", () => {
  test.each([
    ["by the same URL and credentials", { url }, login("a"), 1],
    ["whatever they follow in it", { url, ref: { tag: "v1" } }, login("a"), 1],
    ["not with another password", { url }, login("b"), 2],
    ["not with none", { url }, anonymous, 2],
    ["not with another repository", { url: "https://git.example.com/acme/other.git" }, login("a"), 2],
  ])("%s", (_, spec, credentials, size) => {
    const pool = poolOf();
    pool.hold({ url, ref: { branch: "main" } }, login("a"));
    pool.hold(spec, credentials);
    expect(pool.size).toBe(size);
  });
});

describe("a clone is kept", () => {
  test("until the last one who holds it lets it go", () => {
    const pool = poolOf();
    const releases = [1, 2, 3].map(() => pool.hold({ url }, anonymous));
    for (const release of releases.slice(0, 2)) release();
    vi.advanceTimersByTime(5 * hour);
    expect(pool.size).toBe(1);
    releases[2]?.();
    expect(pool.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("by one who lets it go twice only once", () => {
    const pool = poolOf();
    const [first] = [pool.hold({ url }, anonymous), pool.hold({ url }, anonymous)];
    first?.();
    first?.();
    expect(pool.size).toBe(1);
  });

  test("for an hour where nobody holds it", async () => {
    const pool = poolOf();
    const spec = { url: "http://127.0.0.1:1/a.git", ref: { branch: "main" } };
    await expect(pool.fetch(spec, anonymous, AbortSignal.abort())).rejects.toMatchObject({ code: "Interrupted" });
    expect(pool.size).toBe(1);
    vi.advanceTimersByTime(hour - 60_000);
    expect(pool.size).toBe(1);
    vi.advanceTimersByTime(2 * 60_000);
    expect(pool.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("not longer than the pool", async () => {
    const pool = createSourcePool({ userAgent: "mooring/test" });
    pool.hold({ url }, anonymous);
    await pool.close();
    expect(pool.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test.each([
  ["a URL that is none", "ftp://git.example.com/a", "not the URL of a Git repository"],
  ["a URL with a password", "https://me:s3cret@git.example.com/a", "holds a password"],
])("%s is refused before anything is kept", (_, wrong, message) => {
  const pool = poolOf();
  expect(() => pool.hold({ url: wrong }, anonymous)).toThrow(message);
  expect(pool.size).toBe(0);
});
