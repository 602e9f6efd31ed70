import { describe, expect, test } from "vitest";
import type { SourceRef } from "../../spec.ts";
import { refNotFound, refQuery } from "./ref-query.ts";

const oid = (digit: string) => digit.repeat(40);

describe("what is asked for", () => {
  test.each<[SourceRef, string]>([
    [{}, "HEAD"],
    [{ branch: "main" }, "refs/heads/main"],
    [{ branch: "main", tag: "v1" }, "refs/tags/v1"],
    [{ branch: "main", tag: "v1", semver: "1.x" }, "refs/tags/"],
    [{ branch: "main", tag: "v1", semver: "1.x", name: "refs/pull/7/head" }, "refs/pull/7/head"],
  ])("of %j is %s", (ref, prefix) => {
    expect(refQuery(ref)?.prefixes).toEqual([prefix]);
  });

  test("of a commit is nothing", () => {
    expect(refQuery({ commit: oid("1"), name: "refs/heads/main" })).toBeUndefined();
  });

  test("must be a range", () => {
    expect(() => refQuery({ semver: "newest" })).toThrow("ref.semver: not a range of semantic versions: newest");
  });
});

describe("what is found", () => {
  test("is the name itself, not one that begins with it", async () => {
    const refs = [
      { ref: "refs/heads/main-2", oid: oid("2") },
      { ref: "refs/heads/main", oid: oid("1") },
    ];
    expect((await refQuery({ branch: "main" })?.find(refs))?.revision).toEqual({ ref: "main", commit: oid("1") });
    expect(await refQuery({ branch: "main-" })?.find(refs)).toBeUndefined();
  });

  test("of an annotated tag is its commit, with the tag", async () => {
    const refs = [{ ref: "refs/tags/v1", oid: oid("a"), peeled: oid("c") }];
    expect(await refQuery({ tag: "v1" })?.find(refs)).toEqual({
      revision: { ref: "v1", commit: oid("c") },
      name: "refs/tags/v1",
      tag: oid("a"),
    });
  });

  test("of HEAD is the branch it names, or HEAD where it names none", async () => {
    const head = { ref: "HEAD", oid: oid("1") };
    expect((await refQuery({})?.find([{ ...head, target: "refs/heads/trunk" }]))?.revision.ref).toBe("trunk");
    expect((await refQuery({})?.find([head]))?.revision).toEqual({ ref: "HEAD", commit: oid("1") });
    expect((await refQuery({})?.find([{ ...head, target: "refs/heads/\x1b[2J" }]))?.revision.ref).toBe("HEAD");
  });

  test.each([
    ["1.x", "v1.10.0"],
    [">=1.0.0 <1.10.0", "1.9.0"],
    [">=1.0.0, <1.10.0", "1.9.0"],
    ["*", "v2.0.0"],
    [">=2.0.0-0", "v2.1.0-rc.1"],
    [">1.10.0 <2.0.0-c", "v2.0.0-beta"],
    ["0.x", "v0.5"],
    ["~3", undefined],
  ])("in the range %s is the tag %s", async (range, tag) => {
    const names = ["v0.5", "1.9.0", "v1.10.0", "v2.0.0-beta", "v2.0.0", "v2.1.0-rc.1", "latest", "release-9.9.9"];
    const refs = names.map((name) => ({ ref: `refs/tags/${name}`, oid: oid("1") }));
    expect((await refQuery({ semver: range })?.find(refs))?.revision.ref).toBe(tag);
  });
});

test("fifty thousand tags leave the event loop free between two slices", async () => {
  const refs = Array.from({ length: 50_000 }, (_, n) => ({ ref: `refs/tags/v1.0.${n}`, oid: oid("1") }));
  let rounds = 0;
  const loop = setInterval(() => rounds++, 1);
  expect((await refQuery({ semver: "1.x" })?.find(refs))?.revision.ref).toBe("v1.0.49999");
  clearInterval(loop);
  expect(rounds).toBeGreaterThan(2);
});

test.each([
  ["prodution", ["main", "production", "staging"], "production"],
  ["Production", ["main", "production", "staging"], "production"],
  ["feature", ["main", "feature/login", "feature/logout"], "feature/login, feature/logout"],
  ["xyz", ["c", "b", "a"], "a, b, c"],
])("the branches nearest to %s are named", async (branch, existing, nearest) => {
  const wanted = refQuery({ branch });
  if (wanted === undefined) throw new Error("nothing wanted");
  const failure = await refNotFound(
    wanted,
    "https://git.example.com/env.git",
    existing.map((name) => ({ ref: `refs/heads/${name}`, oid: oid("1") })),
  );
  expect(failure.message).toBe(
    `branch ${branch} does not exist in https://git.example.com/env.git (of its 3 branches the closest are: ${nearest})`,
  );
});
