import type { ClientChannel } from "ssh2";
import { Failure } from "../../../model/failure.ts";
import { oneLine } from "../../../model/text/one-line.ts";
import type { Credentials } from "../../credentials/credentials.ts";
import type { Reach } from "../../reach/reach.ts";
import type { RepositoryUrl } from "../../url.ts";
import { splitAtFlush } from "../wire/pkt-line.ts";
import { maxRefBytes } from "../wire/server-refs.ts";
import type { GitService, GitTransport, ProtocolVersion } from "./git-transport.ts";
import { sshConnection } from "./ssh-connection.ts";

/**
 * Git over SSH: every call is one `git upload-pack` (or `receive-pack`), on a connection that is kept. The command sends its
 * advertisement first, and then answers one request.
 */
export function sshTransport(
  url: RepositoryUrl,
  credentials: Credentials,
  { service, reach }: { readonly service: GitService; readonly reach: Reach },
): GitTransport {
  const connection = sshConnection(url, credentials, reach);
  const command = `${service} ${quoted(url.path.replace(/^\/~/, "~"))}`;
  const start = (version: ProtocolVersion, signal: AbortSignal): Promise<ClientChannel> =>
    connection.exec(command, version === 2 ? { GIT_PROTOCOL: "version=2" } : {}, signal);

  return {
    async *advertisement(version, signal) {
      const answer = answerOf(await start(version, signal), url, signal);
      try {
        yield (await splitAtFlush(answer, maxRefBytes)).head;
      } finally {
        await answer.return(undefined);
      }
    },
    async *exchange(request, version, signal) {
      const channel = await start(version, signal);
      const answer = answerOf(channel, url, signal);
      try {
        const { rest } = await splitAtFlush(answer, maxRefBytes);
        channel.end(request);
        yield* rest;
      } finally {
        await answer.return(undefined);
      }
    },
    close: async () => connection.close(),
  };
}

/** For the shell on the other side: within single quotes nothing is special but the quote. git quotes `!` as well. */
function quoted(path: string): string {
  return `'${path.replace(/['!]/g, "'\\$&'")}'`;
}

/** The output of the command, as it arrives. Throws on an abort, and where the command prints nothing of Git. */
async function* answerOf(channel: ClientChannel, url: RepositoryUrl, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stop = (): void => void channel.destroy();
  signal.addEventListener("abort", stop, { once: true });
  // The reader below gets the error; what comes after it is of no use.
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
  const reason = oneLine(complaint);
  return new Failure("SourceInvalid", {
    message: `there is no repository at ${url.address}${reason === "" ? "" : `; the server says: ${reason}`}`,
    hint: "check the path, and that the key may read it",
  });
}
