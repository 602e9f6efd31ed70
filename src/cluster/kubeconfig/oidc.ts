import type { Response } from "undici";
import { Failure } from "../../model/failure.ts";
import { numberAt, stringAt } from "../../model/json/json.ts";
import type { Credential } from "./exec-plugin.ts";

/** The `auth-provider` of the name `oidc`: an ID token, and how to get the next one. */
export interface OidcProvider {
  readonly idToken?: string;
  readonly refreshToken?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Of the identity provider, PEM; the system's where there is none. */
  readonly ca?: string;
}

/** An ID token is renewed this long before it expires, as client-go does (`expiryDelta`). */
const marginMs = 10_000;

/** Of an answer: tokens with many groups have some ten thousand. */
const mostBytes = 1024 * 1024;

/** Gives ID tokens, each until it expires or is refused. */
export type OidcLogin = (fresh: boolean) => Promise<Credential>;

/**
 * Logs in by OpenID Connect as client-go's `oidc` provider does: the kubeconfig's ID token while it is valid, then the one
 * that the refresh token gives. New tokens stay in memory: the kubeconfig is not written. Throws `Unauthorized`.
 */
export function oidcLogin(provider: OidcProvider): OidcLogin {
  let { idToken, refreshToken } = provider;
  return async (fresh) => {
    const expires = expiryOf(idToken);
    const isValid = expires !== undefined && expires.getTime() - marginMs > Date.now();
    if (idToken !== undefined && isValid && !fresh) return { token: idToken, expires };
    const { issuer, clientId } = provider;
    if (refreshToken === undefined || issuer === undefined || clientId === undefined) {
      throw noToken("its ID token has expired, and it has no refresh-token, client-id and idp-issuer-url for another");
    }
    const answer = await requestTokens({ ...provider, issuer, clientId, refreshToken });
    idToken = stringAt(answer, "id_token");
    refreshToken = stringAt(answer, "refresh_token") ?? refreshToken;
    if (idToken === undefined) throw noToken("the identity provider gave no ID token");
    const next = expiryOf(idToken);
    return { token: idToken, ...(next === undefined ? {} : { expires: next }) };
  };
}

/** The `exp` of a JWT, whose signature is for the API server to check; undefined for what is none. */
export function expiryOf(token: string | undefined): Date | undefined {
  const [, payload = ""] = token?.split(".") ?? [];
  try {
    const seconds = numberAt(JSON.parse(Buffer.from(payload, "base64url").toString()), "exp");
    return seconds === undefined ? undefined : new Date(seconds * 1000);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return undefined;
  }
}

type Refreshable = OidcProvider & { readonly issuer: string; readonly clientId: string; readonly refreshToken: string };

/** https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokens */
async function requestTokens(provider: Refreshable): Promise<unknown> {
  const { issuer, ca } = provider;
  const { Agent, fetch } = await import("undici");
  const dispatcher = new Agent(ca === undefined ? {} : { connect: { ca } });
  const send = (url: string, init: object): Promise<Response> =>
    fetch(url, { ...init, dispatcher, redirect: "error", signal: AbortSignal.timeout(30_000) });
  try {
    const discovery = await jsonOf(await send(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {}));
    const endpoint = tokenEndpointOf(issuer, discovery);
    const [first, second] = refreshRequests(provider);
    const response = await send(endpoint, first);
    const isRefused = response.status === 400 || response.status === 401;
    return await jsonOf(isRefused && second !== undefined ? await send(endpoint, second) : response);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    // The message of the cause may quote what was sent.
    throw new Failure("Unauthorized", noToken(`${shownOrigin(issuer)} does not answer`).problems, { cause });
  } finally {
    // To close it would be to wait for the rest of a body that nobody reads.
    await dispatcher.destroy();
  }
}

/**
 * Where tokens are requested, by the answer of an issuer's discovery. A refresh token and a client's secret are sent there, so
 * that of an https issuer is https too. Throws `Unauthorized`.
 */
export function tokenEndpointOf(issuer: string, discovery: unknown): string {
  const endpoint = stringAt(discovery, "token_endpoint");
  if (endpoint === undefined) throw noToken(`${shownOrigin(issuer)} names no token endpoint`);
  if (isHttps(endpoint) || !isHttps(issuer)) return endpoint;
  throw noToken(`${shownOrigin(issuer)} has https, and names a token endpoint that has not`);
}

async function jsonOf(response: Response): Promise<unknown> {
  const { origin } = new URL(response.url);
  if (!response.ok) throw noToken(`${origin} answers HTTP ${response.status}`);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    size += part.length;
    if (size > mostBytes) throw noToken(`${origin} answers with more than ${mostBytes} bytes`);
  }
  return JSON.parse(Buffer.concat(parts).toString());
}

function isHttps(url: string): boolean {
  return URL.parse(url)?.protocol === "https:";
}

/** The rest of a URL may hold credentials. */
function shownOrigin(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null || parsed.host === "" ? "the identity provider" : parsed.origin;
}

/**
 * The request, and where the client has a secret another one: some providers take it only in the header, some only in the
 * form, and none in both. In the order of client-go's oauth2 (`AuthStyleAutoDetect`).
 */
function refreshRequests({ refreshToken, clientId, clientSecret = "" }: Refreshable): readonly [object, object?] {
  const form = { grant_type: "refresh_token", refresh_token: refreshToken };
  const post = (fields: Readonly<Record<string, string>>, headers = {}) => ({
    method: "POST",
    body: new URLSearchParams({ ...form, ...fields }),
    headers,
  });
  if (clientSecret === "") return [post({ client_id: clientId })];
  const login = [clientId, clientSecret].map(encodeURIComponent).join(":");
  const authorization = `Basic ${Buffer.from(login).toString("base64")}`;
  return [post({}, { authorization }), post({ client_id: clientId, client_secret: clientSecret })];
}

function noToken(why: string): Failure {
  const hint = "log in again with the tool that wrote the kubeconfig";
  return new Failure("Unauthorized", { message: `the kubeconfig's OIDC login gave no token: ${why}`, hint });
}
