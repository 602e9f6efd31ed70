import { Failure } from "../../model/failure.ts";
import { ownMember } from "../../model/json/json.ts";
import type { Credentials } from "../../source/index.ts";
import type { ForgeOptions } from "./access.ts";
import type { Forge } from "./forge.ts";
import { createForgeHttp } from "./http/http.ts";

/**
 * A repository on a forge. Its client library is loaded here, and nothing is asked of the forge yet. Throws `Failure`
 * (SpecInvalid) where a Gitea has no address.
 */
export async function createForge(options: ForgeOptions): Promise<Forge> {
  const { type, repository } = options;
  const url = addressOf(options);
  const api = apiOf(type, url);
  const http = createForgeHttp(api, options);
  const git = { url: `${url}/${repository}.git`, credentials: gitCredentials(options) };
  return { ...(await open()), git, close: http.close };

  async function open(): Promise<Omit<Forge, "git" | "close">> {
    switch (type) {
      case "gitea":
        return (await import("./adapters/gitea.ts")).giteaForge(http, api, repository);
      case "github":
        return (await import("./adapters/github.ts")).githubForge(http, api, repository);
      case "gitlab":
        return (await import("./adapters/gitlab.ts")).gitlabForge(http, api, repository);
    }
  }
}

const publicForges: Readonly<Record<string, string>> = { github: "https://github.com", gitlab: "https://gitlab.com" };

function addressOf({ type, url }: ForgeOptions): string {
  const address = url ?? ownMember(publicForges, type);
  if (address !== undefined) return address.replace(/(?<!\/)\/+$/, "");
  throw new Failure("SpecInvalid", {
    field: "spec.forge.url",
    message: "a Gitea has no default address",
    hint: "such as https://git.example.com",
  });
}

/** Where the API is: https://docs.github.com/en/enterprise-server/rest for GitHub Enterprise Server. */
function apiOf(type: ForgeOptions["type"], url: string): string {
  if (type === "gitea") return `${url}/api/v1`;
  if (type === "gitlab") return `${url}/api/v4`;
  return url === publicForges.github ? "https://api.github.com" : `${url}/api/v3`;
}

/** The user name that each forge wants beside a token; Gitea does not mind. */
const tokenUsers = { github: "x-access-token", gitlab: "oauth2", gitea: "mooring" } as const;

function gitCredentials({ type, access: { token, githubApp, ca } }: ForgeOptions): Credentials {
  if (githubApp !== undefined) return { githubApp, ca };
  return { username: tokenUsers[type], password: token, ca };
}
