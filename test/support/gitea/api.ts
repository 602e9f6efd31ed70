import { randomBytes } from "node:crypto";
import { type Json, type JsonObject, stringAt } from "../../../src/model/json/json.ts";
import { eventually } from "../wait.ts";

/** An answer of Gitea's API that is no success. */
class GiteaError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "GiteaError";
    this.status = status;
  }
}

/** A user that was made for a test. */
export interface GiteaUser {
  readonly name: string;
  readonly password: string;
  /** A token with the scopes that were asked for. */
  readonly token: string;
}

/** What tests do with a Gitea, as its administrator unless said otherwise. Repositories are named `owner/name`. */
export interface GiteaApi {
  /** One request; `path` is what follows `/api/v1`. Answers with the body, undefined where there is none. Throws `GiteaError`. */
  readonly call: <T = Json>(method: string, path: string, body?: JsonObject, token?: string) => Promise<T>;
  /** A person, with a token of these scopes (`write:repository`, `read:user`, …). */
  readonly createUser: (name: string, scopes: readonly string[]) => Promise<GiteaUser>;
  readonly createOrg: (name: string) => Promise<void>;
  /** An empty private repository, of an organisation or the administrator. Answers with its HTTP URL. */
  readonly createRepo: (repository: string) => Promise<string>;
  /** Lets a user in: `read`, `write` or `admin`. */
  readonly addCollaborator: (repository: string, user: string, permission: string) => Promise<void>;
  /** A key that reads this repository over SSH; `key` is as in authorized_keys. */
  readonly addDeployKey: (repository: string, key: string) => Promise<void>;
  /** Rules for a branch, as `POST /repos/{owner}/{repo}/branch_protections` takes them. */
  readonly protectBranch: (repository: string, branch: string, rules: JsonObject) => Promise<void>;
  /**
   * Waits until the API knows that a branch is at a commit: a moment after `git push` has ended. Before, it answers with
   * the branch's old state, and with a 500 about a repository that was empty.
   */
  readonly untilPushed: (repository: string, branch: string, commit: string) => Promise<void>;
  /** Calls `url` at every push, its body signed with `secret`. */
  readonly addPushWebhook: (repository: string, url: string, secret: string) => Promise<void>;
}

/** The API at `url`, with the administrator's token. */
export function createGiteaApi(url: string, adminToken: string): GiteaApi {
  const request = async (method: string, path: string, body: JsonObject | undefined, authorization: string) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new GiteaError(response.status, `${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  };
  const call: GiteaApi["call"] = async <T>(method: string, path: string, body?: JsonObject, token = adminToken) =>
    (await request(method, path, body, `token ${token}`)) as T;
  const createUser = async (name: string, scopes: readonly string[]): Promise<GiteaUser> => {
    const password = randomBytes(12).toString("hex");
    const email = `${name}@example.com`;
    await call("POST", "/admin/users", { username: name, password, email, must_change_password: false });
    // Tokens are only given to a password.
    const basic = `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
    const made = await request("POST", `/users/${name}/tokens`, { name: "test", scopes: [...scopes] }, basic);
    return { name, password, token: (made as { readonly sha1: string }).sha1 };
  };
  return {
    call,
    createUser,
    createOrg: async (name) => {
      await call("POST", "/orgs", { username: name });
    },
    createRepo: async (repository) => {
      const [owner = "", name = ""] = repository.split("/");
      const isOrg = await call("GET", `/orgs/${owner}`).then(
        () => true,
        () => false,
      );
      const path = isOrg ? `/orgs/${owner}/repos` : "/user/repos";
      await call("POST", path, { name, private: true });
      return `${url}/${repository}.git`;
    },
    addCollaborator: async (repository, user, permission) => {
      await call("PUT", `/repos/${repository}/collaborators/${user}`, { permission });
    },
    addDeployKey: async (repository, key) => {
      const title = randomBytes(4).toString("hex");
      await call("POST", `/repos/${repository}/keys`, { title, key, read_only: true });
    },
    protectBranch: async (repository, branch, rules) => {
      await call("POST", `/repos/${repository}/branch_protections`, { rule_name: branch, ...rules });
    },
    untilPushed: async (repository, branch, commit) => {
      const seen = async (): Promise<boolean> =>
        stringAt(await call("GET", `/repos/${repository}/branches/${branch}`), "commit", "id") === commit;
      await eventually(seen, { what: `${repository} to know ${commit} on ${branch}`, timeout: 60_000 });
    },
    addPushWebhook: async (repository, target, secret) => {
      const config = { url: target, content_type: "json", secret };
      await call("POST", `/repos/${repository}/hooks`, { type: "gitea", active: true, events: ["push"], config });
    },
  };
}
