import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { expiryOf, oidcLogin, tokenEndpointOf } from "./oidc.ts";

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
/** A JWT that expires so many seconds from now; nobody here looks at its signature. */
const jwt = (seconds: number, name = "") =>
  `${encoded({ alg: "none" })}.${encoded({ exp: Math.floor(Date.now() / 1000) + seconds, name })}.signature`;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const refusal = { error: "invalid_client" };

/** An identity provider that answers requests for tokens in order, and what it was asked. */
async function provider(answers: readonly unknown[], status = 200, discovery: object = {}) {
  const asked: { readonly authorization: string | undefined; readonly form: Readonly<Record<string, string>> }[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const issuer = `http://${request.headers.host}`;
    if (request.url === "/.well-known/openid-configuration") {
      response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token`, ...discovery }));
      return;
    }
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    asked.push({ authorization: request.headers.authorization, form });
    const answer = answers[asked.length - 1] ?? {};
    response.writeHead(answer === refusal ? 401 : status).end(JSON.stringify(answer));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  closing.push(() => server.close());
  return { issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe("an ID token", () => {
  test("that is valid is used without a request", async () => {
    const idToken = jwt(3600);
    expect(await oidcLogin({ idToken })(false)).toEqual({ token: idToken, expires: expiryOf(idToken) });
  });

  test.each([
    ["that has expired", jwt(-5), false],
    ["that is about to expire", jwt(5), false],
    ["that is none", "opaque", false],
    ["that was refused", jwt(3600), true],
  ])("%s is replaced by means of the refresh token", async (_, idToken, fresh) => {
    const next = jwt(3600, "next");
    const { issuer, asked } = await provider([{ id_token: next }]);
    const login = oidcLogin({ idToken, refreshToken: "r1", issuer: `${issuer}/`, clientId: "kubernetes" });
    expect((await login(fresh)).token).toBe(next);
    expect((await login(false)).token).toBe(next);
    const form = { grant_type: "refresh_token", refresh_token: "r1", client_id: "kubernetes" };
    expect(asked).toEqual([{ authorization: undefined, form }]);
  });

  test("is asked for with the client's secret and the latest refresh token", async () => {
    const { issuer, asked } = await provider([{ id_token: jwt(-5), refresh_token: "r2" }, { id_token: jwt(3600) }]);
    const login = oidcLogin({ refreshToken: "r1", issuer, clientId: "a:b", clientSecret: "s" });
    await login(false);
    await login(false);
    expect(asked.map(({ form }) => form.refresh_token)).toEqual(["r1", "r2"]);
    // RFC 6749, 2.3.1: both are form-encoded before they are joined.
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from("a%3Ab:s").toString("base64")}`);
    // Okta refuses a client that names itself twice.
    expect(asked[0]?.form).toEqual({ grant_type: "refresh_token", refresh_token: "r1" });
  });

  test("is asked for with the secret in the form where it is refused in the header", async () => {
    const next = jwt(3600);
    const { issuer, asked } = await provider([refusal, { id_token: next }]);
    const login = oidcLogin({ refreshToken: "r1", issuer, clientId: "kubernetes", clientSecret: "s" });
    expect((await login(false)).token).toBe(next);
    const form = { grant_type: "refresh_token", refresh_token: "r1", client_id: "kubernetes", client_secret: "s" };
    expect(asked[1]).toEqual({ authorization: undefined, form });
  });
});

describe("a login that gives no token says why, and not with which", () => {
  const expired = { idToken: jwt(-5), refreshToken: "hunter2", clientId: "kubernetes" };

  test.each<readonly [string, () => Promise<object>, string]>([
    ["nothing to ask with", async () => ({ idToken: expired.idToken }), "has expired"],
    ["a refusal", async () => ({ ...expired, issuer: (await provider([], 400)).issuer }), "answers HTTP 400"],
    ["no ID token", async () => ({ ...expired, issuer: (await provider([{}])).issuer }), "gave no ID token"],
    ["nobody there", async () => ({ ...expired, issuer: "http://127.0.0.1:1" }), "does not answer"],
    ["no URL", async () => ({ ...expired, issuer: "issuer" }), "does not answer"],
  ])("%s", async (_, of, words) => {
    const thrown = await oidcLogin(await of())(false).catch((reason: unknown) => reason);
    expect(thrown).toMatchObject({ code: "Unauthorized", message: expect.stringContaining(words) });
    expect(String(thrown)).not.toContain("hunter2");
  });
});

test.each<readonly [string, string, unknown, string]>([
  ["https", "https://idp", { token_endpoint: "https://other/token" }, "https://other/token"],
  ["http of an http issuer", "http://idp", { token_endpoint: "http://idp/token" }, "http://idp/token"],
  [
    "http of an https issuer",
    "https://u:hunter2@idp/x",
    { token_endpoint: "http://idp/token" },
    "https://idp has https, and",
  ],
  ["no URL", "https://idp", { token_endpoint: "/token" }, "https://idp has https, and"],
  ["none", "https://u:hunter2@idp/x", {}, "https://idp names no token endpoint"],
])("a token endpoint: %s", (_, issuer, discovery, expected) => {
  const found = (() => {
    try {
      return tokenEndpointOf(issuer, discovery);
    } catch (thrown) {
      return String(thrown);
    }
  })();
  expect(found).toContain(expected);
  expect(found).not.toContain("hunter2");
});

const long = "x".repeat(1_100_000);

test.each<readonly [string, readonly unknown[], object]>([
  ["discovery", [], { long }],
  ["tokens", [{ id_token: long }], {}],
])("an answer is read up to a limit: %s", async (_, answers, discovery) => {
  const { issuer } = await provider(answers, 200, discovery);
  await expect(oidcLogin({ refreshToken: "hunter2", issuer, clientId: "kubernetes" })(false)).rejects.toMatchObject({
    code: "Unauthorized",
    message: expect.stringContaining(`${issuer} answers with more than 1048576 bytes`),
  });
});

test("an issuer is named without what may be secret in it", async () => {
  const issuer = "http://user:hunter2@127.0.0.1:1/realms/hunter2";
  const thrown = await oidcLogin({ refreshToken: "r", issuer, clientId: "k" })(false).catch(
    (reason: unknown) => reason,
  );
  expect(String(thrown)).toContain("http://127.0.0.1:1 does not answer");
  expect(String(thrown)).not.toContain("hunter2");
});

test("a long page in place of a token is not waited for", { timeout: 15_000 }, async () => {
  const { issuer } = await provider(["a".repeat(16 * 1024 ** 2)], 500);
  const login = oidcLogin({ refreshToken: "r1", issuer, clientId: "kubernetes" });
  await expect(login(false)).rejects.toMatchObject({
    code: "Unauthorized",
    message: expect.stringContaining("HTTP 500"),
  });
});

test.each([
  ["a JWT", `${encoded({})}.${encoded({ exp: 1_767_225_600 })}.s`, new Date("2026-01-01T00:00:00Z")],
  ["a JWT without an end", `${encoded({})}.${encoded({})}.s`, undefined],
  ["no JSON", "a.b.c", undefined],
  ["one part", "opaque", undefined],
  ["none", undefined, undefined],
])("the end of %s", (_, token, expected) => {
  expect(expiryOf(token)).toEqual(expected);
});
