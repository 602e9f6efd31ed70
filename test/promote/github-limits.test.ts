import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Json } from "../../src/model/json/json.ts";
import { createForge } from "../../src/promote/index.ts";
import { failureOf } from "../source/expectations.ts";
import { type Exchange, startContract } from "./contract.ts";

const never = new AbortController().signal;
const second = "2".repeat(40);
const docs = "https://docs.github.com/en/rest";
const root = "/api/v3/repos/acme/environment";

describe("how GitHub is asked, and left alone", () => {
  const open = async (exchanges: readonly Exchange[]) => {
    const contract = await startContract(exchanges);
    const forge = await createForge({
      type: "github",
      url: contract.url,
      repository: "acme/environment",
      access: { token: "gho_secret" },
      userAgent: "mooring/test",
    });
    onTestFinished(() => forge.close());
    return { contract, forge };
  };
  const reference = (code: number, answer: Json, more: Partial<Exchange> = {}): Exchange => ({
    page: `${docs}/git/refs#get-a-reference`,
    method: "GET",
    path: `${root}/git/ref/heads%2Fproduction`,
    status: code,
    answer,
    ...more,
  });

  it("asks with the mark of the last answer, and takes 304 for the same", async () => {
    const at = { ref: "refs/heads/production", object: { type: "commit", sha: second } };
    const { contract, forge } = await open([
      reference(200, at, { answerHeaders: { etag: '"abc"' } }),
      {
        page: `${docs}/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate`,
        method: "GET",
        path: `${root}/git/ref/heads%2Fproduction`,
        headers: { "if-none-match": '"abc"' },
        status: 304,
      },
    ]);
    expect(await forge.branchHead("production", never)).toBe(second);
    expect(await forge.branchHead("production", never)).toBe(second);
    expect(contract.breaches()).toEqual([]);
  });

  const limits = `${docs}/using-the-rest-api/rate-limits-for-the-rest-api`;
  it.each([
    ["the primary limit", 403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "4000000000" }],
    ["a secondary limit", 403, { "retry-after": "1800" }],
    ["a secondary limit without a word", 429, {}],
  ])("leaves GitHub alone after %s", async (_, code, answerHeaders) => {
    const limited = reference(code, { message: "API rate limit exceeded" }, { page: limits, answerHeaders });
    const { contract, forge } = await open([limited]);
    for (const again of [1, 2, 3]) {
      const failure = await failureOf(forge.branchHead("production", never));
      expect([again, failure.code]).toEqual([again, "ForgeBusy"]);
      expect(failure.retryAt?.getTime()).toBeGreaterThan(Date.now());
    }
    expect(contract.breaches()).toEqual([]);
  });

  it.each([
    [401, "ForgeDenied"],
    [403, "ForgeDenied"],
    [422, "ForgeRefused"],
    [500, "ForgeUnreachable"],
    [301, "ForgeRefused"],
  ])("turns %i into %s, and never shows the token", async (code, expected) => {
    const { contract, forge } = await open([reference(code, { message: "Bad credentials" })]);
    const failure = await failureOf(forge.branchHead("production", never));
    expect(failure.code).toBe(expected);
    expect(JSON.stringify(failure.problems)).not.toContain("gho_secret");
    expect(contract.breaches()).toEqual([]);
  });

  it("says that nobody is there", async () => {
    const options = { type: "github", repository: "acme/environment", access: { token: "t" }, userAgent: "x" } as const;
    const forge = await createForge({ ...options, url: "http://127.0.0.1:9" });
    onTestFinished(() => forge.close());
    expect((await failureOf(forge.branchHead("production", never))).code).toBe("ForgeUnreachable");
    const aborted = await failureOf(forge.branchHead("production", AbortSignal.abort()));
    expect(aborted.code).toBe("Interrupted");
  });

  it("comes in as an app, with a token that it asks for once", async () => {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs1", format: "pem" },
      publicKeyEncoding: { type: "pkcs1", format: "pem" },
    });
    const at = { ref: "refs/heads/production", object: { type: "commit", sha: second } };
    const asApp = reference(200, at, { headers: { authorization: "Bearer ghs_installation" } });
    const contract = await startContract([
      {
        page: `${docs}/apps/apps#create-an-installation-access-token-for-an-app`,
        method: "POST",
        path: "/api/v3/app/installations/42/access_tokens",
        status: 201,
        answer: { token: "ghs_installation", expires_at: "2100-01-01T00:00:00Z" },
      },
      asApp,
      asApp,
    ]);
    const githubApp = { id: "1", installationId: "42", privateKey, baseUrl: `${contract.url}/api/v3` };
    const options = { type: "github", repository: "acme/environment", userAgent: "mooring/test" } as const;
    const forge = await createForge({ ...options, url: contract.url, access: { githubApp } });
    onTestFinished(() => forge.close());
    expect(await forge.branchHead("production", never)).toBe(second);
    expect(await forge.branchHead("production", never)).toBe(second);
    expect(forge.git.credentials).toEqual({ githubApp, ca: undefined });
    expect(contract.breaches()).toEqual([]);
  });

  it("pushes with the token as git does", async () => {
    const { contract, forge } = await open([]);
    const credentials = { username: "x-access-token", password: "gho_secret", ca: undefined };
    expect(forge.git).toEqual({ url: `${contract.url}/acme/environment.git`, credentials });
  });
});
