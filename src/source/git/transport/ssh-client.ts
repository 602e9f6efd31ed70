import type { GitHttpRequest, GitHttpResponse } from "isomorphic-git";
import type { ClientChannel } from "ssh2";
import { Failure } from "../../../model/failure.ts";
import { oneLine } from "../../../model/text/one-line.ts";
import type { Credentials } from "../../credentials/credentials.ts";
import type { Reach } from "../../reach/reach.ts";
import type { RepositoryUrl } from "../../url.ts";
import { flush, packet, splitAtFlush } from "../wire/pkt-line.ts";
import { collect, type GitService, type GitTransport, maxAdvertisementBytes } from "./git-transport.ts";
import { sshConnection } from "./ssh-connection.ts";

const maxRequestBytes = 1024 ** 2;
/** What an HTTP server writes before its references; over SSH nobody does. */
const announcementOf = (service: GitService): Buffer => Buffer.concat([packet(`# service=${service}`), flush]);

/**
 * Git over SSH behind isomorphic-git's `http` port: every request is one `git upload-pack` (or `receive-pack`), on a connection that is kept.
 * It says its references first, as an HTTP server answers a GET, and then answers the one request it gets.
 */
export function sshTransport(
  url: RepositoryUrl,
  credentials: Credentials,
  { service, reach }: { readonly service: GitService; readonly reach: Reach },
): GitTransport {
  const connection = sshConnection(url, credentials, reach);
  const command = `${service} ${quoted(url.path.replace(/^\/~/, "~"))}`;

  const send = async (wanted: GitHttpRequest, signal: AbortSignal): Promise<GitHttpResponse> => {
    const headers = new Headers(wanted.headers);
    const version = headers.get("git-protocol");
    const env: Record<string, string> = version === null ? {} : { GIT_PROTOCOL: version };
    const channel = await connection.exec(command, env, signal);
    const { head, rest } = await splitAtFlush(answerOf(channel, url, signal), maxAdvertisementBytes);
    if (wanted.method !== "POST") {
      await rest.return(undefined);
      return gitResponse(wanted, service, pieces([announcementOf(service), head]));
    }
    channel.end(await collect(wanted.body, maxRequestBytes));
    return gitResponse(wanted, service, rest);
  };
  return {
    // isomorphic-git takes only such addresses; nobody is asked for it.
    address: "https://over-ssh.invalid",
    during: (signal) => ({ request: (wanted) => send(wanted, signal) }),
    close: async () => connection.close(),
  };
}

function gitResponse(
  wanted: GitHttpRequest,
  service: GitService,
  body: AsyncIterableIterator<Uint8Array>,
): GitHttpResponse {
  const headers = { "content-type": `application/x-${service}-advertisement` };
  return { url: wanted.url, statusCode: 200, statusMessage: "OK", headers, body };
}

/** For the shell on the other side: within single quotes nothing is special but the quote. git quotes `!` as well. */
function quoted(path: string): string {
  return `'${path.replace(/['!]/g, "'\\$&'")}'`;
}

/** What the server says, as it comes. Throws where the signal ends it, or the command fails without a word of Git. */
async function* answerOf(channel: ClientChannel, url: RepositoryUrl, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stop = (): void => void channel.destroy();
  signal.addEventListener("abort", stop, { once: true });
  // Who reads hears of an error by himself; after that it is nobody's.
  channel.on("error", () => undefined);
  let complaint = "";
  channel.stderr.on("data", (piece: Buffer) => {
    if (complaint.length < 1000) complaint += piece.toString("utf8");
  });
  let silent = true;
  try {
    signal.throwIfAborted();
    for await (const piece of channel as AsyncIterable<Buffer>) {
      // Gitea writes an empty line where it refuses; Git's own lines begin with their length.
      if (/\S/.test(piece.toString("latin1"))) silent = false;
      yield piece;
    }
    if (silent) throw noRepository(url, complaint);
  } finally {
    signal.removeEventListener("abort", stop);
    channel.close();
  }
}

function noRepository(url: RepositoryUrl, complaint: string): Failure {
  const said = oneLine(complaint);
  return new Failure("SourceInvalid", {
    message: `there is no repository at ${url.address}${said === "" ? "" : `; the server says: ${said}`}`,
    hint: "check the path, and that the key may read it",
  });
}

async function* pieces(all: readonly Buffer[]): AsyncIterableIterator<Buffer> {
  yield* all;
}
