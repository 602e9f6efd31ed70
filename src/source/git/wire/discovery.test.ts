import { describe, expect, test } from "vitest";
import { Failure } from "../../../model/failure.ts";
import type { GitTransport } from "../transport/git-transport.ts";
import { discovery } from "./discovery.ts";
import { packRequester } from "./pack-requester.ts";
import { packet } from "./pkt-line.ts";

const [one, two] = ["1".repeat(40), "2".repeat(40)];
const never = new AbortController().signal;
const line = (text: string) => packet(text).toString();
const version2 = `${["version 2", "ls-refs", "fetch=shallow filter"].map(line).join("")}0000`;
const version0 = `${line(`${one} HEAD\0side-band-64k`)}${line(`${one} refs/heads/main`)}${line(`${two} refs/tags/v1`)}0000`;
const listed = `${line(`${one} refs/heads/main`)}0000`;

/** A server that answers what it is told to, one after another, and what it was asked for. */
function serverOf(answers: readonly (string | Failure)[]) {
  const requests: string[] = [];
  async function* next(request: string): AsyncGenerator<Uint8Array> {
    const answer = answers[requests.push(request) - 1] ?? "";
    if (typeof answer !== "string") throw answer;
    yield Buffer.from(answer);
  }
  const transport: GitTransport = {
    advertisement: (version) => next(`advertisement ${version}`),
    exchange: (request, version) => next(`${/command=\S+|want/.exec(request.toString())?.[0]} ${version}`),
    close: async () => undefined,
  };
  return { requests, transport, server: discovery(transport, { address: "https://git.test/env", agent: "mooring/1" }) };
}

const namesOf = (refs: readonly { readonly ref: string }[]) => refs.map(({ ref }) => ref);

describe("a server of version 2", () => {
  test("is asked for its capabilities once, and for references alone after that", async () => {
    const { server, requests } = serverOf([version2, listed, listed]);
    expect(namesOf(await server.listRefs(["refs/heads/main"], never))).toEqual(["refs/heads/main"]);
    expect(namesOf(await server.listRefs(["refs/heads/main"], never))).toEqual(["refs/heads/main"]);
    expect((await server.dialect(never)).version).toBe(2);
    expect(requests).toEqual(["advertisement 2", "command=ls-refs 2", "command=ls-refs 2"]);
  });

  test("that is asked how to speak to it first needs not be asked again", async () => {
    const { server, requests } = serverOf([version2, listed]);
    expect((await server.dialect(never)).capabilities.has("filter")).toBe(true);
    await server.listRefs([""], never);
    expect(requests).toEqual(["advertisement 2", "command=ls-refs 2"]);
  });

  test("that fails may be another one the next time", async () => {
    const broken = new Failure("SourceUnreachable", { message: "gone" });
    const { server, requests } = serverOf([version2, broken, version0]);
    await expect(server.listRefs(["refs/"], never)).rejects.toBe(broken);
    expect(namesOf(await server.listRefs(["refs/"], never))).toEqual(["refs/heads/main", "refs/tags/v1"]);
    expect(requests).toEqual(["advertisement 2", "command=ls-refs 2", "advertisement 2"]);
  });

  test.each([
    ["a list that is cut short", listed.slice(0, -4)],
    ["a page of a proxy", "<html>"],
  ])("that answers with %s is asked anew", async (_, answer) => {
    const { server, requests } = serverOf([version2, answer, version2, listed]);
    await expect(server.listRefs([""], never)).rejects.toMatchObject({ code: "SourceInvalid" });
    expect(namesOf(await server.listRefs([""], never))).toEqual(["refs/heads/main"]);
    expect(requests).toHaveLength(4);
  });
});

describe("a server from before version 2", () => {
  test("says its references with its capabilities, each time", async () => {
    const { server, requests } = serverOf([version0, version0]);
    expect(namesOf(await server.listRefs(["HEAD", "refs/heads/"], never))).toEqual(["HEAD", "refs/heads/main"]);
    expect(namesOf(await server.listRefs(["refs/tags/"], never))).toEqual(["refs/tags/v1"]);
    expect(await server.dialect(never)).toMatchObject({ version: 0 });
    expect(requests).toEqual(["advertisement 2", "advertisement 2"]);
  });
});

describe("a request for a pack", () => {
  const request = { want: one, haves: [], depth: 1, commitsOnly: false };
  const piece = "0009\x01PACK0000";
  test.each([
    ["in version 2", version2, "want 2"],
    ["in version 0", version0, "want 0"],
  ])("goes out %s, as the server speaks", async (_, advertised, sent) => {
    const { server, transport, requests } = serverOf([advertised, piece]);
    const pieces: Uint8Array[] = [];
    for await (const one of packRequester(transport, server, "mooring/1")(request, never)) pieces.push(one);
    expect(Buffer.concat(pieces).toString()).toBe("PACK");
    expect(requests[1]?.endsWith(sent.slice(-2))).toBe(true);
    expect(requests).toHaveLength(2);
  });
});
