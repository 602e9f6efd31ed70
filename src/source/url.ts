import { Failure } from "../model/failure.ts";

/** Where a repository is, taken apart. */
export interface RepositoryUrl {
  readonly transport: "http" | "ssh";
  /** The address without user and password: for requests, messages and as a key. */
  readonly address: string;
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  /** As it is sent over SSH: `/srv/repo.git`, or `acme/repo.git` in the `user@host:path` form. */
  readonly path: string;
}

const scpForm = /^(?:(?<user>[^@/:]+)@)?(?<host>\[[^\]/]+\]|[^@/:-][^@/:]*):(?<path>[^:].*)$/;

/**
 * Reads `https://`, `http://`, `ssh://` and `user@host:path` as git does (git-fetch(1), "GIT URLS").
 * Throws `Failure` (SourceInvalid) for other schemes, and for a URL with a password, which everyone who may read the
 * Environment could read.
 */
export function parseRepositoryUrl(text: string): RepositoryUrl {
  if (text.includes("://")) return parseStandardUrl(text);
  const { user, host, path } = scpForm.exec(text)?.groups ?? {};
  if (host === undefined || path === undefined || path.startsWith("-")) throw notAUrl(text);
  const userPart = user === undefined ? "" : `${user}@`;
  return { transport: "ssh", address: `${userPart}${host}:${path}`, user, host: bare(host), port: undefined, path };
}

function parseStandardUrl(text: string): RepositoryUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || /^(-|$)/.test(url.hostname)) throw notAUrl(text);
  if (url.password !== "") {
    throw new Failure("SourceInvalid", {
      message: `the URL of the repository holds a password: ${redactUrl(text)}`,
      hint: "take it out of the URL and put username and password into the Secret that secretRef names",
    });
  }
  const user = url.username === "" ? undefined : decoded(url.username, text);
  const port = url.port === "" ? undefined : Number(url.port);
  const common = { user, host: bare(url.hostname), port, path: decoded(url.pathname, text) };
  if (url.protocol === "ssh:" || url.protocol === "git+ssh:") {
    return { transport: "ssh", address: `ssh://${user ?? "git"}@${url.host}${url.pathname}`, ...common };
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") throw notAUrl(text);
  const pathname = url.pathname.replace(/(?<!\/)\/+$/, "");
  return { transport: "http", address: `${url.protocol}//${url.host}${pathname}`, ...common };
}

/** The port that a URL means. */
export function portOf({ transport, address, port }: RepositoryUrl): number {
  if (port !== undefined || transport === "ssh") return port ?? 22;
  return address.startsWith("http:") ? 80 : 443;
}

/** The URL without a password or token in it, for messages. */
export function redactUrl(text: string): string {
  return text.replace(/(?<=:\/\/)[^/@]*@/, "***@").replace(/\?.*/s, "");
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

/** A part of the URL, whose `%` may be none. */
function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw notAUrl(text);
  }
}

function notAUrl(text: string): Failure {
  return new Failure("SourceInvalid", {
    message: `not the URL of a Git repository: ${redactUrl(text)}`,
    hint: "https://host/path, http://host/path, ssh://user@host/path and user@host:path are understood",
  });
}
