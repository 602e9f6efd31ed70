import type { Credentials } from "../../credentials/credentials.ts";
import type { HttpSettings } from "../../http/http-session.ts";
import type { RepositoryUrl } from "../../url.ts";
import type { GitService, GitTransport } from "./git-transport.ts";
import { httpTransport } from "./http-transport.ts";
import { sshTransport } from "./ssh-transport.ts";

/** The way to a repository that its URL asks for. Over HTTP both services are spoken to, over SSH the named one alone. */
export function openTransport(
  url: RepositoryUrl,
  credentials: Credentials,
  { service, ...settings }: HttpSettings & { readonly service: GitService },
): GitTransport {
  if (url.transport === "ssh") return sshTransport(url, credentials, { service, reach: settings.reach });
  return httpTransport(url.address, credentials, { service, ...settings });
}
