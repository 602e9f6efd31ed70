import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { Failure } from "../../model/failure.ts";
import { stringAt } from "../../model/json/json.ts";
import type { GithubApp } from "../credentials/credentials.ts";

/** Sends a request to GitHub's API; gives the status and the body as JSON. */
export type PostToGithub = (
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly body: unknown }>;

/** Tokens live an hour; a new one is requested this long before the end. */
const spareMs = 5 * 60_000;

/**
 * The token of an app's installation, requested when it is needed and kept while it lasts: a JSON Web Token signed with
 * the app's key is exchanged for it. Throws `Failure`: SourceDenied, SourceUnreachable, SourceInvalid (the key).
 * Upstream: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
 */
export function installationToken(app: GithubApp, post: PostToGithub): (signal: AbortSignal) => Promise<string> {
  let current: { readonly token: string; readonly expiresAt: number } | undefined;
  return async (signal) => {
    if (current !== undefined && current.expiresAt - spareMs > Date.now()) return current.token;
    const url = `${app.baseUrl}/app/installations/${encodeURIComponent(app.installationId)}/access_tokens`;
    const headers = { accept: "application/vnd.github+json", authorization: `Bearer ${webToken(app, Date.now())}` };
    const { status, body } = await post(url, headers, signal);
    const [token, expiresAt] = [stringAt(body, "token"), stringAt(body, "expires_at")];
    if (status !== 201 || token === undefined || expiresAt === undefined) throw refusal(app, status);
    current = { token, expiresAt: Date.parse(expiresAt) };
    return token;
  };
}

/** Begins a minute early, for clocks that differ; GitHub takes no more than ten minutes. */
function webToken(app: GithubApp, now: number): string {
  const seconds = Math.floor(now / 1000);
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = encode({ iat: seconds - 60, exp: seconds + 540, iss: app.id });
  const unsigned = `${encode({ alg: "RS256", typ: "JWT" })}.${claims}`;
  return `${unsigned}.${sign("sha256", Buffer.from(unsigned), keyOf(app)).toString("base64url")}`;
}

function keyOf(app: GithubApp): KeyObject {
  try {
    return createPrivateKey(app.privateKey);
  } catch {
    throw new Failure("SourceInvalid", {
      message: "the private key under githubAppPrivateKey cannot be read",
      hint: "put the PEM file there that GitHub created for the app",
    });
  }
}

function refusal(app: GithubApp, status: number): Failure {
  if (status === 401 || status === 403 || status === 404) {
    return new Failure("SourceDenied", {
      message: `${app.baseUrl} issues no token for installation ${app.installationId} of app ${app.id} (${status})`,
      hint: "check githubAppID, githubAppInstallationID and githubAppPrivateKey in the Secret",
    });
  }
  return new Failure("SourceUnreachable", { message: `${app.baseUrl} answers with status ${status}` });
}
