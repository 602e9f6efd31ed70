import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createForgeHttp } from "./http.ts";

const never = new AbortController().signal;
const open = () => createForgeHttp("http://127.0.0.1:9/api/v1", { access: { token: "secret" }, userAgent: "test" });

test.each([
  "http://127.0.0.1:10/api/v1/next",
  "https://127.0.0.1:9/api/v1/next",
  "http://127.0.0.1/next",
  "http://127.0.0.2:9/api/v1/next",
])("the token goes to no other server, wherever the next page is said to be: %s", async (url) => {
  await expect(open().send({ method: "GET", url }, never)).rejects.toMatchObject({
    code: "ForgeRefused",
    message: expect.stringContaining("must not get the token"),
  });
});

test("what is out of reach is not asked", async () => {
  const network = { named: [], apiServers: [], near: "private", unnamed: "none" } as const;
  for (const host of ["127.0.0.1", "localhost"]) {
    const api = `http://${host}:9/api/v1`;
    const http = createForgeHttp(api, { access: { token: "secret" }, userAgent: "test", network });
    await expect(http.send({ method: "GET", url: api }, never)).rejects.toMatchObject({
      code: "ForgeDenied",
      message: expect.stringContaining("a loopback address"),
    });
    await http.close();
  }
});

test.each([
  [
    "a page that costs more than it weighs",
    200,
    `[${Array(200_000).fill("{}")}]`,
    "answers with more than 50000 values",
  ],
  ["a failure that does", 422, `[${Array(200_000).fill("{}")}]`, "answers with more than 50000 values"],
  ["a long text with all signs of JSON", 200, JSON.stringify({ patch: '[{,"\\'.repeat(100_000) }), undefined],
])("%s", async (_, status, text, refused) => {
  const server = createServer((_request, response) => response.writeHead(status).end(text));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  const http = createForgeHttp(api, { access: { token: "secret" }, userAgent: "test" });
  try {
    const answer = http.send({ method: "GET", url: api }, never);
    if (refused === undefined) expect((await answer).body.toString()).toBe(text);
    else
      await expect(answer).rejects.toMatchObject({ code: "ForgeRefused", message: expect.stringContaining(refused) });
  } finally {
    await http.close();
    server.close();
  }
});
