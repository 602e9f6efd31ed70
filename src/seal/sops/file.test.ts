import { describe, expect, test } from "vitest";
import { keysOf, sopsFixture, sopsFixtures } from "../../../test/support/sops-files.ts";
import { Failure } from "../../model/failure.ts";
import { decryptFile, formatOfName, openSopsFile, readSopsFile, sopsFormat } from "./file.ts";

const keys = keysOf(0);

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const thrown: unknown = await work.then(
    () => expect.unreachable("it was decrypted"),
    (reason: unknown) => reason,
  );
  if (thrown instanceof Failure) return thrown;
  throw thrown;
}

describe("what sops 3.13.3 encrypted", () => {
  const inOneGroup = sopsFixtures.filter(({ name }) => name !== "shamir.yaml");

  test.each(inOneGroup.map(({ name }) => name))("%s decrypts to the same bytes", async (name) => {
    const { encrypted, plain } = sopsFixture(name);
    expect(sopsFormat(name, encrypted)).toBe(formatOfName(name));
    const decrypted = await decryptFile(encrypted, formatOfName(name), keys);
    expect(decrypted.toString("latin1")).toBe(plain.toString("latin1"));
  });

  test.each(inOneGroup.map(({ name }) => name))("%s in plain is not taken for an encrypted file", (name) => {
    expect(sopsFormat(name, sopsFixture(name).plain)).toBeUndefined();
  });

  test.each([0, 1, 2])("one of several recipients is enough: %i", async (number) => {
    const { encrypted, plain } = sopsFixture("two-recipients.yaml");
    expect(await decryptFile(encrypted, "yaml", keysOf(number))).toEqual(plain);
  });

  test.each([
    [0, 1],
    [0, 2],
    [2, 1],
    [0, 1, 2],
  ])("two of three key groups are enough: %i, %i", async (...numbers) => {
    const { encrypted, plain } = sopsFixture("shamir.yaml");
    expect(await decryptFile(encrypted, "yaml", keysOf(...numbers))).toEqual(plain);
  });

  test("one of three key groups is not enough, and the message says how many are", async () => {
    const failure = await failureOf(decryptFile(sopsFixture("shamir.yaml").encrypted, "yaml", keysOf(1)));
    expect(failure.code).toBe("UnsealFailed");
    expect(failure.message).toContain("2 of 3 groups");
  });

  test("another key does not open it, and the message names the recipient", async () => {
    const failure = await failureOf(decryptFile(sopsFixture("file.env").encrypted, "dotenv", keysOf(1)));
    expect(failure.code).toBe("UnsealFailed");
    expect(failure.message).toMatch(/is encrypted with SOPS for age1\w{58}, and none of the 1 keys is one of them/);
  });
});

describe("forms by name", () => {
  test.each([
    ["a.yaml", "yaml"],
    ["a.yml", "yaml"],
    ["a.json", "json"],
    ["a.env", "dotenv"],
    [".env", "dotenv"],
    ["a.ini", "ini"],
    ["a.txt", "binary"],
    ["a.yaml.bak", "binary"],
    ["env", "binary"],
    ["a.YAML", "binary"],
  ])("%s is read as %s", (name, format) => {
    expect(formatOfName(name)).toBe(format);
  });

  test.each([
    ["file.env", "dotenv"],
    ["file.ini", "ini"],
    ["file.bin", "binary"],
  ])("content of %s under a name without a form is found by reading it", (name, format) => {
    expect(sopsFormat("credentials", sopsFixture(name).encrypted)).toBe(format);
  });

  test("content in another form than the name stands for is not SOPS'", () => {
    expect(sopsFormat("a.json", sopsFixture("two.yaml").encrypted)).toBeUndefined();
    expect(sopsFormat("a.ini", sopsFixture("file.json").encrypted)).toBeUndefined();
  });
});

/** A fixture with one text in place of another, which must be in it. */
function edited(name: string, from: string | RegExp, to: string): Buffer {
  const text = sopsFixture(name).encrypted.toString();
  const result = text.replace(from, () => to);
  expect(result).not.toBe(text);
  return Buffer.from(result);
}

/** The encrypted value of a key, in YAML or lines. */
function ciphertextOf(name: string, key: string): string {
  const text = sopsFixture(name).encrypted.toString();
  const found = new RegExp(`^ *"?${key}"?[:=] ?"?(ENC\\[[^\\]]+\\])`, "m").exec(text)?.[1];
  if (found === undefined) throw new Error(`${name} has no ${key}`);
  return found;
}

