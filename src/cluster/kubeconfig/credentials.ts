import { readFile } from "node:fs/promises";
import { createSingleFlight } from "../../clock/index.ts";
import { Failure } from "../../model/failure.ts";
import { type Credential, type ExecPlugin, runExecPlugin } from "./exec-plugin.ts";
import type { Login, Material } from "./kubeconfig.ts";
import { type OidcProvider, oidcLogin } from "./oidc.ts";

/** Gives the `authorization` header of the next request; `fresh` after the last one was refused. */
export type Credentials = (fresh: boolean) => Promise<string | undefined>;

/** How long a token read from a file is used: the kubelet rotates it well before it expires, as client-go assumes. */
const tokenFileAgeMs = 60_000;

/** What a login gives: a source of headers and, where a program logs in by certificate, that certificate. */
export interface LoggedIn {
  readonly credentials: Credentials;
  readonly cert?: string;
  readonly key?: string;
}

/** The text of a file or of data. Throws `UsageInvalid` where the file cannot be read. */
export async function readMaterial(material: Material): Promise<string> {
  if ("data" in material) return material.data.toString();
  try {
    return await readFile(material.file, "utf8");
  } catch (cause) {
    throw new Failure("UsageInvalid", { message: `kubeconfig: cannot read ${material.file}` }, { cause });
  }
}

/** Logs in. Throws `Unauthorized` where a plugin fails; so do `credentials`, and where a token file cannot be read. */
export async function logIn(login: Login): Promise<LoggedIn> {
  switch (login.type) {
    case "anonymous":
      return { credentials: async () => undefined };
    case "token":
      return { credentials: always(`Bearer ${login.token}`) };
    case "basic":
      return { credentials: always(`Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`) };
    case "tokenFile":
      return { credentials: fromFile(login.file) };
    case "exec":
      return fromExec(login.plugin);
    case "oidc":
      return fromOidc({ ...login.provider, ...(login.ca === undefined ? {} : { ca: await readMaterial(login.ca) }) });
  }
}

function always(header: string): Credentials {
  return async () => header;
}

function fromFile(file: string): Credentials {
  let held: { header: string; until: number } | undefined;
  return async (fresh) => {
    if (held === undefined || fresh || performance.now() > held.until) {
      held = { header: `Bearer ${await readToken(file)}`, until: performance.now() + tokenFileAgeMs };
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

/** Runs the program at once, as it may give a client certificate; and again when its credential expires or is refused. */
async function fromExec(plugin: ExecPlugin): Promise<LoggedIn> {
  const run = kept(() => runExecPlugin(plugin));
  const { cert, key } = await run(false);
  return {
    credentials: async (fresh) => headerOf(await run(fresh)),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

async function fromOidc(provider: OidcProvider): Promise<LoggedIn> {
  const login = oidcLogin(provider);
  const flights = createSingleFlight<Credential>();
  return { credentials: async (fresh) => headerOf(await flights.run("", () => login(fresh))) };
}

/** Keeps a credential until it expires; one request for it serves all who wait. */
function kept(request: () => Promise<Credential>): (fresh: boolean) => Promise<Credential> {
  const flights = createSingleFlight<Credential>();
  let held: Credential | undefined;
  return async (fresh) => {
    const isValid = held !== undefined && (held.expires === undefined || held.expires.getTime() > Date.now());
    if (held !== undefined && isValid && !fresh) return held;
    held = await flights.run("", request);
    return held;
  };
}

function headerOf({ token }: Credential): string | undefined {
  return token === undefined ? undefined : `Bearer ${token}`;
}
