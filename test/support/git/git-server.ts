import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenOnFreePort } from "../process/listen.ts";
import { git } from "./git-command.ts";

/** Who may come in, and what may be asked for. */
export interface GitServerOptions {
  /** `git` unless said otherwise. */
  readonly username?: string;
  /** With a password every request needs basic authentication; without one, anybody may read and push. */
  readonly password?: string;
  /** Whether any commit may be asked for by its id (`uploadpack.allowAnySHA1InWant`). Yes unless said otherwise. */
  readonly allowAnySha1InWant?: boolean;
  /** Whether clones may be partial (`uploadpack.allowFilter`). Yes unless said otherwise. */
  readonly allowFilter?: boolean;
}

/** One request as it came in; the path is without its query. */
export interface GitRequest {
  readonly method: string;
  readonly path: string;
}

/** A Git server over HTTP on loopback: the real `git http-backend`. */
export interface GitServer {
  /** `http://127.0.0.1:<port>`, no slash at the end. */
  readonly url: string;
  /** Where the repositories are, as `<name>.git`. */
  readonly root: string;
  readonly repoUrl: (name: string) => string;
  /** The repository's URL with the credentials in it, for a work tree. */
  readonly pushUrl: (name: string) => string;
  /** The folder of a repository on this disk, for what would take too long over the network. */
  readonly folder: (name: string) => string;
  /** An empty repository. Answers with its URL. */
  readonly createRepo: (name: string) => Promise<string>;
  /** Every request so far. */
  readonly requests: readonly GitRequest[];
  /** Closes every connection and removes the repositories. */
  readonly stop: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** Starts a server with no repositories on a free port. */
export async function startGitServer(options: GitServerOptions = {}): Promise<GitServer> {
  const root = await mkdtemp(join(tmpdir(), "mooring-git-server-"));
  const requests: GitRequest[] = [];
  const server = createServer((request, response) => {
    requests.push({ method: request.method ?? "GET", path: pathOf(request).path });
    if (isAllowed(request, options)) return runBackend(root, request, response);
    response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end("authentication required");
  });
  const port = await listenOnFreePort(server);
  const url = `http://127.0.0.1:${port}`;
  const { username = "git", password } = options;
  const credentials = password === undefined ? "" : `${encodeURIComponent(username)}:${encodeURIComponent(password)}@`;
  const repoUrl = (name: string): string => `${url}/${name}.git`;
  const folder = (name: string): string => join(root, `${name}.git`);
  const stop = (): Promise<void> => close(server, root);
  return {
    url,
    root,
    repoUrl,
    pushUrl: (name) => `http://${credentials}127.0.0.1:${port}/${name}.git`,
    folder,
    createRepo: async (name) => {
      await createBareRepo(folder(name), options);
      return repoUrl(name);
    },
    requests,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function createBareRepo(dir: string, options: GitServerOptions): Promise<void> {
  await mkdir(dir, { recursive: true });
  await git(dir, "init", "-q", "--bare");
  const settings = {
    "http.receivepack": true,
    "uploadpack.allowAnySHA1InWant": options.allowAnySha1InWant ?? true,
    "uploadpack.allowFilter": options.allowFilter ?? true,
  };
  for (const [key, value] of Object.entries(settings)) await git(dir, "config", key, String(value));
}

function isAllowed(request: IncomingMessage, { username = "git", password }: GitServerOptions): boolean {
  if (password === undefined) return true;
  const expected = Buffer.from(`${username}:${password}`).toString("base64");
  return request.headers.authorization === `Basic ${expected}`;
}

function pathOf(request: IncomingMessage): { readonly path: string; readonly query: string } {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
  return { path: pathname, query: search.slice(1) };
}

/** One request, handed to git as a CGI program (RFC 3875; `git help http-backend` names the variables it reads). */
function runBackend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { path, query } = pathOf(request);
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      REQUEST_METHOD: request.method,
      PATH_INFO: decodeURIComponent(path),
      QUERY_STRING: query,
      CONTENT_TYPE: request.headers["content-type"],
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"],
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REMOTE_ADDR: "127.0.0.1",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  // Git may answer without having read the whole request.
  child.stdin.on("error", () => undefined);
  child.once("error", () => response.writeHead(500).end());
  response.once("close", () => child.kill());
  let head = Buffer.alloc(0);
  child.stdout.on("data", (chunk: Buffer) => {
    if (response.headersSent) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end >= 0) writeHead(response, head.subarray(0, end).toString("latin1")).write(head.subarray(end + 4));
  });
  child.stdout.once("end", () => response.end());
}

function writeHead(response: ServerResponse, head: string): ServerResponse {
  let status = 200;
  for (const line of head.split("\r\n")) {
    const [name = "", value = ""] = line.split(/:\s*(.*)/s);
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  return response.writeHead(status);
}

async function close(server: Server, root: string): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
}