const altered = (ciphertext: string) =>
  ciphertext.replace(/data:(.)/, (_all, first) => `data:${first === "A" ? "B" : "A"}`);

describe("a file that was changed by hand is refused", () => {
  const a = ciphertextOf("two.yaml", "a");
  const b = ciphertextOf("two.yaml", "b");

  test.each([
    ["an altered value", edited("two.yaml", a, altered(a)), "a"],
    ["the value of another key", edited("two.yaml", a, b), "a"],
    ["a value in plain", edited("two.yaml", a, "hello"), "a"],
    ["a number in plain", edited("two.yaml", a, "5"), "a"],
    ["a type that SOPS does not know", edited("two.yaml", a, a.replace("type:str", "type:x")), "a"],
    ["a key that was renamed", edited("two.yaml", /^a:/m, "c:"), "c"],
    ["a value that was added", edited("two.yaml", /^a:/m, `new: x\na:`), "new"],
    ["a value that was taken out", edited("two.yaml", /^b: .*\n/m, ""), "sops.mac"],
    ["a changed MAC", edited("two.yaml", /mac: ENC\[AES256_GCM,data:./, "mac: ENC[AES256_GCM,data:_"), "sops.mac"],
    ["a MAC in plain", edited("two.yaml", /mac: ENC\[.*\]/, "mac: abc"), "sops.mac"],
    [
      "the MAC of another file",
      edited("two.yaml", /mac: (ENC\[.*\])/, `mac: ${ciphertextOf("suffix.yaml", "mac")}`),
      "sops.mac",
    ],
    [
      "another time of change",
      edited("two.yaml", /lastmodified: .*/, 'lastmodified: "2020-01-01T00:00:00Z"'),
      "sops.mac",
    ],
  ])("%s", async (_what, content, field) => {
    const failure = await failureOf(decryptFile(content, "yaml", keys));
    expect([failure.code, failure.problems[0]?.field]).toEqual(["SealInvalid", field]);
    expect(failure.message).not.toContain("hello");
  });

  test("a value that was left in plain, by the MAC", async () => {
    const content = edited("everything.yaml", "plain_unencrypted: 12", "plain_unencrypted: 13");
    const failure = await failureOf(decryptFile(content, "yaml", keys));
    expect(failure.problems[0]).toMatchObject({ field: "sops.mac", hint: "edit the file with `sops edit`" });
  });

  test("but not one that the MAC does not cover", async () => {
    const content = edited("everything-mac.yaml", "plain_unencrypted: 12", "plain_unencrypted: 13");
    expect((await decryptFile(content, "yaml", keys)).toString()).toContain("plain_unencrypted: 13\n");
  });

  test("values of one key in two documents that changed places, by the MAC", async () => {
    const text = sopsFixture("three.yaml").encrypted.toString();
    const [first, second] = text.split("---\n");
    const failure = await failureOf(
      decryptFile(Buffer.from(text.replace(`${first}---\n${second}`, `${second}---\n${first}`)), "yaml", keys),
    );
    expect(failure.code).toBe("SealInvalid");
  });

  test.each([
    ["dotenv", "file.env", /^A=.*$/m, "A=x"],
    ["json", "file.json", /"a": "ENC[^"]*"/, '"a": 1'],
    ["ini", "file.ini", /^y += .*$/m, "y = 2"],
  ] as const)("in the form %s", async (format, name, from, to) => {
    expect(await failureOf(decryptFile(edited(name, from, to), format, keys))).toMatchObject({ code: "SealInvalid" });
  });
});

describe("metadata that nobody can work with is refused", () => {
  const metadata = /^sops:\n(?: {4}.*\n)*/m;

  test.each([
    ["no MAC", "sops:\n    lastmodified: x\n", "the sops metadata has no mac or no lastmodified"],
    ["no time of change", "sops:\n    mac: x\n", "the sops metadata has no mac or no lastmodified"],
    ["no keys", "sops:\n    mac: x\n    lastmodified: y\n", "the sops metadata names no key"],
    [
      "two rules",
      "sops:\n    mac: x\n    lastmodified: y\n    age: [{recipient: a, enc: b}]\n    encrypted_suffix: a\n    encrypted_regex: b\n",
      "the sops metadata has more than one rule: encrypted_suffix, encrypted_regex",
    ],
    [
      "a pattern that is none",
      "sops:\n    mac: x\n    lastmodified: y\n    age: [{recipient: a, enc: b}]\n    encrypted_regex: '('\n",
      "is not a regular expression",
    ],
  ])("%s", async (_what, text, message) => {
    const failure = await failureOf(decryptFile(edited("two.yaml", metadata, text), "yaml", keys));
    expect(failure.code).toBe("SealInvalid");
    expect(failure.message).toContain(message);
  });

  test.each([
    ["a list", "sops: [mac, lastmodified]\n"],
    ["text", "sops: mac\n"],
    ["a setting of that name", "sops:\n    enabled: true\n"],
    ["nothing", "sops:\n"],
  ])("%s is none, and the file not SOPS'", (_what, text) => {
    expect(sopsFormat("suffix.yaml", edited("suffix.yaml", metadata, text))).toBeUndefined();
  });

  test("in a later document than the first it makes no plain file of it", async () => {
    const file = readSopsFile("a.yaml", Buffer.from("a: b\n---\nsops: {mac: x, lastmodified: y}\n"));
    expect(file?.metadata).not.toBeUndefined();
    await expect(
      failureOf(decryptFile(Buffer.from("a: b\n---\nsops: {mac: x}\n"), "yaml", keys)),
    ).resolves.toMatchObject({
      code: "SealInvalid",
    });
  });
});

describe("what is not read at all", () => {
  test.each([
    ["text without the word", "a.yaml", "a: b\n"],
    ["YAML that is none", "a.yaml", "sops: {"],
    ["JSON that is none", "a.json", '{"sops": '],
    ["a JSON list", "a.json", '["sops"]'],

    ["lines without a sign", "a.env", "sops\n"],
  ])("%s", (_what, name, text) => {
    expect(sopsFormat(name, Buffer.from(text))).toBeUndefined();
  });

  test("YAML whose document is a list, which SOPS never writes", () => {
    expect(() => sopsFormat("a.yaml", Buffer.from("- sops\n"))).toThrow(
      "was not written by SOPS: a document is not a map",
    );
  });

  test("bytes that are not UTF-8, where the form needs it", () => {
    expect(readSopsFile("a.yaml", Buffer.from("sops: \xff", "latin1"))).toBeUndefined();
    expect(readSopsFile("a.json", Buffer.from('{"sops":"\xff"}', "latin1"))).toBeUndefined();
  });

  test("a file that is asked for in the wrong form", async () => {
    const failure = await failureOf(decryptFile(Buffer.from("["), "json", keys));
    expect(failure).toMatchObject({
      code: "SealInvalid",
      message: "was not written by SOPS: it cannot be read as json",
    });
  });

  test("a binary file without its data", async () => {
    const content = edited("file.bin", '"data"', '"other"');
    const failure = await failureOf(decryptFile(content, "binary", keys));
    expect(failure.problems[0]?.field).toBe("other");
  });
});

test("an escape cannot hide the metadata", () => {
  const hidden = sopsFixture("file.json").encrypted.toString().replace('"sops":', '"\\u0073ops":');
  expect(sopsFormat("file.json", Buffer.from(hidden))).toBe("json");
  const inYaml = sopsFixture("two.yaml")
    .encrypted.toString()
    .replace(/^sops:/m, '"\\x73ops":');
  expect(sopsFormat("two.yaml", Buffer.from(inYaml))).toBe("yaml");
});

describe("the redacted copy has other values of the same shape", () => {
  test.each([
    ["two.yaml", 'a: "y"\n---\nb: z\nc:\n    - 2\n'],
    ["suffix.yaml", 'a_secret: "y"\nb: "y"\nc_secret:\n    d: 2\n'],
    ["flags.yaml", 'Abc: "y"\nd: "y"\n'],
    ["file.env", 'A=c\n# dpnnfou\nB=y z\\na\nEMPTY=\nQ="r"\n'],
    ["file.txt", "qmbjo ufyu, üoïdpef\n"],
  ])("of %s", async (name, text) => {
    const file = readSopsFile(name, sopsFixture(name).encrypted);
    if (file === undefined) return expect.unreachable("it is not read");
    const { redacted, plain } = await openSopsFile(file, keys);
    expect(plain).toEqual(sopsFixture(name).plain);
    expect(redacted().toString()).toBe(text);
  });
});
