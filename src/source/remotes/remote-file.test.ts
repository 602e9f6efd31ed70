import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { HttpSession } from "../http/http-session.ts";
import { getFile } from "./remote-file.ts";

const never = new AbortController().signal;
const url = "https://raw.example.com/web.yaml";

interface Answered {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A session with a server that gives these answers, one after another. */
function sessionOf(...answers: readonly Answered[]) {
  const requests: { readonly url: string; readonly headers: unknown }[] = [];
  const session: HttpSession = {
    async send(to, { headers }) {
      const {
        status,
        headers: given = {},
        body = "",
      } = answers[requests.push({ url: to, headers }) - 1] ?? { status: 500 };
      const stream = Object.assign(Readable.from([Buffer.from(body)]), { dump: async () => undefined });
      return { statusCode: status, headers: given, body: stream } as never;
    },
    close: async () => undefined,
  };
  return { session, requests };
}

const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");

describe("a file", () => {
  test("comes with what the server wants to be asked with the next time", async () => {
    const headers = { etag: '"1"', "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" };
    const { session } = sessionOf({ status: 200, headers, body: "kind: Service\n" });
    expect(await getFile(session, url, undefined, never)).toMatchObject({
      digest: digestOf("kind: Service\n"),
      validators: { "if-none-match": '"1"', "if-modified-since": "Thu, 01 Jan 2026 00:00:00 GMT" },
    });
  });

  test("that is the same still is the known one", async () => {
    const known = { content: Buffer.from("a"), digest: digestOf("a"), validators: { "if-none-match": '"1"' } };
    const { session, requests } = sessionOf({ status: 304 });
    expect(await getFile(session, url, known, never)).toBe(known);
    expect(requests[0]?.headers).toEqual({ "if-none-match": '"1"' });
  });

  test.each([404, 410, 401, 500, 304, 206 + 100])("that is not there is a status: %i", async (status) => {
    expect(await getFile(sessionOf({ status }).session, url, undefined, never)).toBe(status);
  });

  test("of more than 16 MiB is refused", async () => {
    const { session } = sessionOf({ status: 200, body: "x".repeat(16 * 1024 ** 2 + 1) });
    await expect(getFile(session, url, undefined, never)).rejects.toMatchObject({ code: "InputTooLarge" });
  });
});

describe("a redirect", () => {
  const to = (location: string, status = 302) => ({ status, headers: { location } });
  test.each([
    ["to another server", "https://cdn.example.org/x", "https://cdn.example.org/x"],
    ["to a path", "/other.yaml", "https://raw.example.com/other.yaml"],
    ["to a name beside it", "other.yaml", "https://raw.example.com/other.yaml"],
  ])("%s is followed", async (_, location, at) => {
    const { session, requests } = sessionOf(to(location), { status: 200, body: "a" });
    expect(await getFile(session, url, undefined, never)).toMatchObject({ digest: digestOf("a") });
    expect(requests[1]?.url).toBe(at);
  });

  test.each(["http://raw.example.com/web.yaml", "file:///etc/passwd", "http://[", "data:text/plain,a"])(
    "to %s is refused",
    async (location) => {
      const { session, requests } = sessionOf(to(location));
      await expect(getFile(session, url, undefined, never)).rejects.toMatchObject({
        code: "SourceInvalid",
        message: `${url} redirects to what is not HTTPS`,
      });
      expect(requests).toHaveLength(1);
    },
  );

  test("from http may lead to either", async () => {
    for (const location of ["http://b.example.com/x", "https://b.example.com/x"]) {
      const { session } = sessionOf(to(location), { status: 200, body: "a" });
      expect(await getFile(session, "http://a.example.com/x", undefined, never)).toMatchObject({
        digest: digestOf("a"),
      });
    }
  });

  test("without a place is a status", async () => {
    expect(await getFile(sessionOf({ status: 302 }).session, url, undefined, never)).toBe(302);
  });

  test("is followed ten times, and no more", async () => {
    const ten = Array.from({ length: 10 }, () => to("/x"));
    expect(await getFile(sessionOf(...ten, { status: 200, body: "a" }).session, url, undefined, never)).toMatchObject({
      digest: digestOf("a"),
    });
    const { session, requests } = sessionOf(...ten, to("/x"), { status: 200 });
    await expect(getFile(session, url, undefined, never)).rejects.toThrow(`${url} redirects more than 10 times`);
    expect(requests).toHaveLength(11);
  });
});
