import { generateKeyPairSync, verify } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { installationToken, type PostToGithub } from "./github-app.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const app = {
  id: "12345",
  installationId: "67",
  privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  baseUrl: "https://api.github.com",
};
const never = new AbortController().signal;
const hour = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-01-01T00:00:00Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A GitHub that gives one token after another, each for an hour, and what it was asked. */
function github(status = 201) {
  const asked: { readonly url: string; readonly authorization: string }[] = [];
  const ask: PostToGithub = async (url, { authorization = "" }) => {
    asked.push({ url, authorization });
    const body = { token: `token ${asked.length}`, expires_at: new Date(Date.now() + hour).toISOString() };
    return { status, body: status === 201 ? body : undefined };
  };
  return { ask, asked };
}

describe("the token of an installation", () => {
  test("is asked for where GitHub documents it, with a token of the app's own", async () => {
    const { ask, asked } = github();
    await installationToken(app, ask)(never);
    expect(asked[0]?.url).toBe("https://api.github.com/app/installations/67/access_tokens");
    const [header = "", claims = "", signature = ""] = (asked[0]?.authorization ?? "")
      .replace("Bearer ", "")
      .split(".");
    const decoded = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
    expect(decoded(header)).toEqual({ alg: "RS256", typ: "JWT" });
    const now = Date.parse("2026-01-01T00:00:00Z") / 1000;
    expect(decoded(claims)).toEqual({ iat: now - 60, exp: now + 540, iss: "12345" });
    const signed = Buffer.from(`${header}.${claims}`);
    expect(verify("sha256", signed, publicKey, Buffer.from(signature, "base64url"))).toBe(true);
  });

  test("is kept until five minutes before it ends", async () => {
    const { ask, asked } = github();
    const token = installationToken(app, ask);
    expect(await token(never)).toBe("token 1");
    vi.advanceTimersByTime(54 * 60_000);
    expect(await token(never)).toBe("token 1");
    vi.advanceTimersByTime(60_000);
    expect(await token(never)).toBe("token 2");
    expect(asked).toHaveLength(2);
  });

  test("that was refused is asked for anew", async () => {
    const { ask, asked } = github(500);
    const token = installationToken(app, ask);
    for (let times = 0; times < 2; times++) await expect(token(never)).rejects.toThrow("answers with status 500");
    expect(asked).toHaveLength(2);
  });

  test("cannot lead to another path of the API", async () => {
    const { ask, asked } = github();
    await installationToken({ ...app, installationId: "../../user" }, ask)(never);
    expect(asked[0]?.url).toBe("https://api.github.com/app/installations/..%2F..%2Fuser/access_tokens");
  });
});

describe("what goes wrong", () => {
  test.each([
    [401, "SourceDenied", "issues no token for installation 67 of app 12345 (401)"],
    [403, "SourceDenied", "(403)"],
    [404, "SourceDenied", "(404)"],
    [429, "SourceUnreachable", "answers with status 429"],
    [502, "SourceUnreachable", "answers with status 502"],
  ])("status %i is %s", async (status, code, message) => {
    const failure = await installationToken(app, github(status).ask)(never).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code });
    expect(String(failure)).toContain(message);
  });

  test.each([
    ["without a token", { expires_at: "2026-01-01T01:00:00Z" }],
    ["without an end", { token: "t" }],
    ["of another kind", []],
    ["of nothing", undefined],
  ])("an answer %s is none", async (_, body) => {
    const token = installationToken(app, async () => ({ status: 201, body }));
    await expect(token(never)).rejects.toMatchObject({ code: "SourceUnreachable" });
  });

  test("a key that is none is named, and not shown", async () => {
    const token = installationToken({ ...app, privateKey: "s3cret" }, github().ask);
    const failure = await token(never).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: "SourceInvalid" });
    expect(String(failure)).toContain("the private key under githubAppPrivateKey cannot be read");
    expect(String(failure)).not.toContain("s3cret");
  });
});
