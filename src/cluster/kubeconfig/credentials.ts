import { readFile } from "node:fs/promises";
import { createSingleFlight } from "../../clock/index.ts";
import { Failure } from "../../model/failure.ts";
import { abortable } from "../failures/abortable.ts";
import { type Credential, type ExecPlugin, runExecPlugin } from "./exec-plugin.ts";
import type { Login, Material } from "./kubeconfig.ts";
import { type OidcProvider, oidcLogin } from "./oidc.ts";

/** A client certificate with its key, PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What a request is authenticated by, besides the kubeconfig's own certificate. */
export interface Authentication {
  /** The header of the same name. */
  readonly authorization?: string;
  readonly certificate?: ClientCertificate;
}

/**
 * Gives the authentication of the next request; `fresh` after the last one was refused. Throws the signal's reason: a login that
 * several wait for goes on for the others.
 */
export type Credentials = (fresh: boolean, signal?: AbortSignal) => Promise<Authentication>;

/** How long a token read from a file is used: the kubelet rotates it well before it expires, as client-go assumes. */
const tokenFileAgeMs = 60_000;

/** The text of a file or of data. Throws `UsageInvalid` where the file cannot be read. */
export async function readMaterial(material: Material): Promise<string> {
  if ("data" in material) return material.data.toString();
  try {
    return await readFile(material.file, "utf8");
  } catch (cause) {
    throw new Failure("UsageInvalid", { message: `kubeconfig: cannot read ${material.file}` }, { cause });
  }
}

/**
 * Logs in. Throws `Unauthorized` where a plugin fails, `Interrupted` after an abort; so do the credentials, and where a token
 * file cannot be read.
 */
export async function logIn(login: Login, signal: AbortSignal): Promise<Credentials> {
  switch (login.type) {
    case "anonymous":
      return always({});
    case "token":
      return always(bearer(login.token));
    case "basic": {
      const userPassword = Buffer.from(`${login.username}:${login.password}`).toString("base64");
      return always({ authorization: `Basic ${userPassword}` });
    }
    case "tokenFile":
      return fromFile(login.file);
    case "exec":
      return fromExec(login.plugin, signal);
    case "oidc":
      return fromOidc({ ...login.provider, ...(login.ca === undefined ? {} : { ca: await readMaterial(login.ca) }) });
  }
}

function always(authentication: Authentication): Credentials {
  return async () => authentication;
}

function bearer(token: string): Authentication {
  return { authorization: `Bearer ${token}` };
}

function fromFile(file: string): Credentials {
  let held: { readonly header: Authentication; readonly until: number } | undefined;
  return async (fresh) => {
    if (held === undefined || fresh || performance.now() > held.until) {
      held = { header: bearer(await readToken(file)), until: performance.now() + tokenFileAgeMs };
    }
    return held.header;
  };
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw new Failure("Unauthorized", { message: `cannot read the token file ${file}` }, { cause });
  }
}

/** Runs the program at once, when nothing else is waited for; and again when its credential expires or is refused. */
async function fromExec(plugin: ExecPlugin, signal: AbortSignal): Promise<Credentials> {
  const current = kept((ends) => runExecPlugin(plugin, ends));
  await abortable(current(false, signal), signal);
  return async (fresh, ends) => authenticationOf(await current(fresh, ends));
}

async function fromOidc(provider: OidcProvider): Promise<Credentials> {
  const login = oidcLogin(provider);
  const flights = createSingleFlight<Credential>();
  // It ends by its own time limits, though nobody may wait: where each refresh token counts once, the answer holds the next one.
  return async (fresh, signal) => authenticationOf(await flights.run("", () => login(fresh), signal));
}

/** Keeps a credential until it expires; one request for it serves all who wait, and ends with the last of them. */
export function kept(
  request: (signal: AbortSignal) => Promise<Credential>,
): (fresh: boolean, signal?: AbortSignal) => Promise<Credential> {
  const flights = createSingleFlight<Credential>();
  let held: Credential | undefined;
  const renew = async (signal: AbortSignal) => {
    held = await request(signal);
    return held;
  };
  return async (fresh, signal) => {
    const isValid = held !== undefined && (held.expires === undefined || held.expires.getTime() > Date.now());
    return held !== undefined && isValid && !fresh ? held : flights.run("", renew, signal);
  };
}

function authenticationOf({ token, cert, key }: Credential): Authentication {
  return {
    ...(token === undefined ? {} : bearer(token)),
    ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }),
  };
}
