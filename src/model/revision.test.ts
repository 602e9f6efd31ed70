import { describe, expect, test } from "vitest";
import { formatRevision, parseRevision, shortRevision } from "./revision.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

describe("a revision", () => {
  test.each([
    [`main@sha1:${commit}`, { ref: "main", commit }, "main@sha1:0123456"],
    [`sha1:${commit}`, { ref: "", commit }, "sha1:0123456"],
    [`feature/a@b@sha1:${commit}`, { ref: "feature/a@b", commit }, "feature/a@b@sha1:0123456"],
    [
      `main@sha1:${commit}+bases:89abcdef0123`,
      { ref: "main", commit, bases: "89abcdef0123" },
      "main@sha1:0123456+bases:89abcde",
    ],
  ])("%s is read, written and shortened", (text, revision, short) => {
    expect(parseRevision(text)).toEqual(revision);
    expect(formatRevision(revision)).toBe(text);
    expect(shortRevision(text)).toBe(short);
  });

  test.each(["main", `main@sha1:${commit.slice(1)}`, `main@sha1:${commit}+bases:xyz`, `main@sha256:${commit}`])(
    "%s is none",
    (text) => expect(parseRevision(text)).toBeUndefined(),
  );
});
