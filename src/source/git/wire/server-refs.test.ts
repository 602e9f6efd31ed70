import { describe, expect, test } from "vitest";
import { packet } from "./pkt-line.ts";
import { lsRefsRequest, RefList, readServerRefs } from "./server-refs.ts";

const [one, two] = ["1".repeat(40), "2".repeat(40)] as const;
const line = (text: string) => packet(text).toString();
const flush = "0000";

async function* body(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

const read = (text: string, prefixes: readonly string[] = [""]) => readServerRefs(body(text), prefixes);

test("the request is as gitprotocol-v2(5) has it", () => {
  expect(lsRefsRequest(["HEAD", "refs/tags/"], "mooring/1").toString()).toBe(
    "0014command=ls-refs\n0014agent=mooring/1\n00010009peel\n000csymrefs\n0014ref-prefix HEAD\n001aref-prefix refs/tags/\n0000",
  );
});

describe("the answer", () => {
  test.each([
    ["none", "", []],
    ["a branch", line(`${one} refs/heads/main`), [{ ref: "refs/heads/main", oid: one }]],
    [
      "one without a line break",
      `003d${one} refs/heads/main`.replace("003d", "003c"),
      [{ ref: "refs/heads/main", oid: one }],
    ],
    [
      "a symbolic one",
      line(`${one} HEAD symref-target:refs/heads/main`),
      [{ ref: "HEAD", oid: one, target: "refs/heads/main" }],
    ],
    ["an annotated tag", line(`${one} refs/tags/v1 peeled:${two}`), [{ ref: "refs/tags/v1", oid: one, peeled: two }]],
    ["HEAD of an empty repository", line("unborn HEAD symref-target:refs/heads/main"), []],
    ["an attribute of a later git", line(`${one} refs/heads/main future:1`), [{ ref: "refs/heads/main", oid: one }]],
  ])("%s", async (_, lines, expected) => {
    expect(await read(lines + flush)).toEqual(expected);
  });

  test("may hold more than was asked for", async () => {
    const text = line(`${one} refs/heads/main`) + line(`${two} refs/heads/other`) + line(`${two} HEAD`) + flush;
    const names = (await read(text, ["refs/heads/main", "HEAD"])).map(({ ref }) => ref);
    expect(names).toEqual(["refs/heads/main", "HEAD"]);
  });

  test.each([
    ["cut short", line(`${one} refs/heads/main`), "SourceInvalid", "ends too early"],
    ["cut short in a line", `${line(`${one} refs/heads/main`)}003d${one}`, "SourceInvalid", "middle of a packet"],
    ["empty", "", "SourceInvalid", "ends too early"],
    ["a reference without a name", line(one) + flush, "SourceInvalid", "not of the Git protocol"],
    ["an object that is none", line("HEAD refs/heads/main") + flush, "SourceInvalid", "not of the Git protocol"],
    [
      "a tag that points to no object",
      line(`${one} refs/tags/v1 peeled:../../etc`) + flush,
      "SourceInvalid",
      "not of the Git protocol",
    ],
    ["an error", line("ERR no such repository"), "SourceDenied", "the server says: no such repository"],
  ])("that is %s is refused", async (_, text, code, message) => {
    const failure = await read(text).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code });
    expect(String(failure)).toContain(message);
  });
});

test("a list keeps no more references than anybody has", () => {
  const list = new RefList(["refs/pull/"]);
  const add = (from: number, to: number) => {
    for (let n = from; n <= to; n++) list.add({ ref: `refs/pull/${n}`, oid: one });
  };
  add(1, 250_000);
  list.add({ ref: "refs/heads/main", oid: one });
  expect(() => add(250_001, 250_001)).toThrow("the repository has more than 250000 references");
});
