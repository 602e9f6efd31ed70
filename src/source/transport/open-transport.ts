import type { Credentials } from "../credentials.ts";
import type { RepositoryUrl } from "../url.ts";
import type { GitService, GitTransport } from "./git-transport.ts";
import { httpTransport } from "./http-client.ts";
import { sshTransport } from "./ssh-client.ts";

/** The way to a repository that its URL asks for. Over HTTP both services are spoken to, over SSH the named one alone. */
export function openTransport(
  url: RepositoryUrl,
  credentials: Credentials,
  { userAgent, service }: { readonly userAgent: string; readonly service: GitService },
): GitTransport {
  if (url.transport === "ssh") return sshTransport(url, credentials, service);
  return httpTransport(url.address, credentials, userAgent);
}
