import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { ownMachine, ownReach } from "../../reach/reach.ts";
import { httpTransport } from "./http-transport.ts";

const never = new AbortController().signal;
const advertised = { "content-type": "application/x-git-upload-pack-advertisement" };

/** A server that answers as it is told, what it was sent, and the way to it. */
async function serverOf(answer: RequestListener) {
  const requests: IncomingMessage[] = [];
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    requests.push(request);
    let body = "";
    for await (const piece of request) body += piece;
    bodies.push(body);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/env.git`;
  const settings = { userAgent: "mooring/test", reach: ownReach(ownMachine), service: "git-upload-pack" } as const;
  const transport = httpTransport(address, {}, settings);
  onTestFinished(async () => {
    await transport.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { address, requests, bodies, transport };
}

async function read(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts).toString();
}

describe("Git over HTTP, as gitprotocol-http(5) has it", () => {
  test("gets the advertisement, and names the version it speaks", async () => {
    const { transport, requests } = await serverOf((_, response) => response.writeHead(200, advertised).end("refs"));
    expect(await read(transport.advertisement(2, never))).toBe("refs");
    expect(await read(transport.advertisement(0, never))).toBe("refs");
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(
      Array(2).fill("GET /env.git/info/refs?service=git-upload-pack"),
    );
    expect(requests.map(({ headers }) => headers["git-protocol"])).toEqual(["version=2", undefined]);
  });

  test("posts a request, and gets the answer", async () => {
    const { transport, requests, bodies } = await serverOf((_, response) => response.end("answer"));
    expect(await read(transport.exchange(Buffer.from("request"), 2, never))).toBe("answer");
    expect(bodies).toEqual(["request"]);
    expect(requests[0]).toMatchObject({
      method: "POST",
      url: "/env.git/git-upload-pack",
      headers: {
        "content-type": "application/x-git-upload-pack-request",
        accept: "application/x-git-upload-pack-result",
        "git-protocol": "version=2",
      },
    });
  });

  test.each([
    ["in capitals", "Application/X-Git-Upload-Pack-Advertisement"],
    ["with a parameter", "application/x-git-upload-pack-advertisement; charset=utf-8"],
  ])("takes the type %s", async (_, type) => {
    const { transport } = await serverOf((_, response) =>
      response.writeHead(200, { "content-type": type }).end("refs"),
    );
    expect(await read(transport.advertisement(2, never))).toBe("refs");
  });

  test.each([
    ["a web page", { "content-type": "text/html" }],
    ["a file of the dumb protocol", { "content-type": "text/plain; charset=utf-8" }],
    ["the other service", { "content-type": "application/x-git-receive-pack-advertisement" }],
    ["nothing in particular", {}],
  ])("takes %s for no Git repository", async (_, headers) => {
    const { transport, address } = await serverOf((_, response) =>
      response.writeHead(200, headers).end("001e# service"),
    );
    await expect(read(transport.advertisement(2, never))).rejects.toMatchObject({
      code: "SourceInvalid",
      message: `${address} answers, but not as a Git repository (check the URL)`,
    });
  });

  test.each([401, 404, 500])("says of status %i what it means, and nothing of the body", async (status) => {
    const { transport } = await serverOf((_, response) => response.writeHead(status).end("secret of the server"));
    for (const asking of [transport.advertisement(2, never), transport.exchange(Buffer.from("x"), 2, never)]) {
      const failure = await read(asking).catch((thrown: unknown) => String(thrown));
      expect(failure).toContain(`(${status})`.replace("(500)", "status 500"));
      expect(failure).not.toContain("secret of the server");
    }
  });
});

describe("a redirect of the advertisement", () => {
  test("moves the requests after it as well", async () => {
    const { transport, requests } = await serverOf(({ url = "" }, response) => {
      if (url.startsWith("/env.git/"))
        response.writeHead(301, { location: url.replace("/env.git", "/moved.git") }).end();
      else response.writeHead(200, advertised).end("refs");
    });
    await read(transport.advertisement(2, never));
    await read(transport.exchange(Buffer.from("x"), 2, never));
    await read(transport.advertisement(2, never));
    expect(requests.map(({ url = "" }) => url.split("/")[1])).toEqual([
      "env.git",
      "moved.git",
      "moved.git",
      "moved.git",
    ]);
  });

  test.each([
    ["is gone", (response: ServerResponse) => response.writeHead(404).end()],
    ["is a repository no more", (response: ServerResponse) => response.end("<html>")],
    ["breaks off", (response: ServerResponse) => response.destroy()],
  ])("is followed anew where what it led to %s", async (_, fail) => {
    let isBack = false;
    const { transport } = await serverOf(({ url = "" }, response) => {
      const isHome = url.startsWith("/env.git/");
      if (isHome === isBack) response.writeHead(200, advertised).end("refs");
      else if (isHome) response.writeHead(302, { location: url.replace("/env.git", "/moved.git") }).end();
      else fail(response);
    });
    expect(await read(transport.advertisement(2, never))).toBe("refs");
    isBack = true;
    await expect(read(transport.advertisement(2, never))).rejects.toThrow();
    expect(await read(transport.advertisement(2, never))).toBe("refs");
  });

  test.each([
    ["to what is no repository", "/login"],
    ["to another program", "ssh://git.example.com/env.git/info/refs"],
    ["to nothing", "http://["],
  ])("%s is not followed", async (_, location) => {
    const { transport, requests } = await serverOf((_, response) => response.writeHead(302, { location }).end());
    await expect(read(transport.advertisement(2, never))).rejects.toThrow("answers with status 302");
    expect(requests).toHaveLength(1);
  });

  test("of a request is not followed", async () => {
    const { transport, requests } = await serverOf(({ url }, response) =>
      response.writeHead(307, { location: url }).end(),
    );
    await expect(read(transport.exchange(Buffer.from("x"), 2, never))).rejects.toThrow("answers with status 307");
    expect(requests).toHaveLength(1);
  });
});
