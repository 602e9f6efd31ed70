import { describe, expect, test } from "vitest";
import { ageIdentities, keysOf, sopsFixture } from "../../../../test/support/sops-files.ts";
import { decryptFile } from "../file.ts";
import { sopsKeys } from "./keys.ts";

const { encrypted, plain } = sopsFixture("two.yaml");
const open = (items: Readonly<Record<string, string>>) =>
  decryptFile(
    encrypted,
    "yaml",
    sopsKeys(Object.fromEntries(Object.entries(items).map(([name, text]) => [name, Buffer.from(text)]))),
  );
const [good = "", other = ""] = ageIdentities;

describe("age identities of a Secret", () => {
  test.each([
    ["alone", { "a.agekey": good }],
    ["with a comment and empty lines", { "a.agekey": `# created: today\r\n\r\n  ${good}  \r\n` }],
    ["behind another", { "a.agekey": `${other}\n${good}\n` }],
    ["in another item", { "a.agekey": other, "b.agekey": good }],
    ["beside one that is damaged", { "a.agekey": `AGE-SECRET-KEY-1X\n${good}` }],
    ["beside an OpenPGP key that is none", { "a.asc": "hello", "b.agekey": good }],
    ["beside items of other names", { "age.key": "x", "config.yaml": "y", "b.agekey": good }],
  ])("open %s", async (_what, items) => {
    expect(await open(items)).toEqual(plain);
  });

  test.each([
    ["no items", {}, "and there are no keys"],
    ["an item of another name", { "age.key": good }, "and there are no keys"],
    ["another identity", { "a.agekey": other }, "and none of the 1 keys is one of them"],
    ["an empty item", { "a.agekey": "\n" }, "and there are no keys; unusable: a.agekey (is empty)"],
    ["only comments", { "a.agekey": "# x\n" }, "unusable: a.agekey (is empty)"],
    ["text that is none", { "a.agekey": "hello" }, "unusable: a.agekey (contains no age identity, AGE-SECRET-KEY-1…)"],
    [
      "one line of two that is none",
      { "a.agekey": `${other}\nhello` },
      "none of the 1 keys is one of them; unusable: a.agekey (1 of its lines are not age identities)",
    ],
    [
      "a public OpenPGP key",
      { "a.asc": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n" },
      "a.asc (contains no armoured OpenPGP private key)",
    ],
    [
      "a damaged OpenPGP key",
      { "a.asc": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nxx\n-----END PGP PRIVATE KEY BLOCK-----\n" },
      "a.asc (its private key block 1 cannot be read)",
    ],
  ])("do not: %s", async (_what, items, message) => {
    await expect(open(items)).rejects.toMatchObject({
      code: "UnsealFailed",
      message: expect.stringContaining(message),
    });
  });

  test("and no message holds one", async () => {
    const failure: unknown = await open({ "a.agekey": `${other}x` }).catch((reason: unknown) => reason);
    expect(String(failure)).not.toContain("AGE-SECRET-KEY-1Q");
    expect(String(failure)).toContain("age1");
  });
});

test("a data key is found once for each file's recipients", async () => {
  const keys = keysOf(0);
  const group = { age: [], pgp: [], others: ["kms"] };
  const first = keys.dataKey({ groups: [group], threshold: 1 });
  expect(keys.dataKey({ groups: [group], threshold: 1 })).toBe(first);
  const another = keys.dataKey({ groups: [{ ...group, others: ["hc_vault"] }], threshold: 1 });
  expect(another).not.toBe(first);
  await Promise.all([
    expect(first).rejects.toThrow("is encrypted with SOPS for kms (not supported), and none of the 1 keys"),
    expect(another).rejects.toThrow("is encrypted with SOPS for hc_vault (not supported)"),
  ]);
});

test("whom it is encrypted for is named, at length that can be read", async () => {
  const long = `age1pq1${"q".repeat(2000)}end`;
  const groups = [
    { age: [{ recipient: long, enc: "" }], pgp: [{ fingerprint: "ABCD", enc: "" }], others: [] },
    { age: [], pgp: [], others: ["azure_kv", "hc_vault"] },
  ];
  await expect(sopsKeys({}).dataKey({ groups, threshold: 2 })).rejects.toThrow(
    `is encrypted with SOPS for age1pq1${"q".repeat(33)}…qqqqqend, PGP ABCD, azure_kv (not supported), hc_vault (not supported), 2 of 2 groups of them, and there are no keys`,
  );
});
