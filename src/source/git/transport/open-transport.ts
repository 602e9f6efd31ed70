import type { Credentials } from "../../credentials/credentials.ts";
import type { Asking } from "../../http/http-session.ts";
import type { RepositoryUrl } from "../../url.ts";
import type { GitService, GitTransport } from "./git-transport.ts";
import { httpTransport } from "./http-client.ts";
import { sshTransport } from "./ssh-client.ts";

/** The way to a repository that its URL asks for. Over HTTP both services are spoken to, over SSH the named one alone. */
export function openTransport(
  url: RepositoryUrl,
  credentials: Credentials,
  { service, ...asking }: Asking & { readonly service: GitService },
): GitTransport {
  if (url.transport === "ssh") return sshTransport(url, credentials, { service, reach: asking.reach });
  return httpTransport(url.address, credentials, asking);
}
