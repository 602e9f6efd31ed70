import { posix } from "node:path";
import type { Cluster } from "../../../cluster/index.ts";
import { Failure } from "../../../model/failure.ts";
import { plainPath } from "../../../model/path.ts";
import { parseRepositoryUrl, type RepositoryUrl } from "../../../source/index.ts";
import { checkAccess, type Granted, grantAccess, waitForAccess } from "../../bootstrap/access.ts";
import { type Committed, commitFiles, findBranch } from "../../bootstrap/commit.ts";
import { followItself } from "../../bootstrap/follow.ts";
import { repositoryFiles, type Wanted } from "../../bootstrap/layout.ts";
import { type Login, readLogin } from "../../bootstrap/login.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { usualNamespace, withCluster } from "../../environment/environments.ts";
import { agentComponents, type Components } from "../../install/components.ts";
import { installAgent } from "../../install/install.ts";
import { managedBy, refuseSecond, refuseUnlocking } from "../../install/installed.ts";
import { withProgress } from "../../print/progress.ts";
import { programVersion } from "../../version.ts";

/** `mooring bootstrap`. */
export const bootstrap = defineCommand({
  description:
    "Installs the agent, commits its objects and an Environment to a repository, and lets the agent follow them. From then on the agent is managed and upgraded in Git. Pushes with your own git and its credentials; the agent reads with its own deploy key over SSH, or with the token over HTTPS. Run it again to upgrade or repair: it changes only what differs.",
  arguments: {},
  flags: {
    url: { type: "string", value: "URL", summary: "Repository: ssh://, user@host:path, https:// or http://" },
    branch: { type: "string", value: "NAME", default: "main", summary: "Branch to follow" },
    path: { type: "string", value: "DIR", summary: "Folder for this cluster, relative to the root of the repository" },
    image: { type: "string", value: "IMAGE", summary: "Agent image to use instead of the one for this version" },
    "known-hosts": {
      type: "string",
      value: "FILE",
      summary: "File with the SSH host keys; defaults to ~/.ssh/known_hosts, then a prompt",
    },
    username: { type: "string", value: "NAME", default: "git", summary: "User name for the token" },
    "token-env": { type: "string", value: "NAME", summary: "Environment variable with the token for HTTPS" },
    "token-file": { type: "string", value: "FILE", summary: "File with the token; - is standard input" },
    timeout: { type: "duration", default: "10m", summary: "How long to wait for each step" },
  },
  idle: [{ beside: "token-env", flags: ["token-file"], why: "only one token can be used" }],
  examples: [
    {
      text: "Over SSH; prints the deploy key to add to the repository, and waits for it",
      line: "mooring bootstrap --url ssh://git@git.example.com/acme/fleet.git --path clusters/production",
    },
    {
      text: "Over HTTPS, with a token from the environment",
      line: "mooring bootstrap --url https://git.example.com/acme/fleet.git --path clusters/staging --token-env GIT_TOKEN",
    },
  ],
  async run(context) {
    const { flags, global } = context;
    const { address, wanted } = wantedOf(flags, global.namespace ?? usualNamespace);
    const login = await readLogin(context, flags);
    if (login !== undefined && address.transport === "ssh") {
      throw new Failure("UsageInvalid", { message: "a token needs https://; over SSH the agent uses a deploy key" });
    }
    const components = await agentComponents(wanted.namespace, flags);
    return withCluster(context, async (cluster) => {
      const access = { namespace: wanted.namespace, url: address, login, knownHosts: flags["known-hosts"] };
      const granted = await grantAccess(context, cluster, access);
      await checkRepository(context, wanted, { address, login, granted });
      await ensureAgent(context, cluster, wanted.namespace, { components, timeoutMs: flags.timeout });
      const complete = { ...wanted, secret: granted.secret };
      const { commit } = await publish(context, complete, { components, login });
      await granted.store();
      const { url, branch } = wanted;
      await waitForAccess(context, { url, branch, timeoutMs: flags.timeout }, granted.credentials);
      return followItself(context, cluster, { wanted: complete, commit, timeoutMs: flags.timeout });
    });
  },
});

function wantedOf(
  flags: { readonly url: string | undefined; readonly path: string | undefined; readonly branch: string },
  namespace: string,
): { readonly address: RepositoryUrl; readonly wanted: Omit<Wanted, "secret"> } {
  const { url, branch, path: folder } = flags;
  if (url === undefined || folder === undefined) {
    const hint =
      "for instance: mooring bootstrap --url ssh://git@git.example.com/acme/fleet.git --path clusters/production";
    throw new Failure("UsageInvalid", {
      message: "--url and --path are required: they say where the agent's objects go",
      hint,
    });
  }
  const path = plainPath(folder);
  if (posix.normalize(folder).split("/").includes("..")) {
    throw new Failure("UsageInvalid", { message: `--path: ${folder} is outside the repository` });
  }
  return { address: addressOf(url), wanted: { namespace, url, branch, path } };
}

/** Throws `Failure` (UsageInvalid): the URL stands on the command line. */
function addressOf(url: string): RepositoryUrl {
  try {
    return parseRepositoryUrl(url);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === "SourceInvalid")
      throw new Failure("UsageInvalid", thrown.problems, { cause: thrown });
    throw thrown;
  }
}

/**
 * Sees to it that the repository answers before anything is installed: to the user's own git, and over HTTP to what the agent
 * will fetch with. Over SSH that is a key that a person may have to add first.
 */
async function checkRepository(
  context: Context,
  { url, branch }: Omit<Wanted, "secret">,
  { address, login, granted }: { address: RepositoryUrl; login: Login | undefined; granted: Granted },
): Promise<void> {
  const { env, stderr, signal } = context;
  const options = { env, login: login === undefined ? undefined : { ...login, url }, mayAsk: stderr.isTerminal };
  await withProgress(stderr, "Asking the repository", async () => {
    const there = await findBranch({ url, branch }, options, signal);
    if (there && address.transport === "http") await checkAccess({ url, branch }, granted.credentials, signal);
  });
}

/** Installs the agent, or leaves one that manages itself to its repository. */
async function ensureAgent(
  context: Context,
  cluster: Cluster,
  namespace: string,
  { components, timeoutMs }: { readonly components: Components; readonly timeoutMs: number },
): Promise<void> {
  await refuseSecond(cluster, namespace, context.signal);
  const owner = await managedBy(cluster, namespace, context.signal);
  if (owner !== undefined) return;
  await refuseUnlocking(cluster, namespace, context.signal);
  await installAgent(context, cluster, { ...components, dryRun: false, timeoutMs });
}

/** Sees to it that the repository holds the agent. */
async function publish(
  context: Context,
  wanted: Wanted,
  { components, login }: { readonly components: Components; readonly login: Login | undefined },
): Promise<Committed> {
  const { url, branch } = wanted;
  const files = await repositoryFiles(wanted, components.yaml);
  const message = `Add the agent of Mooring ${programVersion}`;
  const { env, stdout, stderr, signal } = context;
  const options = { env, login: login === undefined ? undefined : { ...login, url }, mayAsk: stderr.isTerminal };
  const done = await withProgress(stderr, `Pushing to ${branch}`, () =>
    commitFiles({ url, branch, files, message }, options, signal),
  );
  const what = done.pushed ? "pushed to" : "unchanged in";
  stdout.line(
    `${wanted.path === "" ? "" : `${wanted.path}/`}${wanted.namespace} ${what} ${branch} at ${done.commit.slice(0, 7)}`,
  );
  return done;
}
