import { describe, expect, test } from "vitest";
import type { Data } from "../tree.ts";
import { isEncryptedByRule, isMetadata, readMetadata, usesCommentRules } from "./metadata.ts";

/** Plain values as the metadata of a file. */
function data(value: unknown): Data {
  if (Array.isArray(value)) return value.map(data);
  if (typeof value === "object" && value !== null)
    return new Map(Object.entries(value).map(([name, member]) => [name, data(member)]));
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

const age = [{ recipient: "age1a", enc: "x" }];
const least = { mac: "m", lastmodified: "2020-01-01T00:00:00Z", age };

test("the keys beside the MAC are one group", () => {
  const read = readMetadata(
    data({ ...least, pgp: [{ fp: "F", enc: "y", created_at: "z" }], hc_vault: [{}], kms: [], key_groups: [{ age }] }),
  );
  expect(read.groups).toEqual([
    { age: [{ recipient: "age1a", enc: "x" }], pgp: [{ fingerprint: "F", enc: "y" }], others: ["hc_vault"] },
  ]);
});

test("without them key groups count, and the threshold is their number where none is written", () => {
  const groups = [{ age }, { pgp: [{ fp: "F", enc: "y" }] }, { kms: [{}] }];
  const { age: _age, ...bare } = least;
  const read = (threshold: unknown) => readMetadata(data({ ...bare, key_groups: groups, shamir_threshold: threshold }));
  expect(read(2).groups.map(({ age: a, pgp, others }) => [a.length, pgp.length, others])).toEqual([
    [1, 0, []],
    [0, 1, []],
    [0, 0, ["kms"]],
  ]);
  const thresholds = [2, "2", 0, -1, 1.5, "x", undefined].map((threshold) => read(threshold).threshold);
  expect(thresholds).toEqual([2, 2, 3, 3, 3, 3, 3]);
});

test.each([
  ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"],
  ["2020-01-01T00:00:00.123Z", "2020-01-01T00:00:00Z"],
  ["2020-01-01T00:00:00.5+02:00", "2020-01-01T00:00:00+02:00"],
])("the time %s is bound as %s", (written, bound) => {
  expect(readMetadata(data({ ...least, lastmodified: written })).lastModified).toBe(bound);
});

test.each([
  [true, true],
  ["true", true],
  ["True", true],
  ["1", true],
  [1, true],
  ["T", true],
  [false, false],
  ["yes", false],
  ["", false],
  [null, false],
])("mac_only_encrypted %j is %s", (written, expected) => {
  expect(readMetadata(data({ ...least, mac_only_encrypted: written })).macOnlyEncrypted).toBe(expected);
});

describe("hostile metadata is refused, or read as nothing", () => {
  test.each([
    ["no map", "x", "the sops metadata is not a map"],
    ["a list", [], "the sops metadata is not a map"],
    ["no MAC", { lastmodified: "x", age }, "has no mac or no lastmodified"],
    ["a MAC that is a map", { mac: {}, lastmodified: "x", age }, "has no mac or no lastmodified"],
    ["no keys", { mac: "m", lastmodified: "x" }, "names no key"],
    ["keys that are no list", { mac: "m", lastmodified: "x", age: "age1" }, "names no key"],
    ["key groups that are no list", { mac: "m", lastmodified: "x", key_groups: { age } }, "names no key"],
    [
      "two rules",
      { ...least, unencrypted_suffix: "a", encrypted_comment_regex: "b" },
      "more than one rule: unencrypted_suffix, encrypted_comment_regex",
    ],
    ["a look-ahead", { ...least, encrypted_regex: "(?=a)" }, "is not a regular expression"],
    ["a back-reference", { ...least, unencrypted_regex: "(a)\\1" }, "is not a regular expression"],
    ["a bracket", { ...least, unencrypted_comment_regex: "[" }, "is not a regular expression"],
  ])("%s", (_what, value, message) => {
    expect(() => readMetadata(data(value))).toThrow(message);
  });

  test("keys that are no maps have no parts", () => {
    expect(readMetadata(data({ ...least, age: ["x", 5, null] })).groups[0]?.age).toEqual([
      { recipient: "", enc: "" },
      { recipient: "", enc: "" },
      { recipient: "", enc: "" },
    ]);
  });
});

test.each([
  [{ mac: "x" }, true],
  [{ lastmodified: "x" }, true],
  [{ mac: null }, true],
  [{ age }, false],
  [{}, false],
  ["mac", false],
  [["mac"], false],
  [null, false],
])("%j is metadata: %s", (value, expected) => {
  expect(isMetadata(data(value))).toBe(expected);
});

describe("which values are encrypted", () => {
  const at = (path: string, comments: readonly string[] = []) => {
    return { path: path.split("."), comments: [comments], isComment: false };
  };
  const rows: readonly (readonly [
    rule: Readonly<Record<string, string>>,
    place: ReturnType<typeof at>,
    encrypted: boolean,
  ])[] = [
    [{}, at("a"), true],
    [{}, at("a_unencrypted"), false],
    [{}, at("a_unencrypted.b"), false],
    [{}, at("a.b_unencrypted"), false],
    [{}, at("_unencrypted_a"), true],
    [{ unencrypted_suffix: "_pub" }, at("a_pub"), false],
    [{ unencrypted_suffix: "_pub" }, at("a_unencrypted"), true],
    [{ encrypted_suffix: "_sec" }, at("a_sec"), true],
    [{ encrypted_suffix: "_sec" }, at("a_sec.b"), true],
    [{ encrypted_suffix: "_sec" }, at("a"), false],
    [{ encrypted_regex: "^(data|stringData)$" }, at("data.a"), true],
    [{ encrypted_regex: "^(data|stringData)$" }, at("metadata.data2"), false],
    [{ encrypted_regex: "^(data|stringData)$" }, at("metadata.data"), true],
    [{ encrypted_regex: "(?i)^PASS" }, at("password"), true],
    [{ encrypted_regex: "pass" }, at("my_password"), true],
    [{ unencrypted_regex: "^kind$" }, at("kind"), false],
    [{ unencrypted_regex: "^kind$" }, at("a.kind.b"), false],
    [{ unencrypted_regex: "^kind$" }, at("kinds"), true],
    [{ unencrypted_comment_regex: "plain" }, at("a", ["in plain"]), false],
    [{ unencrypted_comment_regex: "plain" }, at("a", ["other"]), true],
    [{ encrypted_comment_regex: "seal" }, at("a", ["seal it"]), true],
    [{ encrypted_comment_regex: "seal" }, at("a"), false],
  ];
  test.each(rows)("%j at %j: %s", (rule, place, encrypted) => {
    expect(isEncryptedByRule(readMetadata(data({ ...least, ...rule })).rules, place)).toBe(encrypted);
  });

  test("a comment of an outer level counts inside as well", () => {
    const { rules } = readMetadata(data({ ...least, encrypted_comment_regex: "seal" }));
    expect(isEncryptedByRule(rules, { path: ["a", "b"], comments: [["seal"], []], isComment: false })).toBe(true);
  });

  test("the comment that asks for encryption is not encrypted itself, one after it is", () => {
    const { rules } = readMetadata(data({ ...least, encrypted_comment_regex: "seal" }));
    expect(isEncryptedByRule(rules, { path: [], comments: [["seal"]], isComment: true })).toBe(false);
    expect(isEncryptedByRule(rules, { path: [], comments: [["seal", "next"]], isComment: true })).toBe(true);
  });

  test.each([
    ["encrypted_comment_regex", true],
    ["unencrypted_comment_regex", true],
    ["encrypted_regex", false],
    ["unencrypted_suffix", false],
  ])("%s goes by comments: %s", (rule, expected) => {
    expect(usesCommentRules(readMetadata(data({ ...least, [rule]: "x" })).rules)).toBe(expected);
  });
});
