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
  const { issuer, clientId, clientSecret = "", refreshToken, ca } = provider;
  const { Agent, fetch } = await import("undici");
  const dispatcher = new Agent(ca === undefined ? {} : { connect: { ca } });
  const ask = async (url: string, init: object): Promise<unknown> => {
    const response = await fetch(url, { ...init, dispatcher, redirect: "error", signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw noToken(`${new URL(url).origin} answers HTTP ${response.status}`);
    return response.json();
  };
  try {
    const discovery = await ask(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {});
    const endpoint = stringAt(discovery, "token_endpoint");
    if (endpoint === undefined) throw noToken(`${issuer} names no token endpoint`);
    const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken, client_id: clientId });
    const form = [clientId, clientSecret].map(encodeURIComponent).join(":");
    const basic = { authorization: `Basic ${Buffer.from(form).toString("base64")}` };
    return await ask(endpoint, { method: "POST", body, headers: clientSecret === "" ? {} : basic });
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    // The message of the cause may quote what was sent.
    throw new Failure("Unauthorized", noToken(`${issuer} does not answer`).problems, { cause });
  } finally {
    await dispatcher.close();
  }
}

function noToken(why: string): Failure {
  const hint = "log in again with the tool that wrote the kubeconfig";
  return new Failure("Unauthorized", { message: `the kubeconfig's OIDC login gave no token: ${why}`, hint });
}
