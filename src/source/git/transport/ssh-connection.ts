import type { Client, ClientChannel } from "ssh2";
import { type Alarm, after, reportBug } from "../../../clock/index.ts";
import { heardElsewhere } from "../../../model/async/heard-elsewhere.ts";
import { untilAborted } from "../../../model/async/until-aborted.ts";
import type { Credentials } from "../../credentials/credentials.ts";
import type { Reach } from "../../reach/reach.ts";
import type { RepositoryUrl } from "../../url.ts";
import { connect } from "./ssh-handshake.ts";

/** A connection that is made when it is needed, and kept for a while after. */
export interface SshConnection {
  /** Starts a command on the server. Throws `Failure`: SourceDenied, SourceUnreachable, SourceInvalid. */
  readonly exec: (
    command: string,
    env: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) => Promise<ClientChannel>;
  readonly close: () => void;
}

/** Longer than the requests of one fetch are apart, shorter than a server or a firewall forgets. */
const idleMs = 10_000;

/** The connection to a repository's host, where the reach permits it. */
export function sshConnection(url: RepositoryUrl, credentials: Credentials, reach: Reach): SshConnection {
  let connecting: Promise<Client> | undefined;
  let channels = 0;
  let idle: Alarm | undefined;
  let giveUp = new AbortController();

  const close = (): void => {
    idle?.stop();
    if (connecting !== undefined) heardElsewhere(connecting.then((client) => client.end()));
    // A server that never ends its handshake does not keep the connection.
    giveUp.abort();
    giveUp = new AbortController();
    connecting = undefined;
  };
  const open = (): Promise<Client> => {
    if (connecting !== undefined) return connecting;
    const onClose = () => {
      if (connecting === opened) connecting = undefined;
    };
    const opened = connect({ url, credentials, reach }, onClose, giveUp.signal);
    connecting = opened;
    return opened;
  };
  const begin = (): void => {
    idle?.stop();
    channels++;
  };
  const end = (): void => {
    channels--;
    if (channels === 0) idle = after(idleMs, close, reportBug);
  };

  return {
    async exec(command, env, signal) {
      begin();
      try {
        const client = await untilAborted(open(), signal);
        const channel = await startUntil(client, command, env, signal);
        channel.once("close", end);
        return channel;
      } catch (thrown) {
        end();
        throw thrown;
      }
    },
    close,
  };
}

/** Waits no longer than the signal; a channel that opens too late is closed. */
async function startUntil(
  client: Client,
  command: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ClientChannel> {
  const started = start(client, command, env);
  try {
    return await untilAborted(started, signal);
  } catch (thrown) {
    heardElsewhere(started.then((channel) => channel.destroy()));
    throw thrown;
  }
}

function start(client: Client, command: string, env: Readonly<Record<string, string>>): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, { env }, (error, channel) => (error === undefined ? resolve(channel) : reject(error)));
  });
}
